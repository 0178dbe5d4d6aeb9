using System.CommandLine;
using Eventide.Brokers.Servers;
using Eventide.Contracts;
using Eventide.Tools;
using Eventide.Tools.DeadLetters;
using Eventide.Tools.Demo;
using Eventide.Tools.Shops;

var root = new RootCommand("What is behind the make targets: drivers of the shop.") { OrderCommandLine(), DemoCommandLine.Demo(), DemoCommandLine.Chaos(), TokenCommandLine() };
root.Add(LetterCommandLine.Create(OperatorConsole.Standard));
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
    var shape = Shapes.Option("Which run file names the ports of a shop that the Dapr CLI runs.");
    var command = new Command("order", "Place one order in the running shop and follow it to its end.") { sku, quantity, payment, country, customer, data, shape };
    command.SetAction((result, token) => OrderCommand.ExecuteAsync(
        result.GetValue(data)!, Shapes.Of(result.GetValue(shape)!), result.GetValue(customer)!,
        new PlaceOrder(
            [.. result.GetValue(sku)!.Select(item => new PlaceOrderLine(item, result.GetValue(quantity)))], result.GetValue(payment)!, result.GetValue(country)!),
        token));
    return command;
}

static Command TokenCommandLine()
{
    var customer = new Argument<string>("customer") { Description = "Who signs in." };
    var command = new Command("token", "Print a development token of a customer, good for an hour.") { customer };
    command.SetAction(result => Console.WriteLine(DevelopmentSignIn.TokenFor(result.GetValue(customer)!, DateTimeOffset.UtcNow.AddHours(1))));
    return command;
}
