using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;
using Eventide.Tools.DeadLetters;
using Spectre.Console;

namespace Eventide.Tools.Tests.DeadLetters;

/// <summary>What an operator types, sees, and finds done.</summary>
public sealed class LetterCommandTests : IAsyncLifetime
{
    private readonly StringWriter _output = new();
    private readonly StringWriter _questions = new();
    private FakeOperations _operations = null!;
    private bool _isTerminal;

    public async ValueTask InitializeAsync() => _operations = await FakeOperations.StartAsync();

    public ValueTask DisposeAsync() => _operations.DisposeAsync();

    [Fact]
    public async Task A_list_has_a_line_for_each_with_whole_ids_and_nothing_is_wrapped()
    {
        _operations.Add("d-1");
        _operations.Add("d-2", app: "inventory", topic: "orders");
        _operations.Add("d-3", state: Letter.Discarded);

        Assert.Equal(0, await RunAsync("list"));

        Assert.Equal(
            [
                "id                                  received              app        topic             event  state    attempts  reason",
                "d-10000000000000000000000000000000  2026-01-31 12:00:00Z  payment    payment-requests  o-1.x  Waiting  3         the gateway is broken",
                "d-20000000000000000000000000000000  2026-01-31 11:59:59Z  inventory  orders            o-1.x  Waiting  3         the gateway is broken",
            ],
            Lines());
    }

    [Fact]
    public async Task On_a_terminal_of_80_columns_ids_and_events_stay_whole()
    {
        _operations.Add("d-1234567890");
        _isTerminal = true;

        Assert.Equal(0, await RunAsync("list"));

        var text = _output.ToString();
        Assert.All(Lines(), line => Assert.InRange(line.Length, 0, 80));
        Assert.Contains("│ d-12345678 │ 2026-01-31 │ payment: payment-requests │", text);
        Assert.Contains("│ 12:00:00Z  │ o-1.x", text);
    }

    [Fact]
    public async Task A_list_is_narrowed_by_app_topic_state_and_limit_whatever_the_page_size()
    {
        _operations.LargestPage = 2;
        foreach (var number in Enumerable.Range(1, 7))
        {
            _operations.Add($"d-{number}", app: number == 7 ? "inventory" : "payment", state: number == 6 ? Letter.Redriven : Letter.Waiting);
        }

        Assert.Equal(6, await CountAsync("list"));
        Assert.Equal(5, await CountAsync("list", "--app", "payment"));
        Assert.Equal(7, await CountAsync("list", "--state", "ALL"));
        Assert.Equal(1, await CountAsync("list", "--state", "redriven", "--topic", "payment-requests"));
        Assert.Equal(3, await CountAsync("list", "--limit", "3"));
        Assert.Equal(0, await CountAsync("list", "--topic", "orders"));
    }

    [Fact]
    public async Task Without_dead_letters_it_says_so()
    {
        Assert.Equal(0, await RunAsync("list"));
        Assert.Equal(["No dead letter waits."], Lines());
        Assert.Equal(0, await RunAsync("redrive", "--all"));
        Assert.Equal(["No dead letter waits."], Lines());
    }

    [Fact]
    public async Task An_inspection_shows_reason_attempts_trace_headers_payload_and_history()
    {
        _operations.Add("d-1", text: """{"id":"o-1.x","data":{"amount":"zwölf"}}""");

        Assert.Equal(0, await RunAsync("inspect", "d-1"));

        var text = _output.ToString();
        foreach (var expected in new[]
                 {
                     "d-10000000000000000000000000000000", "the gateway is broken", "attempts     3", "0af7651916cd43dd8448eb211c80319c", "x-broker  b-7",
                     "\"amount\": \"zwölf\"", "arrived  broker",
                 })
        {
            Assert.Contains(expected, text);
        }
    }

    [Fact]
    public async Task What_a_message_says_cannot_move_the_cursor()
    {
        _operations.Add("d-1", text: "\u001b[2Jgone\u0007\nnext line");
        Assert.Equal(0, await RunAsync("inspect", "d-1"));
        Assert.Contains("\uFFFD[2Jgone\uFFFD\nnext line", _output.ToString());
    }

    [Fact]
    public async Task An_id_that_several_begin_with_or_none_is_refused()
    {
        _operations.Add("d-11");
        _operations.Add("d-12");
        Assert.Contains("Several dead letters begin with d-1", await FailAsync("inspect", "d-1"));
        Assert.Contains("There is no dead letter whose id begins with d-9", await FailAsync("inspect", "d-9"));
        Assert.Contains("There is no dead letter d-99", await FailAsync("inspect", "d-9".PadRight(Letter.IdLength, '9')));
    }

    [Fact]
    public async Task One_is_redriven_in_the_name_of_whoever_is_signed_in_and_twice_is_once()
    {
        var id = _operations.Add("d-1").Id;
        Assert.Equal(0, await RunAsync("redrive", "d-1"));
        Assert.Equal([$"1/1  {id}  payment  payment-requests  o-1.x  redriven"], Lines());
        Assert.Equal(0, await RunAsync("redrive", "d-1"));
        Assert.Equal([$"1/1  {id}  payment  payment-requests  o-1.x  was redriven before"], Lines());
        Assert.Equal([$"redrive {id} by {Environment.UserName}"], _operations.Changes);
    }

    [Fact]
    public async Task All_that_wait_are_redriven_after_a_confirmation_also_those_left_half_way()
    {
        _operations.LargestPage = 2;
        var ids = new[] { _operations.Add("d-1"), _operations.Add("d-2"), _operations.Add("d-3"), _operations.Add("d-4", state: Letter.Redriving) }.Select(l => l.Id);
        _operations.Add("d-5", app: "inventory");
        _operations.Add("d-6", state: Letter.Redriven);

        Assert.Equal(0, await RunAsync(["redrive", "--all", "--app", "payment", "--by", "ada"], answer: "y"));

        Assert.Equal("Publish 4 dead letters again (4 of payment)? [y/N] ", _questions.ToString());
        Assert.Equal(ids.Select(id => $"redrive {id} by ada"), _operations.Changes);
    }

    [Theory]
    [InlineData("n", "Nothing was published.")]
    [InlineData("", "Nothing was published.")]
    [InlineData(null, "Publish 1 dead letter again (1 of payment)? Nobody can answer here; say --yes to go on.")]
    public async Task Without_a_yes_nothing_is_published(string? answer, string expected)
    {
        _operations.Add("d-1");
        Assert.Equal(expected, await FailAsync(["redrive", "--all"], answer));
        Assert.Empty(_operations.Changes);
    }

    [Fact]
    public async Task A_broker_that_takes_no_more_ends_it_and_the_next_run_goes_on()
    {
        _operations.Add("d-1");
        var stuck = _operations.Add("d-2").Id;
        _operations.Add("d-3");
        _operations.Stuck.Add(stuck);

        Assert.Equal(
            "operations answered: The broker did not take the message. 1 of 3 dead letters were redriven; run it again to go on.", await FailAsync("redrive", "--all", "--yes"));

        _operations.Stuck.Clear();
        Assert.Equal(0, await RunAsync("redrive", "--all", "--yes"));
        Assert.Equal(3, _operations.Changes.Distinct().Count());
    }

    [Fact]
    public async Task One_that_is_refused_leaves_the_others_and_is_told()
    {
        var (discarded, fine) = (_operations.Add("d-1", state: Letter.Discarded).Id, _operations.Add("d-2").Id);

        Assert.Equal(1, await RunAsync("redrive", "d-1", "d-2", "--json"));

        var answer = JsonNode.Parse(_output.ToString())!;
        Assert.Equal(fine, answer["redriven"]!.AsArray().Single()!.GetValue<string>());
        Assert.Equal(discarded, answer["refused"]![0]!["id"]!.GetValue<string>());
        Assert.Equal($"Dead letter {discarded} is Discarded.", answer["refused"]![0]!["reason"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_discard_asks_first_and_keeps_who_and_why()
    {
        var id = _operations.Add("d-1").Id;
        Assert.Equal("Nothing was discarded.", await FailAsync(["discard", "d-1", "--reason", "a test"], "n"));
        Assert.Equal($"Give up dead letter {id} (o-1.x, which payment could not handle)? It cannot be published again afterwards. [y/N] ", _questions.ToString());
        Assert.Empty(_operations.Changes);
        Assert.Equal(0, await RunAsync("discard", "d-1", "--reason", "a test", "--by", "ada", "--yes"));
        Assert.Equal([$"discard {id} by ada: a test"], _operations.Changes);
        Assert.Equal(0, await RunAsync("discard", "d-1", "--reason", "a test", "--yes"));
        Assert.Single(_operations.Changes);
    }

    [Theory]
    [InlineData("Say which: the ids of dead letters, or --all.", "redrive")]
    [InlineData("Say which: the ids of dead letters, or --all.", "redrive", "d-1", "--all")]
    [InlineData("--app and --topic go with --all, not with ids.", "redrive", "d-1", "--app", "payment")]
    [InlineData("Option '--reason' is required.", "discard", "d-1")]
    [InlineData("--limit has to be 1 or more.", "list", "--limit", "0")]
    [InlineData("--url has to be an address such as http://localhost:5108.", "list", "--url", "here")]
    public async Task Bad_input_is_refused_before_anything_is_asked(string expected, params string[] arguments)
    {
        var errors = new StringWriter();
        var code = await Parse(arguments).InvokeAsync(new InvocationConfiguration { Output = TextWriter.Null, Error = errors }, TestContext.Current.CancellationToken);
        Assert.Equal((1, expected), (code, errors.ToString().Trim()));
    }

    [Fact]
    public async Task Where_nobody_listens_it_says_what_to_do()
    {
        var address = _operations.Address;
        await _operations.DisposeAsync();
        var failure = await FailAsync("list", "--url", address);
        Assert.StartsWith("operations does not answer at http://127.0.0.1:", failure);
        Assert.Contains("`make run`", failure);
    }

    private async Task<int> CountAsync(params string[] arguments)
    {
        Assert.Equal(0, await RunAsync([.. arguments, "--json"]));
        return JsonNode.Parse(_output.ToString())!["deadLetters"]!.AsArray().Count;
    }

    private Task<int> RunAsync(params string[] arguments) => RunAsync(arguments, null);

    private async Task<int> RunAsync(string[] arguments, string? answer)
    {
        _output.GetStringBuilder().Clear();
        _questions.GetStringBuilder().Clear();
        string[] all = arguments.Contains("--url") ? arguments : [.. arguments, "--url", _operations.Address];
        return await Parse(all, answer).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false }, TestContext.Current.CancellationToken);
    }

    private Task<string> FailAsync(params string[] arguments) => FailAsync(arguments, null);

    private async Task<string> FailAsync(string[] arguments, string? answer) => (await Assert.ThrowsAsync<ToolException>(() => RunAsync(arguments, answer))).Message;

    private ParseResult Parse(string[] arguments, string? answer = null)
    {
        var terminal = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new Screen(_output, _isTerminal) });
        var console = new OperatorConsole(terminal, _output, _questions, answer is null ? null : new StringReader(answer));
        return new RootCommand { LetterCommandLine.Create(console) }.Parse(["dlq", .. arguments]);
    }

    private string[] Lines() => _output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private sealed class Screen(TextWriter writer, bool isTerminal) : IAnsiConsoleOutput
    {
        public TextWriter Writer => writer;

        public bool IsTerminal => isTerminal;

        public int Width => 80;

        public int Height => 25;

        public void SetEncoding(Encoding encoding)
        {
        }
    }
}
