using System.Globalization;
using Spectre.Console;

namespace Eventide.Scaling.Load.Commands;

/// <summary>How a run is going: a table that changes on a terminal, a line now and then elsewhere.</summary>
internal static class LoadDisplay
{
    private const int SecondsBetweenLines = 10;

    /// <summary>A time of the simulated day, such as 17:05.</summary>
    public static string Clock(TimeSpan time) => $"{time.Hours:00}:{time.Minutes:00}";

    public static async Task<LoadResult> ShowAsync(LoadPlan plan, Func<IProgress<LoadProgress>, Task<LoadResult>> run)
    {
        if (!AnsiConsole.Profile.Capabilities.Interactive)
        {
            var reports = 0;
            return await run(new ToldAtOnce(progress =>
            {
                if (++reports % SecondsBetweenLines == 0)
                {
                    AnsiConsole.WriteLine(ToLine(progress, plan));
                }
            }));
        }

        return await AnsiConsole.Live(new Text("")).AutoClear(true).StartAsync(live => run(new ToldAtOnce(progress =>
        {
            live.UpdateTarget(new Rows(new Text(ToLine(progress, plan)), LoadSummary.Actions(progress.Actions, plan)));
            live.Refresh();
        })));
    }

    private static string ToLine(LoadProgress progress, LoadPlan plan)
    {
        var when = progress.Done < 1
            ? string.Create(CultureInfo.InvariantCulture, $"{Clock(progress.Time)}  {progress.Done:0 %}, {plan.RealDuration * (1 - progress.Done):m\\:ss} left")
            : "all sent; waiting for what it led to";
        var orders = progress.Orders is { } seen ? string.Create(CultureInfo.InvariantCulture, $", orders: {seen.Confirmed:N0} confirmed, {seen.Cancelled:N0} cancelled, {seen.Pending:N0} on the way") : "";
        var late = progress.Generator.IsOverloaded ? string.Create(CultureInfo.InvariantCulture, $", the generator itself is late: {progress.Generator.Lateness.P99Ms:0} ms") : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{when}; {progress.Actions.Sum(action => action.Sent):N0} actions, {progress.Unanswered:N0} without an answer, {progress.Actions.Sum(action => action.Failed):N0} failed{orders}{late}");
    }

    /// <summary>Told at once, where Progress&lt;T&gt; would tell later and maybe after the end.</summary>
    private sealed class ToldAtOnce(Action<LoadProgress> show) : IProgress<LoadProgress>
    {
        public void Report(LoadProgress value) => show(value);
    }
}
