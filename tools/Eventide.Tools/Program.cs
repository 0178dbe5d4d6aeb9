using System.CommandLine;
using Eventide.Brokers.Servers;
using Eventide.Contracts;
using Eventide.Tools;
using Eventide.Tools.Demo;
using Eventide.Tools.Shops;

var root = new RootCommand("What is behind the make targets: drivers of the shop.") { OrderCommandLine(), DemoCommandLine(), TokenCommandLine() };
var parsed = root.Parse(args);
parsed.InvocationConfiguration.EnableDefaultExceptionHandler = false;

// After a signal the shop that the demo started is stopped first; the library's own two seconds are not enough for that.
parsed.InvocationConfiguration.ProcessTerminationTimeout = TimeSpan.FromMinutes(1);
try
{
    return await parsed.InvokeAsync();
}
catch (ToolException failure)
{
    await Console.Error.WriteLineAsync($"error: {failure.Message}");
    return 1;
}
catch (ServerException failure)
{
    await Console.Error.WriteLineAsync($"error: {failure.Message}");
    return 1;
}
catch (OperationCanceledException)
{
    return 130;
}

static Command OrderCommandLine()
{
    var sku = new Option<string[]>("--sku") { Description = "What to order, such as SKU-001 (repeatable).", DefaultValueFactory = _ => ["SKU-001", "SKU-007"] };
    var quantity = new Option<int>("--quantity") { Description = "How many of each.", DefaultValueFactory = _ => 1 };
    var payment = new Option<string>("--payment-token") { Description = "The means of payment; tok_declined is declined.", DefaultValueFactory = _ => "tok_visa" };
    var country = new Option<string>("--country") { Description = "Where it goes; the carrier does not serve AQ.", DefaultValueFactory = _ => "DE" };
    var customer = new Option<string>("--customer") { Description = "Who orders.", DefaultValueFactory = _ => "ada" };
    var data = new Option<string>("--data") { Description = "The folder that the shop was started with (make run DATA=DIR).", DefaultValueFactory = _ => Repository.Root };
    var command = new Command("order", "Place one order in the running shop and follow it to its end.") { sku, quantity, payment, country, customer, data };
    command.SetAction((result, token) => OrderCommand.ExecuteAsync(
        result.GetValue(data)!, result.GetValue(customer)!,
        new PlaceOrder(
            [.. result.GetValue(sku)!.Select(item => new PlaceOrderLine(item, result.GetValue(quantity)))], result.GetValue(payment)!, result.GetValue(country)!),
        token));
    return command;
}

static Command DemoCommandLine()
{
    var orders = new Option<int>("--orders") { Description = "How many.", DefaultValueFactory = _ => 200 };
    var seed = new Option<int?>("--seed") { Description = "Which orders: the same seed gives the same ones. By default another one each time." };
    var inFlight = new Option<int>("--in-flight") { Description = "Orders at a time.", DefaultValueFactory = _ => 32 };
    var kill = new Option<bool>("--kill") { Description = "Kill every service once while orders are under way, and once everything." };
    var broker = new Option<string>("--broker") { Description = "A folder of components/brokers.", DefaultValueFactory = _ => "embedded" };
    var store = new Option<string>("--store") { Description = "A folder of components/stores.", DefaultValueFactory = _ => "sqlite" };
    var resources = new Option<string[]>("--resources") { Description = "A component folder in place of those of --broker and --store (repeatable)." };
    var data = new Option<string?>("--data") { Description = "Where the shop keeps its data, an empty folder; by default a temporary one, which goes when all is well." };
    var sidecar = new Option<string?>("--sidecar") { Description = "A daprd in the place of the embedded sidecar; it needs another --broker." };
    var runner = new Argument<string[]>("runner arguments") { Description = "After --: more arguments for the runner.", Arity = ArgumentArity.ZeroOrMore };
    orders.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<int>() < 1)
        {
            result.AddError("--orders has to be 1 or more.");
        }
    });
    var command = new Command("demo", "Start a shop of its own, drive orders of every kind through it and check the invariants.")
    {
        orders, seed, inFlight, kill, broker, store, resources, data, sidecar, runner,
    };
    command.SetAction((result, token) => DemoCommand.ExecuteAsync(
        new DemoSettings(
            result.GetValue(orders), result.GetValue(seed) ?? Random.Shared.Next(100_000), result.GetValue(inFlight), result.GetValue(kill),
            result.GetValue(broker)!, result.GetValue(store)!, result.GetValue(resources) ?? [], result.GetValue(data),
            [.. RunnerArguments(result.GetValue(runner)), .. result.GetValue(sidecar) is { } daprd ? new[] { "--sidecar", daprd } : []]),
        token));
    return command;
}

// The two dashes before them come along.
static IEnumerable<string> RunnerArguments(string[]? given) => (given ?? []).SkipWhile(argument => argument == "--");

static Command TokenCommandLine()
{
    var customer = new Argument<string>("customer") { Description = "Who signs in." };
    var command = new Command("token", "Print a development token of a customer, good for an hour.") { customer };
    command.SetAction(result => Console.WriteLine(DevelopmentSignIn.TokenFor(result.GetValue(customer)!, DateTimeOffset.UtcNow.AddHours(1))));
    return command;
}
