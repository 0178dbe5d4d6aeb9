using ScottPlot;

namespace Eventide.Scaling.Local.Verification;

/// <summary>Replicas over time, real and simulated, of the apps that moved.</summary>
internal static class VerifyPicture
{
    private const int Width = 1000;
    private const int Height = 280;

    /// <summary>Writes a PNG with one row per app.</summary>
    public static void Save(VerifyResult result, string path)
    {
        var moved = result.Comparisons.Where(app => Math.Max(app.RealMost, app.SimulatedMost) > 1).ToList();
        var pictures = new Multiplot();
        pictures.RemovePlot(pictures.GetPlot(0));
        foreach (var app in moved.Count > 0 ? moved : result.Comparisons.Take(1))
        {
            pictures.AddPlot(Draw(result, app));
        }

        pictures.SavePng(path, Width, Height * Math.Max(1, moved.Count));
    }

    private static Plot Draw(VerifyResult result, Comparison app)
    {
        var plot = new Plot();
        plot.Title($"{app.AppId}: replicas");
        var simulated = result.Simulated.Service(app.AppId).WantedPerStep;
        Add(plot, "simulated", "#FF7F0E", [.. simulated.Select((wanted, index) => (index * result.Simulated.Scenario.Step.TotalMinutes, wanted))]);
        Add(plot, "real", "#1F77B4", [.. result.Looks.Where(look => look.AppId == app.AppId).Select(look => (look.At.TotalMinutes, look.Wanted))]);
        plot.Axes.SetLimits(0, VerifyScenario.Length.TotalMinutes, 0, 1.15 * Math.Max(app.RealMost, app.SimulatedMost));
        plot.Axes.Bottom.Label.Text = "minutes of the controllers' clock";
        plot.ShowLegend(Edge.Right);
        return plot;
    }

    private static void Add(Plot plot, string name, string color, IReadOnlyList<(double Minute, int Replicas)> points)
    {
        var line = plot.Add.Scatter(points.Select(point => point.Minute).ToArray(), points.Select(point => (double)point.Replicas).ToArray());
        line.LegendText = name;
        line.Color = Color.FromHex(color);
        line.LineWidth = 2;
        line.MarkerSize = 0;
        line.ConnectStyle = ConnectStyle.StepHorizontal;
    }
}
