using Eventide.Scaling.Economics;
using Eventide.Scaling.Report;

namespace Eventide.Scaling.Tests.Economics;

public sealed class PricesTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    [Fact]
    public void The_committed_file_names_its_source_and_prices()
    {
        var prices = Prices.Read(Path.Combine(Repository.Root, EconomicsSettings.DefaultPrices));

        Assert.Contains("https://", prices.Source);
        Assert.True(prices is { VCpuHour: > 0, GibHour: > 0, UsablePercent: > 0 and <= 100 }, $"{prices}");
        Assert.Equal((24 * prices.VCpuHour) + (48 * prices.GibHour), prices.Of(24, 48), 9);
    }

    [Theory]
    [InlineData("""{"source":"x","currency":"EUR","vCpuHour":-1,"gibHour":1,"usablePercent":60}""", "a price is negative; vCpuHour and gibHour are 0 or more.")]
    [InlineData("""{"source":"x","currency":"EUR","vCpuHour":1,"gibHour":1,"usablePercent":0}""", "usablePercent is 0; it is more than 0 and at most 100.")]
    [InlineData("""{"source":"x","currency":"EUR","vCpuHour":1,"usablePercent":60}""", "gibHour")]
    [InlineData("""{"source":"x","currency":"EUR","vCpuHour":1,"gibHour":1,"gigHour":1,"usablePercent":60}""", "gigHour")]
    [InlineData("nonsense", "does not say what capacity costs")]
    public void A_file_that_is_wrong_is_named_with_what_is_wrong(string text, string expected)
    {
        File.WriteAllText(_file, text);

        var message = Assert.Throws<InvalidDataException>(() => Prices.Read(_file)).Message;

        Assert.StartsWith(_file, message);
        Assert.Contains(expected, message);
    }

    [Fact]
    public void A_price_on_the_command_line_takes_the_place_of_that_of_the_file_and_of_its_source()
    {
        var file = Path.Combine(Repository.Root, EconomicsSettings.DefaultPrices);

        var prices = new EconomicsSettings(file, VCpuHour: 0.02).Read();

        Assert.Equal((0.02, Prices.Read(file).GibHour, "as given on the command line"), (prices.VCpuHour, prices.GibHour, prices.Source));
        Assert.Throws<InvalidDataException>(() => new EconomicsSettings(file, GibHour: -1).Read());
    }

    public void Dispose() => File.Delete(_file);
}
