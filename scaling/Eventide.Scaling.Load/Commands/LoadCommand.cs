using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Eventide.Scaling.Demand;
using Eventide.Scaling.Load.Targets;
using Eventide.Tools.Shops;
using Spectre.Console;

namespace Eventide.Scaling.Load.Commands;

/// <summary>`load`: drives the running shop, shows how it goes and says what came of it; the last line of the output is the result as JSON.</summary>
internal static class LoadCommand
{
    private const int Stopped = 130;
    private const int WidthOfFiles = 400;
    private static readonly JsonSerializerOptions Line = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) } };
    private static readonly JsonSerializerOptions Indented = new(Line) { WriteIndented = true };

    /// <exception cref="Tools.ToolException">There is no shop, or a setting cannot be.</exception>
    public static async Task<int> ExecuteAsync(LoadSettings settings, CancellationToken cancellationToken)
    {
        var plan = LoadPlans.Create(settings, Path.Combine(Repository.Root, "scaling/curves"));
        using var target = ShopTarget.Running(settings.Data);
        foreach (var hasFleet in plan.Demands.Select(demand => demand is FleetDemand).Distinct())
        {
            await target.RequireAsync(hasFleet, cancellationToken);
        }

        if (!AnsiConsole.Profile.Out.IsTerminal)
        {
            // Otherwise lines are broken after 80 characters.
            AnsiConsole.Profile.Width = WidthOfFiles;
        }

        AnsiConsole.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{settings.Curve} from {LoadDisplay.Clock(plan.Begin)} for {settings.Hours:0.##} h at {settings.Speed:0.##} times the speed, so {plan.RealDuration.TotalMinutes:0.#} min: {settings.OrdersPerDay:N0} orders a day, {settings.Vehicles:N0} vehicles, SEED={settings.Seed}"));
        var result = await LoadDisplay.ShowAsync(plan, progress => LoadRun.RunAsync(plan, target, progress: progress, cancellationToken: cancellationToken));
        LoadSummary.Write(result, plan);
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(settings.Output))!);
        await File.WriteAllTextAsync(settings.Output, JsonSerializer.Serialize(new { settings, result }, Indented), CancellationToken.None);

        // The minutes would make it a very long line.
        var line = JsonSerializer.SerializeToNode(result, Line)!.AsObject();
        line.Remove("minutes");
        Console.WriteLine(line.ToJsonString(Line));
        return !result.IsComplete ? Stopped : result.NothingIsLost ? 0 : 1;
    }
}
