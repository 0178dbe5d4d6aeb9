using Eventide.Contracts;
using Eventide.Tools.Shops;
using Spectre.Console;

namespace Eventide.Tools;

/// <summary>`order`: places one order in the running shop and prints each step of its saga as it is decided. Exit code 0 when it was confirmed.</summary>
internal static class OrderCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);

    public static async Task<int> ExecuteAsync(string data, ShopShape shape, string customer, PlaceOrder order, CancellationToken cancellationToken)
    {
        // Without the runner's file the Dapr CLI may be running the shop, on the ports that the run file names.
        var state = RunState.TryRead(data) ?? RunState.Planned(Repository.RunFileOf(shape));
        using var shop = new ShopClient(() => state);
        try
        {
            var answer = await shop.PlaceAsync(customer, Guid.NewGuid().ToString(), order, cancellationToken);
            if (answer.Order is not { } accepted)
            {
                AnsiConsole.MarkupLineInterpolated($"[red]The order was refused:[/] {ProblemText.Explain(answer.Status, answer.Problem)}");
                return 1;
            }

            AnsiConsole.MarkupLineInterpolated($"Order [bold]{accepted.Id}[/] accepted: {accepted.Total:0.00} EUR");
            return await FollowAsync(shop, customer, accepted.Id, cancellationToken);
        }
        catch (HttpRequestException failure) when (failure.HttpRequestError == HttpRequestError.ConnectionError)
        {
            throw new ToolException("No shop runs here. Start it with `make run` in another terminal; with DATA=DIR, give the same to both.", failure);
        }
    }

    private static async Task<int> FollowAsync(ShopClient shop, string customer, string id, CancellationToken cancellationToken)
    {
        var seen = new HashSet<string>();
        var started = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(started) < Patience)
        {
            var answer = await shop.FindOrderAsync(customer, id, cancellationToken);
            if (answer.Order is not { } order)
            {
                AnsiConsole.MarkupLineInterpolated($"[red]The order cannot be read any more:[/] {ProblemText.Explain(answer.Status, answer.Problem)}");
                return 1;
            }

            foreach (var (step, verdict) in order.Steps.Where(step => seen.Add(step.Key)))
            {
                AnsiConsole.MarkupLineInterpolated($"  {TimeProvider.System.GetElapsedTime(started).TotalSeconds,6:0.00} s  {step,-12} {verdict}");
            }

            if (order.IsTerminal)
            {
                AnsiConsole.MarkupLineInterpolated(order.State == OrderView.Confirmed ? $"[green]Confirmed[/]" : (FormattableString)$"[yellow]Cancelled[/]: {order.Reason}");
                return order.State == OrderView.Confirmed ? 0 : 1;
            }

            await Task.Delay(PollInterval, cancellationToken);
        }

        AnsiConsole.MarkupLineInterpolated($"[red]Order {id} did not end within {Patience.TotalSeconds} s;[/] the logs of the services say what holds it up.");
        return 1;
    }
}
