using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using ScottPlot;

namespace Eventide.Scaling.Report;

/// <summary>One line of a picture.</summary>
internal sealed record Series(string Name, IReadOnlyList<(double X, double Y)> Points);

/// <summary>
/// Lines over the hours of a day, or over what the ticks say. As SVG its colours are attributes that the page's style sheet overrides, so it follows the reader's light or dark theme, and there
/// is one for wide and one for narrow screens, because text that shrinks with its picture cannot be read on a phone.
/// </summary>
/// <param name="XTicks">The whole horizontal axis, from the first to the last; null is the hours of a day.</param>
internal sealed partial record Figure(string Unit, string XUnit, IReadOnlyList<Series> Series, bool IsLogarithmic = false, bool IsStepped = false, IReadOnlyList<(double At, string Label)>? XTicks = null)
{
    // Stand for roles; page.css says what they look like.
    private const string Ink = "#010203";
    private const string Paper = "#FDFCFB";
    private const string Grid = "#0A0B0C";
    private static readonly string[] Palette = ["#1F77B4", "#FF7F0E", "#2CA02C", "#D62728", "#9467BD", "#8C564B", "#E377C2", "#7F7F7F", "#BCBD22", "#17BECF"];

    public void SavePng(string path) => Draw(960, isNarrow: false).SavePng(path, 960, 320);

    /// <summary>Both sizes, as HTML.</summary>
    public string ToHtml(string label) => $"""
        <div class="wide">{Svg(960, 300, isNarrow: false, label)}</div>
        <div class="narrow">{Svg(420, 320, isNarrow: true, label)}</div>
        """;

    private string Svg(int width, int height, bool isNarrow, string label)
    {
        var svg = Draw(width, isNarrow).GetSvgXml(width, height);
        svg = svg[svg.IndexOf("<svg", StringComparison.Ordinal)..];

        // Clip paths are numbered over all pictures of a process; here the names have to be the same each time, and differ within the page.
        var own = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{label} {width}")))[..8];
        var names = new Dictionary<string, int>(StringComparer.Ordinal);
        svg = ClipNames().Replace(svg, match =>
        {
            names.TryAdd(match.Groups[2].Value, names.Count);
            return $"{match.Groups[1].Value}c{own}_{names[match.Groups[2].Value]}";
        });
        return Numbers().Replace(svg, match => match.Groups[1].Value)
            .Replace($"width=\"{width}\" height=\"{height}\"", $"viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{label}\"", StringComparison.Ordinal);
    }

    private Plot Draw(int width, bool isNarrow)
    {
        var plot = new Plot();
        plot.FigureBackground.Color = Color.FromHex(Paper);
        plot.DataBackground.Color = Color.FromHex(Paper);
        plot.Axes.Color(Color.FromHex(Ink));
        plot.Grid.MajorLineColor = Color.FromHex(Grid);
        foreach (var (index, series) in Series.Index())
        {
            // More points than pixels only make the page larger.
            var points = Thinned(series.Points, width);
            var line = plot.Add.Scatter(points.Select(point => point.X).ToArray(), points.Select(point => IsLogarithmic ? Math.Log10(Math.Max(1e-3, point.Y)) : point.Y).ToArray());
            line.Color = Color.FromHex(Palette[index % Palette.Length]);
            line.LineWidth = 1.5f;
            line.MarkerSize = 0;
            line.ConnectStyle = IsStepped ? ConnectStyle.StepHorizontal : ConnectStyle.Straight;
            line.LegendText = series.Name;
        }

        var ticks = XTicks ?? [.. Hours(isNarrow).Select(hour => ((double)hour, $"{hour}"))];
        plot.Axes.SetLimitsX(ticks[0].At, ticks[^1].At);
        plot.Axes.Bottom.SetTicks([.. ticks.Select(tick => tick.At)], [.. ticks.Select(tick => tick.Label)]);
        plot.Axes.Bottom.Label.Text = XUnit;
        plot.Axes.Left.Label.Text = Unit;

        // Beside one digit there would be no room for the unit.
        plot.Axes.Left.MinimumSize = 55;
        if (IsLogarithmic)
        {
            plot.Axes.Left.TickGenerator = new ScottPlot.TickGenerators.NumericAutomatic
            {
                IntegerTicksOnly = true,
                LabelFormatter = exponent => Math.Pow(10, exponent).ToString("0.###", System.Globalization.CultureInfo.InvariantCulture),
            };
        }
        else
        {
            // Nothing has half a replica.
            plot.Axes.Left.TickGenerator = new ScottPlot.TickGenerators.NumericAutomatic { IntegerTicksOnly = IsStepped };
            plot.Axes.SetLimitsY(0, 1.1 * Math.Max(1, Series.SelectMany(series => series.Points).Max(point => point.Y)));
        }

        var legend = plot.ShowLegend(isNarrow ? Edge.Bottom : Edge.Right);
        legend.Legend.BackgroundColor = Color.FromHex(Paper);
        legend.Legend.FontColor = Color.FromHex(Ink);
        legend.Legend.OutlineWidth = 0;
        legend.Legend.ShadowColor = Colors.Transparent;
        legend.Legend.Orientation = isNarrow ? Orientation.Horizontal : Orientation.Vertical;
        return plot;
    }

    private static IEnumerable<int> Hours(bool isNarrow) => Enumerable.Range(0, 25).Where(hour => hour % (isNarrow ? 6 : 2) == 0);

    // The highest point of each group: what people look for are peaks.
    private static IReadOnlyList<(double X, double Y)> Thinned(IReadOnlyList<(double X, double Y)> points, int width)
    {
        var group = Math.Max(1, points.Count / Math.Min(width, 480));
        return [.. points.Chunk(group).Select(chunk => chunk.MaxBy(point => point.Y))];
    }

    [GeneratedRegex("(id=\"|url\\(#)(cl_[0-9a-f]+)")]
    private static partial Regex ClipNames();

    // A thousandth of a pixel is enough.
    [GeneratedRegex("(\\d+\\.\\d{3})\\d+")]
    private static partial Regex Numbers();
}
