using Eventide.ServiceDefaults.Problems;

namespace Eventide.Operations.Api;

/// <summary>Query parameters that several routes here share.</summary>
internal static class Query
{
    public const int DefaultPage = 50;
    private const int LargestPage = 200;

    /// <summary>The size of a page; null when it is not one.</summary>
    public static int? Take(string? text) =>
        text is null ? DefaultPage : int.TryParse(text, out var take) && take is >= 1 and <= LargestPage ? take : null;

    public static IResult BadTake() => Problem.Field("take", $"take is a number from 1 to {LargestPage}.");

    /// <summary>The name of one of the values, in whatever case; null text is no choice.</summary>
    public static bool TryChoose<T>(string? text, out T? choice) where T : struct, Enum
    {
        choice = null;
        if (text is null)
        {
            return true;
        }

        foreach (var value in Enum.GetValues<T>())
        {
            if (value.ToString().Equals(text, StringComparison.OrdinalIgnoreCase))
            {
                choice = value;
                return true;
            }
        }

        return false;
    }

    public static string NamesOf<T>() where T : struct, Enum => string.Join(", ", Enum.GetNames<T>());
}
