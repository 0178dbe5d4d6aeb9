using System.CommandLine;
using Eventide.Tools.Shops;

namespace Eventide.Tools.Demo;

/// <summary>The options of `demo` and `chaos` on the command line.</summary>
internal static class DemoCommandLine
{
    /// <summary>The command `demo`.</summary>
    public static Command Demo()
    {
        var kill = new Option<bool>("--kill") { Description = "Kill every service once while orders are under way, and once everything." };
        return Create("demo", "Start a shop of its own, drive orders of every kind through it and check the invariants.", [kill], fewest: 1, (result, settings) =>
            settings with { Faults = result.GetValue(kill) ? FaultKind.Kills : FaultKind.None });
    }

    /// <summary>The command `chaos`.</summary>
    public static Command Chaos()
    {
        var down = new Option<double>("--broker-down") { Description = "For how many seconds the broker is stopped.", DefaultValueFactory = _ => 20 };
        var duplicates = new Option<double>("--duplicates") { Description = "The share of messages that are delivered twice.", DefaultValueFactory = _ => 0.1 };
        var minutes = new Option<double>("--minutes") { Description = "Drive rounds of orders through the same shop for so long; by default one round." };
        return Create(
            "chaos",
            "The demo while everything goes wrong: every service and the sidecars are killed, the broker is stopped, messages are delivered twice, services get more and fewer processes.",
            [down, duplicates, minutes],
            fewest: 20,
            (result, settings) => settings with
            {
                Faults = FaultKind.Chaos,
                BrokerDown = TimeSpan.FromSeconds(result.GetValue(down)),

                // daprd has no such switch.
                Duplicates = settings.RunnerArguments.Contains("--sidecar") ? 0 : result.GetValue(duplicates),
                Length = TimeSpan.FromMinutes(result.GetValue(minutes)),
            });
    }

    private static Command Create(string name, string description, IEnumerable<Option> more, int fewest, Func<ParseResult, DemoSettings, DemoSettings> complete)
    {
        var orders = new Option<int>("--orders") { Description = "How many.", DefaultValueFactory = _ => 200 };
        var seed = new Option<int?>("--seed") { Description = "Which orders: the same seed gives the same ones. By default another one each time." };
        var inFlight = new Option<int>("--in-flight") { Description = "Orders at a time.", DefaultValueFactory = _ => 32 };
        var broker = new Option<string>("--broker") { Description = "A folder of components/brokers.", DefaultValueFactory = _ => "embedded" };
        var store = new Option<string>("--store") { Description = "A folder of components/stores.", DefaultValueFactory = _ => "sqlite" };
        var resources = new Option<string[]>("--resources") { Description = "A component folder in place of those of --broker and --store (repeatable)." };
        var data = new Option<string?>("--data") { Description = "Where the shop keeps its data, an empty folder; by default a temporary one, which goes when all is well." };
        var shape = Shapes.Option();
        var sidecar = new Option<string?>("--sidecar") { Description = "A daprd in the place of the embedded sidecar; it needs another --broker." };
        var runner = new Argument<string[]>("runner arguments") { Description = "After --: more arguments for the runner.", Arity = ArgumentArity.ZeroOrMore };
        orders.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < fewest)
            {
                result.AddError($"--orders has to be {fewest} or more.");
            }
        });
        var command = new Command(name, description) { orders, seed, inFlight, shape, broker, store, resources, data, sidecar, runner };
        foreach (var option in more)
        {
            command.Add(option);
        }

        command.SetAction((result, token) => DemoCommand.ExecuteAsync(
            complete(result, new DemoSettings(
                result.GetValue(orders), result.GetValue(seed) ?? Random.Shared.Next(100_000), result.GetValue(inFlight), result.GetValue(broker)!,
                result.GetValue(store)!, result.GetValue(resources) ?? [], result.GetValue(data),
                [.. RunnerArguments(result.GetValue(runner)), .. result.GetValue(sidecar) is { } daprd ? new[] { "--sidecar", daprd } : []])
            {
                Shape = Shapes.Of(result.GetValue(shape)!),
            }),
            token));
        return command;
    }

    // The two dashes before them come along.
    private static IEnumerable<string> RunnerArguments(string[]? given) => (given ?? []).SkipWhile(argument => argument == "--");
}
