using System.CommandLine;
using Eventide.Brokers.Backing;
using Eventide.Brokers.Tables;
using Eventide.Brokers.With;

var parsed = new RootCommand("Brokers and stores of this machine's own, for one shop or one test.") { WithCommandLine(), TableCommandLine() }.Parse(args);

// `with` handles signals itself: the command ends first, then the servers stop.
parsed.InvocationConfiguration.ProcessTerminationTimeout = null;
return await parsed.InvokeAsync();

static Command WithCommandLine()
{
    var broker = new Option<string>("--broker") { Description = "A folder of components/brokers.", DefaultValueFactory = _ => "embedded" };
    var store = new Option<string>("--store") { Description = "A folder of components/stores.", DefaultValueFactory = _ => "sqlite" };
    var data = new Option<string>("--data") { Description = "The data folder of the run; what the servers keep stays below data/servers in it.", DefaultValueFactory = _ => "." };
    var components = new Option<string>("--components") { Description = "The folder with brokers, stores and shared in it.", DefaultValueFactory = _ => "components" };
    var command = new Argument<string[]>("command")
    {
        Description = $"After --: what to run. An argument {WithCommand.ResourcesPlace} becomes --resources FOLDER for each component folder.",
        Arity = ArgumentArity.OneOrMore,
    };
    var with = new Command(
        "with",
        "Run a command beside the broker and the store that it needs: those that REDIS_HOST, RABBITMQ_URL, KAFKA_BROKERS and POSTGRES_URL name, else ones of its own, "
        + "which stop when the command has ended.")
    {
        broker, store, data, components, command,
    };
    with.SetAction((result, token) => WithCommand.ExecuteAsync(
        new BackingSettings(result.GetValue(components)!, result.GetValue(broker)!, result.GetValue(store)!, result.GetValue(data)!),
        [.. result.GetValue(command)!.SkipWhile(argument => argument == "--")], token));
    return with;
}

static Command TableCommandLine()
{
    var root = new Option<string>("--root") { Description = "The repository.", DefaultValueFactory = _ => "." };
    var table = new Command("table", "Write what the last tests found about each broker and store into docs/brokers.md.") { root };
    table.SetAction(result => TableCommand.Execute(Path.GetFullPath(result.GetValue(root)!), Console.Out));
    return table;
}
