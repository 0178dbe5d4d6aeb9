using Eventide.Tools.Shops;

namespace Eventide.Tools.Tests.Shops;

public sealed class PatienceTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_service_that_is_away_is_asked_again()
    {
        var asked = 0;

        var answer = await Patience.AskAsync(
            () => ++asked switch { 1 => throw new HttpRequestException("refused"), _ => Task.FromResult(asked) }, _ => true, Long, Cancellation);

        Assert.Equal(2, answer);
    }

    [Fact]
    public async Task What_does_not_answer_the_question_is_asked_again()
    {
        var asked = 0;

        Assert.Equal(2, await Patience.AskAsync(() => Task.FromResult(++asked), answer => answer == 2, Long, Cancellation));
    }

    [Fact]
    public async Task When_the_time_is_up_the_failure_stands() => await Assert.ThrowsAsync<HttpRequestException>(
        () => Patience.AskAsync<int>(() => throw new HttpRequestException("refused"), _ => true, TimeSpan.Zero, Cancellation));

    [Fact]
    public async Task When_the_time_is_up_the_last_answer_stands() =>
        Assert.Equal(503, await Patience.AskAsync(() => Task.FromResult(503), status => status < 500, TimeSpan.Zero, Cancellation));

    [Fact]
    public async Task A_mistake_of_our_own_is_not_repeated()
    {
        var asked = 0;

        await Assert.ThrowsAsync<ToolException>(() => Patience.AskAsync<int>(() => ++asked > 0 ? throw new ToolException("wrong") : Task.FromResult(0), _ => true, Long, Cancellation));
        Assert.Equal(1, asked);
    }
}
