using System.Diagnostics;
using System.Text.Json.Nodes;
using Eventide.Contracts;
using Eventide.Tools.Demo;
using Eventide.Tools.Shops;

namespace Eventide.Demo.Tests;

/// <summary>An operator and dead letters: the command line as a process against the whole shop.</summary>
public sealed class DeadLetterTests : IDisposable
{
    private const string Trace = "0af7651916cd43dd8448eb211c80319c";
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);
    private readonly string _data = Directory.CreateTempSubdirectory("eventide-dlq-test-").FullName;
    private readonly CancellationTokenSource _limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

    public DeadLetterTests() => _limit.CancelAfter(Limit);

    [Fact]
    public async Task A_poison_message_is_found_explained_redriven_and_given_up()
    {
        await using var shop = await OwnShop.StartAsync(_data, Repository.EmbeddedComponents, [], _limit.Token);
        using var client = new ShopClient(() => shop.State);
        await client.PublishAsync(Topics.PaymentRequests, $$$"""
            {"specversion":"1.0","id":"o-poison.payment-requested","source":"test","type":"{{{PaymentRequested.Type}}}","subject":"o-poison",
             "traceid":"00-{{{Trace}}}-b7ad6b7169203331-01","traceparent":"00-{{{Trace}}}-b7ad6b7169203331-01","data":{"orderId":"o-poison","amount":"a lot"}}
            """, _limit.Token);

        var listed = await UntilAsync(["list", "--app", "payment"], answer => answer["deadLetters"]!.AsArray().Count == 1);
        var id = Text(listed["deadLetters"]![0]!, "id");

        var letter = await AskAsync("inspect", id);
        Assert.Equal((Topics.PaymentRequests, "o-poison", Trace, 1), (Text(letter, "topic"), Text(letter, "orderId"), Text(letter, "traceId"), letter["attempts"]!.GetValue<int>()));
        Assert.Contains("$.amount", Text(letter, "reason"));
        Assert.Equal("a lot", Text(JsonNode.Parse(Text(letter, "text"))!["data"]!, "amount"));

        await AskAsync("redrive", id[..12], "--by", "ada");
        letter = await UntilAsync(["inspect", id], answer => answer["history"]!.AsArray().Count == 3);
        Assert.Equal(["arrived by broker", "redriven by ada", "came back by broker"], letter["history"]!.AsArray().Select(action => $"{Text(action!, "what")} by {Text(action!, "by")}"));

        await AskAsync("discard", id, "--reason", "a test by hand", "--yes");
        Assert.Empty((await AskAsync("list"))["deadLetters"]!.AsArray());
        var (code, _) = await RunAsync("redrive", id, "--json");
        Assert.Equal(1, code);
        letter = await AskAsync("inspect", id);
        Assert.Equal(("Discarded", "a test by hand", Environment.UserName), (Text(letter, "state"), Text(letter["history"]![3]!, "reason"), Text(letter["history"]![3]!, "by")));
    }

    [Fact]
    public async Task All_are_redriven_and_who_had_handled_them_changes_nothing()
    {
        await using var shop = await OwnShop.StartAsync(_data, Repository.EmbeddedComponents, [], _limit.Token);
        using var client = new ShopClient(() => shop.State);
        var order = (await client.PlaceAsync("ada", "once", new PlaceOrder([new PlaceOrderLine("SKU-001", 1)], "tok_visa", "DE"), _limit.Token)).Order!;
        while ((await client.FindOrderAsync("ada", order.Id, _limit.Token)).Order is not { IsTerminal: true })
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), _limit.Token);
        }

        // As if payment had failed on the request after all; a sidecar wraps what is no CloudEvent, hence a whole one.
        await client.PublishAsync(Topics.DeadLetter("payment", Topics.PaymentRequests), $$$"""
            {"specversion":"1.0","id":"{{{OrderIds.Event(order.Id, PaymentRequested.Type)}}}","source":"ordering","type":"{{{PaymentRequested.Type}}}","subject":"{{{order.Id}}}",
             "data":{"orderId":"{{{order.Id}}}","amount":{{{order.Total.ToString(System.Globalization.CultureInfo.InvariantCulture)}}},"paymentToken":"tok_visa","notAfter":"2099-01-01T00:00:00Z"}}
            """, _limit.Token);
        var listed = await UntilAsync(["list"], answer => answer["deadLetters"]!.AsArray().Count == 1);
        var id = Text(listed["deadLetters"]![0]!, "id");

        Assert.Equal(id, Assert.Single((await AskAsync("redrive", "--all", "--yes"))["redriven"]!.AsArray())!.GetValue<string>());

        Assert.Equal("Redriven", Text(await AskAsync("inspect", id), "state"));
        Assert.Empty((await AskAsync("redrive", "--all", "--yes"))["redriven"]!.AsArray());
        var payment = await client.FindAsync<JsonObject>("payment", $"/payments/{order.Id}", _limit.Token);
        Assert.Equal(order.Total, payment!["provider"]!["captured"]!.GetValue<decimal>());
    }

    public void Dispose()
    {
        _limit.Dispose();
        Directory.Delete(_data, recursive: true);
    }

    private async Task<JsonNode> UntilAsync(string[] arguments, Func<JsonNode, bool> isSo)
    {
        while (true)
        {
            var answer = await AskAsync(arguments);
            if (isSo(answer))
            {
                return answer;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), _limit.Token);
        }
    }

    private async Task<JsonNode> AskAsync(params string[] arguments)
    {
        var (code, output) = await RunAsync([.. arguments, "--json"]);
        Assert.True(code == 0, output);
        return JsonNode.Parse(output)!;
    }

    private async Task<(int Code, string Output)> RunAsync(params string[] arguments)
    {
        using var tool = Process.Start(new ProcessStartInfo("dotnet", [typeof(DemoSummary).Assembly.Location, "dlq", "--data", _data, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var (output, errors) = (tool.StandardOutput.ReadToEndAsync(_limit.Token), tool.StandardError.ReadToEndAsync(_limit.Token));
        await tool.WaitForExitAsync(_limit.Token);
        return (tool.ExitCode, await output + await errors);
    }

    private static string Text(JsonNode node, string name) => node[name]!.GetValue<string>();
}
