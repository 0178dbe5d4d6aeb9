using Eventide.Sidecar.Components;

namespace Eventide.Sidecar.Tests.Components;

public sealed class GoDurationTests
{
    [Theory]
    [InlineData("300ms", 0.3)]
    [InlineData("1.5h", 5400)]
    [InlineData("2h45m", 9900)]
    [InlineData("-2s", -2)]
    [InlineData("1500000ns", 0.0015)]
    [InlineData("30", 30)]
    public void Durations_are_read_as_Go_reads_them(string text, double seconds)
    {
        Assert.True(GoDuration.TryParse(text, TimeSpan.FromSeconds(1), out var duration));
        Assert.Equal(seconds, duration.TotalSeconds, 6);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("s")]
    [InlineData("5 minutes")]
    [InlineData("NaN")]
    [InlineData("1e300")]
    [InlineData("-1e300")]
    [InlineData("9999999999h")]
    [InlineData("2000000h2000000h")]
    public void What_is_no_duration_or_longer_than_Go_can_count_is_refused(string text) =>
        Assert.False(GoDuration.TryParse(text, TimeSpan.FromSeconds(1), out _));
}
