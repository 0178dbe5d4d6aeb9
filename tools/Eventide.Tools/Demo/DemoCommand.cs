using Eventide.Brokers.Backing;
using Eventide.Tools.Shops;
using Spectre.Console;

namespace Eventide.Tools.Demo;

/// <summary>
/// `demo` and `chaos`: start a shop of their own, drive orders of every kind through it, and check the invariants when all is at rest. Exit code 1 when an order
/// did not end or an invariant does not hold.
/// </summary>
internal static class DemoCommand
{
    public static async Task<int> ExecuteAsync(DemoSettings settings, CancellationToken cancellationToken)
    {
        if (Directory.Exists(settings.Data) && Directory.EnumerateFileSystemEntries(settings.Data).Any())
        {
            throw new ToolException($"{settings.Data} is not empty; the demo needs a folder of its own, because orders of an earlier shop would count as violations.");
        }

        var folder = settings.Data ?? Directory.CreateTempSubdirectory("eventide-demo-").FullName;
        AnsiConsole.MarkupLineInterpolated($"{settings.Orders} orders, SEED={settings.Seed}; starting a shop in {folder}");
        bool isWell;
        await using (var backing = await OpenBackingAsync(settings, folder, cancellationToken))
        await using (var shop = await OwnShop.StartAsync(folder, backing.Resources, RunnerArguments(settings), cancellationToken, Repository.RunFileOf(settings.Shape)))
        {
            isWell = await RoundsAsync(shop, backing, settings, cancellationToken);
        }

        if (settings.Data is null && isWell)
        {
            Directory.Delete(folder, recursive: true);
        }

        return isWell ? 0 : 1;
    }

    private static async Task<bool> RoundsAsync(OwnShop shop, BackingServices backing, DemoSettings settings, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        for (var round = 0; round == 0 || TimeProvider.System.GetElapsedTime(started) < settings.Length; round++)
        {
            // Another seed gives other customers' keys, so no order of this round is one of an earlier round.
            if (!await new DemoRound(shop, backing, settings with { Seed = settings.Seed + round }).RunAsync(cancellationToken))
            {
                return false;
            }
        }

        return true;
    }

    private static Task<BackingServices> OpenBackingAsync(DemoSettings settings, string folder, CancellationToken cancellationToken) => settings.Resources.Count > 0
        ? Task.FromResult(BackingServices.Given(settings.Resources))
        : BackingServices.StartAsync(
            new BackingSettings(Repository.Components, settings.Broker, settings.Store, folder), Environment.GetEnvironmentVariable, Console.WriteLine, cancellationToken);

    private static IEnumerable<string> RunnerArguments(DemoSettings settings) =>
        settings.Duplicates > 0 ? [.. settings.RunnerArguments, "--duplicates", FormattableString.Invariant($"{settings.Duplicates}")] : settings.RunnerArguments;
}
