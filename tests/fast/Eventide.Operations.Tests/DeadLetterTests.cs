using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Eventide.Contracts;
using Eventide.Operations.Tests.Support;
using Eventide.ServiceDefaults.Messaging;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Eventide.Operations.Tests;

public sealed class DeadLetterTests
{
    private static readonly byte[] NoJson = Encoding.UTF8.GetBytes("\"half an env");

    [Fact]
    public async Task What_a_service_cannot_handle_is_kept_with_the_reason_the_service_gives()
    {
        await using var shop = new Shop();
        var gateway = new Gateway { IsBroken = true };
        await StartPaymentAsync(shop, gateway);
        var operations = await shop.StartOperationsAsync();
        await RequestPaymentAsync(shop);

        var letter = await ExplainedLetterAsync(operations);
        Assert.Equal("payment", Text(letter, "app"));
        Assert.Equal(Topics.PaymentRequests, Text(letter, "topic"));
        Assert.Equal("o-1.payment-requested", Text(letter, "eventId"));
        Assert.Equal("o-1", Text(letter, "orderId"));
        Assert.Equal("the gateway is broken", Text(letter, "reason"));
        Assert.Equal(3, letter["attempts"]!.GetValue<int>());

        var details = await operations.GetJsonAsync($"/dead-letters/{Text(letter, "id")}");
        var payload = JsonNode.Parse(Text(details, "text"))!;
        Assert.Equal("o-1.payment-requested", Text(payload, "id"));
        Assert.Equal(Text(details, "text"), Encoding.UTF8.GetString(Convert.FromBase64String(Text(details, "base64"))));
        Assert.Equal("arrived", Text(details["history"]![0]!, "what"));
    }

    [Fact]
    public async Task A_service_that_speaks_grpc_is_asked_by_grpc()
    {
        await using var shop = new Shop();
        await shop.StartGrpcAsync("inventory", builder => builder.Services.AddEventHandler<StockSaleRequested, Refuse>());
        var operations = await shop.StartOperationsAsync();
        await (await shop.PublisherAsync()).PublishAsync(new StockSaleRequested("o-1"));
        var letter = await ExplainedLetterAsync(operations);
        Assert.Equal("inventory", Text(letter, "app"));
        Assert.Equal("nothing is reserved for o-1", Text(letter, "reason"));
    }

    [Fact]
    public async Task A_service_that_is_away_leaves_its_dead_letter_without_a_reason_until_it_is_back()
    {
        await using var shop = new Shop();
        var operations = await shop.StartOperationsAsync();
        await (await shop.PublisherAsync()).PublishBytesAsync(
            Topics.DeadLetter("payment", Topics.PaymentRequests), Encoding.UTF8.GetBytes("""{"specversion":"1.0","id":"o-1.payment-requested","type":"t","data":{}}"""));
        Assert.Equal("no reason recorded", Text(await OnlyLetterAsync(operations), "reason"));
        await StartPaymentAsync(shop, new Gateway { IsBroken = true });
        await RequestPaymentAsync(shop);
        await Wait.UntilAsync(() => operations.GetJsonAsync("/dead-letters"), l => l["deadLetters"]!.AsArray().All(letter => Text(letter!, "reason") == "the gateway is broken"));
    }

    [Fact]
    public async Task A_redrive_brings_the_same_event_back_to_the_service_and_says_who_did_it()
    {
        await using var shop = new Shop();
        var gateway = new Gateway { IsBroken = true };
        await StartPaymentAsync(shop, gateway);
        var operations = await shop.StartOperationsAsync();
        await RequestPaymentAsync(shop);
        var id = Text(await OnlyLetterAsync(operations), "id");

        gateway.IsBroken = false;
        await operations.PostJsonAsync($"/dead-letters/{id}/redrive", new { by = "ada" });
        Assert.Equal("o-1", await gateway.Paid.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        await operations.PostJsonAsync($"/dead-letters/{id}/redrive", new { by = "ada" });

        var details = await operations.GetJsonAsync($"/dead-letters/{id}");
        Assert.Equal("Redriven", Text(details, "state"));
        Assert.Equal(["arrived", "redriven"], details["history"]!.AsArray().Select(action => Text(action!, "what")));
        Assert.Equal("ada", Text(details["history"]![1]!, "by"));
        Assert.Empty((await operations.GetJsonAsync("/dead-letters"))["deadLetters"]!.AsArray());
    }

    [Fact]
    public async Task A_redrive_is_a_span_that_links_to_the_trace_in_which_the_message_was_published()
    {
        var redrives = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Eventide.Operations",
            Sample = (ref _) => ActivitySamplingResult.AllData,
            ActivityStopped = redrives.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        await using var shop = new Shop();
        var operations = await shop.StartOperationsAsync();
        var publisher = await shop.PublisherAsync();
        await publisher.PublishBytesAsync(Topics.DeadLetter("payment", Topics.PaymentRequests), Encoding.UTF8.GetBytes(
            """{"specversion":"1.0","id":"o-1.payment-requested","type":"t","data":{},"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}"""));
        var letter = await OnlyLetterAsync(operations);
        await operations.PostJsonAsync($"/dead-letters/{Text(letter, "id")}/redrive", new { by = "ada" });

        var span = Assert.Single(redrives, activity => (string?)activity.GetTagItem("eventide.dead_letter.id") == Text(letter, "id"));
        Assert.Equal("0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331", $"{span.Links.Single().Context.TraceId}-{span.Links.Single().Context.SpanId}");
        Assert.NotEqual(span.Links.Single().Context.TraceId, span.TraceId);
        var details = await operations.GetJsonAsync($"/dead-letters/{Text(letter, "id")}");
        Assert.Equal(span.TraceId.ToString(), Text(details["history"]![1]!, "traceId"));
    }

    [Fact]
    public async Task One_that_fails_again_after_a_redrive_waits_again_under_the_same_id()
    {
        await using var shop = new Shop();
        await StartPaymentAsync(shop, new Gateway { IsBroken = true });
        var operations = await shop.StartOperationsAsync();
        await RequestPaymentAsync(shop);
        var id = Text(await OnlyLetterAsync(operations), "id");
        var answer = await operations.PostJsonAsync("/dead-letters/redrive", new { by = "ada", app = "payment" });
        Assert.Equal(1, answer["redriven"]!.GetValue<int>());
        var details = await Wait.UntilAsync(() => operations.GetJsonAsync($"/dead-letters/{id}"), letter => letter["history"]!.AsArray().Count == 3);
        Assert.Equal("Waiting", Text(details, "state"));
        Assert.Equal("came back", Text(details["history"]![2]!, "what"));
    }

    [Fact]
    public async Task Bytes_that_are_no_event_are_kept_byte_for_byte()
    {
        await using var shop = new Shop();
        var operations = await shop.StartOperationsAsync();
        byte[] bytes = [0xFF, 0x00, 0x80, .. NoJson];
        await (await shop.PublisherAsync()).PublishBytesAsync(Topics.DeadLetter("payment", Topics.PaymentRequests), bytes);
        var letter = await OnlyLetterAsync(operations);
        Assert.Equal("no reason recorded", Text(letter, "reason"));
        var details = await operations.GetJsonAsync($"/dead-letters/{Text(letter, "id")}");
        Assert.Null(details["text"]);
        Assert.Equal(bytes, Convert.FromBase64String(Text(details, "base64")));
    }

    [Fact]
    public async Task What_operations_itself_cannot_read_becomes_a_dead_letter_of_its_own()
    {
        await using var shop = new Shop();
        var operations = await shop.StartOperationsAsync();
        var publisher = await shop.PublisherAsync();
        await publisher.PublishBytesAsync(Topics.Orders, Encoding.UTF8.GetBytes(
            $$$"""{"specversion":"1.0","id":"somebody-elses","source":"x","type":"{{{OrderConfirmed.Type}}}","data":{"orderId":"o-1","orderVersion":2}}"""));
        var letter = await ExplainedLetterAsync(operations);
        Assert.Equal("operations", Text(letter, "app"));
        Assert.Equal("the event id is somebody-elses, but from its order and type follows o-1.v2", Text(letter, "reason"));
    }

    [Fact]
    public async Task The_same_dead_letter_twice_is_one()
    {
        await using var shop = new Shop();
        var operations = await shop.StartOperationsAsync();
        var publisher = await shop.PublisherAsync();
        var topic = Topics.DeadLetter("payment", Topics.PaymentRequests);
        await publisher.PublishBytesAsync(topic, NoJson);
        await publisher.PublishBytesAsync(topic, NoJson);
        await publisher.PublishBytesAsync(topic, Encoding.UTF8.GetBytes("another"));
        var list = await Wait.UntilAsync(() => operations.GetJsonAsync("/dead-letters"), l => l["deadLetters"]!.AsArray().Count == 2);
        var details = await operations.GetJsonAsync($"/dead-letters/{Text(list["deadLetters"]![1]!, "id")}");
        Assert.Single(details["history"]!.AsArray());
    }

    [Fact]
    public async Task A_discarded_one_keeps_its_reason_and_cannot_be_redriven()
    {
        await using var shop = new Shop();
        var operations = await shop.StartOperationsAsync();
        await (await shop.PublisherAsync()).PublishBytesAsync(Topics.DeadLetter("payment", Topics.PaymentRequests), NoJson);
        var id = Text(await OnlyLetterAsync(operations), "id");
        await operations.PostJsonAsync($"/dead-letters/{id}/discard", new { by = "ada", reason = "a test by hand" });
        await PostAsync(operations, $"/dead-letters/{id}/redrive", new { by = "ada" }).IsProblemAsync(HttpStatusCode.Conflict);
        var details = await operations.GetJsonAsync($"/dead-letters/{id}");
        Assert.Equal("Discarded", Text(details, "state"));
        Assert.Equal("a test by hand", Text(details["history"]![1]!, "reason"));
        Assert.Empty((await operations.GetJsonAsync("/dead-letters"))["deadLetters"]!.AsArray());
        Assert.Single((await operations.GetJsonAsync("/dead-letters?state=all"))["deadLetters"]!.AsArray());
    }

    [Fact]
    public async Task Lists_are_filtered_and_paged_without_losing_or_repeating_one()
    {
        await using var shop = new Shop();
        var operations = await shop.StartOperationsAsync();
        var publisher = await shop.PublisherAsync();
        foreach (var number in Enumerable.Range(1, 5))
        {
            await publisher.PublishBytesAsync(Topics.DeadLetter("payment", Topics.PaymentRequests), Encoding.UTF8.GetBytes($"payment {number}"));
            await publisher.PublishBytesAsync(Topics.DeadLetter("inventory", Topics.Orders), Encoding.UTF8.GetBytes($"inventory {number}"));
        }

        await Wait.UntilAsync(() => operations.GetJsonAsync("/dead-letters"), l => l["deadLetters"]!.AsArray().Count == 10);
        Assert.Equal(5, (await operations.GetJsonAsync("/dead-letters?app=inventory&topic=orders"))["deadLetters"]!.AsArray().Count);
        var (seen, next) = (new List<string>(), "");
        do
        {
            var page = await operations.GetJsonAsync($"/dead-letters?take=3{(next.Length > 0 ? "&before=" + Uri.EscapeDataString(next) : "")}");
            seen.AddRange(page["deadLetters"]!.AsArray().Select(letter => Text(letter!, "id")));
            next = page["next"]?.GetValue<string>() ?? "";
        }
        while (next.Length > 0);
        Assert.Equal(10, seen.Count);
        Assert.Equal(10, seen.Distinct().Count());
    }

    [Fact]
    public async Task Dead_letters_survive_a_restart()
    {
        await using var shop = new Shop();
        var operations = await shop.StartOperationsAsync();
        await (await shop.PublisherAsync()).PublishBytesAsync(Topics.DeadLetter("payment", Topics.PaymentRequests), NoJson);
        var letter = await OnlyLetterAsync(operations);
        await shop.StopAsync();
        operations = await shop.StartOperationsAsync();
        Assert.Equal(letter.ToJsonString(), (await OnlyLetterAsync(operations)).ToJsonString());
    }

    private static Task StartPaymentAsync(Shop shop, Gateway gateway) => shop.StartAsync(
        "payment", builder => builder.Services.AddSingleton(gateway).AddEventHandler<PaymentRequested, Pay>(), _ => { });

    private static async Task RequestPaymentAsync(Shop shop) =>
        await (await shop.PublisherAsync()).PublishAsync(new PaymentRequested("o-1", 5m, "tok", DateTimeOffset.MaxValue));

    private static async Task<JsonNode> OnlyLetterAsync(HttpClient operations) =>
        (await Wait.UntilAsync(() => operations.GetJsonAsync("/dead-letters"), l => l["deadLetters"]!.AsArray().Count > 0))["deadLetters"]!.AsArray().Single()!;

    /// <summary>The same once the app has said why; on a busy machine it may not answer in time at first.</summary>
    private static async Task<JsonNode> ExplainedLetterAsync(HttpClient operations) => (await Wait.UntilAsync(
        () => operations.GetJsonAsync("/dead-letters"),
        page => page["deadLetters"]!.AsArray() is [{ } letter] && Text(letter, "reason") != "no reason recorded"))["deadLetters"]!.AsArray().Single()!;

    private static Task<HttpResponseMessage> PostAsync(HttpClient client, string path, object body) =>
        client.PostAsJsonAsync(path, body, TestContext.Current.CancellationToken);

    private static string Text(JsonNode node, string name) => node[name]!.GetValue<string>();

    private sealed class Gateway
    {
        public volatile bool IsBroken;

        public TaskCompletionSource<string> Paid { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class Pay(Gateway gateway) : IEventHandler<PaymentRequested>
    {
        public Task HandleAsync(PaymentRequested message, CancellationToken cancellationToken)
        {
            if (gateway.IsBroken)
            {
                throw new InvalidOperationException("the gateway is broken");
            }

            gateway.Paid.TrySetResult(message.OrderId);
            return Task.CompletedTask;
        }
    }

    private sealed class Refuse : IEventHandler<StockSaleRequested>
    {
        public Task HandleAsync(StockSaleRequested message, CancellationToken cancellationToken) =>
            throw new UnprocessableMessageException($"nothing is reserved for {message.OrderId}");
    }
}
