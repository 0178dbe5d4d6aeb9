using System.Globalization;
using Spectre.Console;

namespace Eventide.Scaling.Load.Commands;

/// <summary>What came of a run, for people.</summary>
internal static class LoadSummary
{
    public static void Write(LoadResult result, LoadPlan plan)
    {
        AnsiConsole.Write(Actions(result.Actions, plan));
        if (result.Orders is { } orders)
        {
            AnsiConsole.WriteLine(Invariant(
                $"Orders: {orders.Accepted:N0} accepted, {orders.Confirmed:N0} confirmed, {orders.Cancelled:N0} cancelled, {orders.Pending:N0} pending; ended within {Text(orders.TimeToEnd.P50Ms)} (p50), {Text(orders.TimeToEnd.P99Ms)} (p99), {Text(orders.TimeToEnd.MaxMs)} (the slowest)."));
        }

        if (result.Fleet is { } fleet)
        {
            var counted = fleet.Counted is { } number ? Invariant($"{number:N0} counted by fleet, {fleet.Missing:N0} gaps, {fleet.OutOfOrder:N0} out of order") : "not compared with what fleet has counted";
            AnsiConsole.WriteLine(Invariant(
                $"Readings: {fleet.Readings:N0} made by {fleet.Vehicles:N0} vehicles, {fleet.HeldBack:N0} held back and {fleet.Duplicates:N0} sent twice on purpose, {fleet.Accepted:N0} accepted, {counted}."));
        }

        if (result.Minutes.MaxBy(minute => minute.SlowestMs) is { } slowest && result.Minutes.Sum(minute => minute.Late) is > 0 and var late)
        {
            AnsiConsole.WriteLine(Invariant(
                $"Late: {late:N0} of {result.Minutes.Sum(minute => minute.Intended):N0} actions, most of those that were intended at {LoadDisplay.Clock(result.Minutes.MaxBy(minute => minute.Late)!.Time)}; the slowest answer was to one of {LoadDisplay.Clock(slowest.Time)}."));
        }

        AnsiConsole.WriteLine(Invariant(
            $"Generator: late by {Text(result.Generator.Lateness.P50Ms)} (p50), {Text(result.Generator.Lateness.P99Ms)} (p99), {Text(result.Generator.Lateness.MaxMs)} (at most); {result.Generator.CpuMicrosecondsPerAction:0} µs of processor time for each action."));
        foreach (var finding in Findings(result, plan))
        {
            AnsiConsole.MarkupLineInterpolated($"[yellow]{finding}[/]");
        }
    }

    public static Table Actions(IReadOnlyList<ActionResult> actions, LoadPlan plan)
    {
        // Narrow enough for a terminal of 80 characters.
        var table = new Table().Border(TableBorder.Simple).AddColumn(new TableColumn("action").NoWrap().PadLeft(0).PadRight(0));
        foreach (var column in (string[])["intended", "answered", "refused", "failed", $"> {plan.LateAfter.TotalSeconds:0.#} s", "p50", "p99", "slowest"])
        {
            table.AddColumn(new TableColumn(column).RightAligned().NoWrap().PadLeft(1).PadRight(0));
        }

        foreach (var action in actions)
        {
            table.AddRow(
                Name(action.Kind), Number(action.Intended), Number(action.Answered), Number(action.Refused), Number(action.Failed), Number(action.Late),
                Text(action.Latency.P50Ms), Text(action.Latency.P99Ms), Text(action.Latency.MaxMs));
        }

        return table;
    }

    /// <summary>What was lost, late, or makes the numbers worth less; each with what to do.</summary>
    public static IEnumerable<string> Findings(LoadResult result, LoadPlan plan)
    {
        if (!result.IsComplete)
        {
            yield return "Stopped early: orders and readings that were under way are not known to have ended.";
        }

        if (result is { IsComplete: true, Orders: { Pending: > 0 } orders })
        {
            yield return Invariant($"{orders.Pending:N0} orders had not ended {plan.Patience.TotalSeconds:0} s after the last was placed, such as {orders.Unended[^1]}; `make dlq` and the logs of the services say what holds them up.");
        }

        if (result.Orders is { Lost: > 0 } gone)
        {
            yield return Invariant($"{gone.Lost:N0} orders were accepted and are not known to the shop any more, such as {gone.Unended[0]}: ordering's store has lost them.");
        }

        if (result.Fleet is { Lost: > 0 } fleet)
        {
            yield return Invariant($"{fleet.Lost:N0} readings were accepted and fleet had not counted them {plan.Patience.TotalSeconds:0} s after the last, such as of {fleet.VehiclesWithLosses[0]}; it may still be behind, ask GET /vehicles/ID again.");
        }

        if (result.Fleet is { Unsent: > 0 } unsent)
        {
            yield return Invariant($"{unsent.Unsent:N0} readings were refused, or not taken however often they were sent; the log of telemetry says why.");
        }

        if (result.Actions.Sum(action => action.Failed) is > 0 and var failed)
        {
            yield return Invariant($"{failed:N0} actions failed: errors, broken connections, or no answer within 30 s; the logs of the services say why.");
        }

        if (result.Actions.Sum(action => action.NotSent) is > 0 and var notSent)
        {
            yield return Invariant($"{notSent:N0} actions were not sent because {plan.MostUnanswered:N0} were without an answer: the shop is overloaded; lower ORDERS_PER_DAY, VEHICLES or SPEED, or scale it out (make scale).");
        }

        if (result.Generator.IsOverloaded)
        {
            yield return Invariant($"The generator itself was late by up to {Text(result.Generator.Lateness.MaxMs)} (p99 {Text(result.Generator.Lateness.P99Ms)}), which is in every latency above: this machine does not carry it and the shop at this load; lower ORDERS_PER_DAY, VEHICLES or SPEED.");
        }
    }

    private static string Name(ActionKind kind) => kind switch
    {
        ActionKind.BrowsePage => "page",
        ActionKind.FillBasket => "basket",
        ActionKind.PlaceOrder => "order",
        ActionKind.FollowOrder => "look",
        ActionKind.SendReading => "reading",
        _ => "batch",
    };

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Text(double? milliseconds) => milliseconds switch
    {
        null => "-",
        < 10 => Invariant($"{milliseconds:0.0} ms"),
        < 10_000 => Invariant($"{milliseconds:0} ms"),
        _ => Invariant($"{milliseconds / 1000:0.0} s"),
    };

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
