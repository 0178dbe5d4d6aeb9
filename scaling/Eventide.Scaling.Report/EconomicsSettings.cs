using Eventide.Scaling.Economics;

namespace Eventide.Scaling.Report;

/// <summary>What the comparison of the shapes is made of.</summary>
/// <param name="Prices">The file of prices.</param>
/// <param name="VCpuHour">In place of that of the file; null takes it.</param>
/// <param name="GibHour">In place of that of the file; null takes it.</param>
internal sealed record EconomicsSettings(string Prices, double? VCpuHour = null, double? GibHour = null)
{
    /// <summary>The committed prices.</summary>
    public const string DefaultPrices = "scaling/economics.json";

    /// <summary>The prices that apply.</summary>
    /// <exception cref="InvalidDataException">The file is missing or wrong.</exception>
    public Prices Read()
    {
        var prices = Economics.Prices.Read(File.Exists(Prices) ? Prices : throw new InvalidDataException($"{Prices} is missing; --prices names another."));
        var isChanged = VCpuHour is not null || GibHour is not null;
        return (prices with
        {
            VCpuHour = VCpuHour ?? prices.VCpuHour,
            GibHour = GibHour ?? prices.GibHour,
            Source = isChanged ? "as given on the command line" : prices.Source,
        }).Checked("The command line");
    }
}
