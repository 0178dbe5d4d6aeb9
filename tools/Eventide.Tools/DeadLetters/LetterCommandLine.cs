using System.CommandLine;
using System.CommandLine.Parsing;
using Eventide.Contracts;
using Eventide.Tools.Shops;

namespace Eventide.Tools.DeadLetters;

/// <summary>`dlq` and its commands on the command line.</summary>
internal static class LetterCommandLine
{
    private const int DefaultLimit = 100;
    private static readonly string[] States = [.. new[] { Letter.Waiting, Letter.Redriving, Letter.Redriven, Letter.Discarded, "all" }.Select(state => state.ToLowerInvariant())];

    public static Command Create(OperatorConsole console)
    {
        var data = new Option<string>("--data")
        {
            Description = "The folder that the shop was started with (make run DATA=DIR).",
            DefaultValueFactory = _ => Repository.Root,
            Recursive = true,
        };
        var url = new Option<Uri?>("--url")
        {
            Description = "Where operations listens; by default that of the shop in --data.",
            Recursive = true,
            CustomParser = ParseAddress,
        };
        var shape = Shapes.Option("Which run file names the ports of a shop that the Dapr CLI runs.");
        shape.Recursive = true;
        var json = new Option<bool>("--json") { Description = "Answer with one JSON document.", Recursive = true };

        async Task<int> RunAsync(ParseResult result, Func<LetterCommands, Task<int>> run)
        {
            using var letters = new LettersClient(result.GetValue(url) ?? Find(result.GetValue(data)!, Shapes.Of(result.GetValue(shape)!)));
            return await run(new LetterCommands(letters, console, result.GetValue(json)));
        }

        return new Command("dlq", "Dead letters: messages that a service could not handle. Find them, look into them, publish them again or give them up.")
        {
            data, url, shape, json, List(RunAsync), Inspect(RunAsync), Redrive(RunAsync), Discard(RunAsync),
        };
    }

    private static Command List(Func<ParseResult, Func<LetterCommands, Task<int>>, Task<int>> run)
    {
        var (app, topic) = (App(), Topic());
        var state = new Option<string>("--state") { Description = "Those in this state.", DefaultValueFactory = _ => States[0] };
        state.AcceptOnlyFromAmong(StringComparer.OrdinalIgnoreCase, States);
        var limit = new Option<int>("--limit") { Description = "At most so many, the newest.", DefaultValueFactory = _ => DefaultLimit };
        limit.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1)
            {
                result.AddError("--limit has to be 1 or more.");
            }
        });
        var command = new Command("list", "List dead letters, newest first: the ones that wait, unless --state says otherwise.") { app, topic, state, limit };
        command.SetAction((result, token) => run(result, commands => commands.ListAsync(
            new LetterFilter(result.GetValue(app), result.GetValue(topic), result.GetValue(state)!.ToLowerInvariant()), result.GetValue(limit), token)));
        return command;
    }

    private static Command Inspect(Func<ParseResult, Func<LetterCommands, Task<int>>, Task<int>> run)
    {
        var id = new Argument<string>("id") { Description = "Which one; the beginning of its id is enough." };
        var command = new Command("inspect", "Show all that is known of one: reason, attempts, trace, headers, payload, and who did what with it.") { id };
        command.SetAction((result, token) => run(result, commands => commands.InspectAsync(result.GetValue(id)!, token)));
        return command;
    }

    private static Command Redrive(Func<ParseResult, Func<LetterCommands, Task<int>>, Task<int>> run)
    {
        var (ids, app, topic, by, yes) = (Ids(ArgumentArity.ZeroOrMore), App(), Topic(), By(), Yes());
        var all = new Option<bool>("--all") { Description = "All that wait; --app and --topic narrow it." };
        var command = new Command("redrive", "Publish again to the topic from which they came. Who has handled the message changes nothing; redriving twice publishes once.")
        {
            ids, all, app, topic, by, yes,
        };
        command.Validators.Add(result =>
        {
            var named = result.GetValue(ids)!.Length > 0;
            if (named == result.GetValue(all))
            {
                result.AddError("Say which: the ids of dead letters, or --all.");
            }
            else if (named && (result.GetValue(app) ?? result.GetValue(topic)) is not null)
            {
                result.AddError("--app and --topic go with --all, not with ids.");
            }
        });
        command.SetAction((result, token) => run(result, commands => result.GetValue(all)
            ? commands.RedriveAllAsync(result.GetValue(app), result.GetValue(topic), result.GetValue(by)!, result.GetValue(yes), token)
            : commands.RedriveAsync(result.GetValue(ids)!, result.GetValue(by)!, token)));
        return command;
    }

    private static Command Discard(Func<ParseResult, Func<LetterCommands, Task<int>>, Task<int>> run)
    {
        var (ids, by, yes) = (Ids(ArgumentArity.OneOrMore), By(), Yes());
        var reason = new Option<string>("--reason") { Description = "Why nobody needs to handle it any more; it is kept with it.", Required = true };
        var command = new Command("discard", "Give up: kept with who gave it up and why, and never published again.") { ids, reason, by, yes };
        command.SetAction((result, token) => run(result, commands =>
            commands.DiscardAsync(result.GetValue(ids)!, result.GetValue(reason)!, result.GetValue(by)!, result.GetValue(yes), token)));
        return command;
    }

    private static Argument<string[]> Ids(ArgumentArity arity) => new("id") { Description = "Which ones; the beginning of an id is enough.", Arity = arity };

    private static Option<string?> App() => new("--app") { Description = "Those of this service." };

    private static Option<string?> Topic() => new("--topic") { Description = "Those of this topic." };

    private static Option<string> By() => new("--by") { Description = "Who does this; kept in the history. By default you.", DefaultValueFactory = _ => Environment.UserName };

    private static Option<bool> Yes() => new("--yes") { Description = "Do not ask." };

    private static Uri? ParseAddress(ArgumentResult argument)
    {
        if (Uri.TryCreate(argument.Tokens[0].Value, UriKind.Absolute, out var address) && address.Scheme is "http" or "https")
        {
            return address;
        }

        argument.AddError("--url has to be an address such as http://localhost:5108.");
        return null;
    }

    private static Uri Find(string data, ShopShape shape)
    {
        var state = RunState.TryRead(data) ?? RunState.Planned(Repository.RunFileOf(shape));
        return state.Find(Subscriptions.Observer)?.AppPort is { } port
            ? new Uri($"http://127.0.0.1:{port}")
            : throw new ToolException($"The shop runs without the service {Subscriptions.Observer}; add it to the run file.");
    }
}
