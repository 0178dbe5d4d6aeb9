using System.CommandLine;
using Eventide.Benchmarks;
using Eventide.Benchmarks.Brokers;
using Eventide.Benchmarks.Peers;
using Eventide.Benchmarks.Reporting;
using Eventide.Benchmarks.Scenarios;
using Eventide.Tools.Shops;
using Spectre.Console;

IScenario[] scenarios = [new WorkflowScenario(), new LatencyScenario(), new SagaScenario(), new BrokersScenario(), new FleetScenario(), new ServicesScenario()];

var only = new Option<string[]>("--only") { Description = "Run only these scenarios.", AllowMultipleArgumentsPerToken = true };
only.AcceptOnlyFromAmong([.. scenarios.Select(scenario => scenario.Name)]);
var operation = new Option<string?>("--operation") { Description = "Of the latencies, measure only operations whose name contains this." };
var seconds = new Option<int>("--seconds") { Description = "How long each latency is measured.", DefaultValueFactory = _ => 10 };
var rate = new Option<int>("--rate") { Description = "Requests per second of the latencies.", DefaultValueFactory = _ => 1000 };
var workflows = new Option<int>("--workflows") { Description = "Workflows per run.", DefaultValueFactory = _ => 4000 };
var inFlight = new Option<int>("--in-flight") { Description = "Workflows at a time.", DefaultValueFactory = _ => 64 };
var orders = new Option<int>("--orders") { Description = "Orders through the saga.", DefaultValueFactory = _ => 2000 };
var ordersInFlight = new Option<int>("--orders-in-flight") { Description = "Orders in the saga at a time.", DefaultValueFactory = _ => 200 };
var resources = new Option<string[]>("--resources")
{
    Description = "The component folders of the shop (repeatable); by default those of BROKER=embedded STORE=sqlite.",
    DefaultValueFactory = _ => Repository.EmbeddedComponents,
};
var brokers = new Option<string[]>("--brokers") { Description = "Measure only these brokers.", AllowMultipleArgumentsPerToken = true };
brokers.AcceptOnlyFromAmong([.. MeasuredBroker.All.Select(broker => broker.Name)]);
var messages = new Option<int>("--messages") { Description = "Messages per round of a broker.", DefaultValueFactory = _ => 10_000 };
var rounds = new Option<int>("--rounds") { Description = "Rounds per broker.", DefaultValueFactory = _ => 7 };
var readings = new Option<int>("--readings") { Description = "Readings of the fleet's last part; ten million is a soak.", DefaultValueFactory = _ => 1_000_000 };
var keep = new Option<FileInfo?>("--keep") { Description = "Where the figures of the services go, for the scaling model." };
var output = new Option<DirectoryInfo>("--output") { Description = "Where the JSON files go.", DefaultValueFactory = _ => new DirectoryInfo("artifacts/bench") };
var root = new RootCommand("Measures Eventide, prints tables and writes them as JSON. Scenarios:\n"
    + string.Join('\n', scenarios.Select(scenario => $"  {scenario.Name,-10} {scenario.Question}")))
{
    only, operation, seconds, rate, workflows, inFlight, orders, ordersInFlight, resources, brokers, messages, rounds, readings, keep, output,
};
root.SetAction(async (parsed, token) =>
{
    var settings = new BenchmarkSettings(
        parsed.GetValue(seconds), parsed.GetValue(rate), parsed.GetValue(workflows), parsed.GetValue(inFlight), parsed.GetValue(operation),
        parsed.GetValue(orders), parsed.GetValue(ordersInFlight), parsed.GetValue(resources)!,
        parsed.GetValue(brokers) ?? [], parsed.GetValue(messages), parsed.GetValue(rounds), parsed.GetValue(readings), parsed.GetValue(keep), parsed.GetValue(output)!);
    var machine = Machine.Current();

    // A file or pipe has no width; the tables need this much.
    AnsiConsole.Profile.Width = Math.Max(AnsiConsole.Profile.Width, 150);
    AnsiConsole.MarkupLineInterpolated($"[grey]{machine}[/]");
    foreach (var scenario in scenarios.Where(scenario => parsed.GetValue(only) is not { Length: > 0 } names || names.Contains(scenario.Name)))
    {
        var result = await scenario.RunAsync(settings, token);
        result.Print();
        AnsiConsole.MarkupLineInterpolated($"[grey]{await result.WriteAsync(settings.Output.FullName, machine, token)}[/]");
    }

    return 0;
});

var app = new Command(EchoApp.Role) { Hidden = true };
app.SetAction((_, token) => EchoApp.RunAsync(token));
var (folder, httpPort, grpcPort) = (new Argument<string>("folder"), new Argument<int>("http-port"), new Argument<int>("grpc-port"));
var sidecars = new Command(SidecarPeer.Role) { folder, httpPort, grpcPort };
sidecars.Hidden = true;
sidecars.SetAction((parsed, token) => SidecarPeer.RunAsync(parsed.GetValue(folder)!, parsed.GetValue(httpPort), parsed.GetValue(grpcPort), token));
var (broker, address, topic, consumes) = (new Argument<string>("broker"), new Argument<string>("address"), new Argument<string>("topic"), new Argument<bool>("consumes"));
var direct = new Command(DirectPeer.Role) { broker, address, topic, consumes };
direct.Hidden = true;
direct.SetAction((parsed, token) => DirectPeer.RunAsync(
    parsed.GetValue(broker)!, parsed.GetValue(address)!, parsed.GetValue(topic)!, parsed.GetValue(consumes), token));
var brokerSidecars = new Command(BrokerSidecarsPeer.Role) { broker, folder, address, httpPort, grpcPort };
brokerSidecars.Hidden = true;
brokerSidecars.SetAction((parsed, token) => BrokerSidecarsPeer.RunAsync(
    parsed.GetValue(broker)!, parsed.GetValue(folder)!, parsed.GetValue(address)!, parsed.GetValue(httpPort), parsed.GetValue(grpcPort), token));
var publisher = new Command(PublisherPeer.Role) { address, topic };
publisher.Hidden = true;
publisher.SetAction((parsed, token) => PublisherPeer.RunAsync(parsed.GetValue(address)!, parsed.GetValue(topic)!, token));
var consumer = new Command(ConsumerPeer.Role) { Hidden = true };
consumer.SetAction((_, token) => ConsumerPeer.RunAsync(token));
root.Add(direct);
root.Add(brokerSidecars);
root.Add(publisher);
root.Add(consumer);
root.Add(app);
root.Add(sidecars);
return await root.Parse(args).InvokeAsync();
