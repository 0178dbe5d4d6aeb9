using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Eventide.Sidecar.Tests.Support;

/// <summary>An HTTP app that subscribes, keeps what it gets and answers as the test says.</summary>
internal sealed class Inbox
{
    private readonly List<object> _subscriptions = [];

    /// <summary>Every delivery, in the order of arrival.</summary>
    public ConcurrentQueue<Delivery> Deliveries { get; } = new();

    /// <summary>The answer to a delivery; the default is SUCCESS.</summary>
    public Func<Delivery, Task<string>> Answer { get; set; } = _ => Task.FromResult("""{"status":"SUCCESS"}""");

    /// <summary>The status code of the answer; the default is 200.</summary>
    public Func<Delivery, int> Status { get; set; } = _ => 200;

    public Inbox Subscribe(object subscription)
    {
        _subscriptions.Add(subscription);
        return this;
    }

    public Inbox Subscribe(string topic, string? deadLetterTopic = null) =>
        Subscribe(new { pubsubname = "pubsub", topic, route = "/" + topic.Replace('/', '-'), deadLetterTopic });

    /// <summary>Maps everything.</summary>
    public void Map(WebApplication web)
    {
        web.MapGet("/dapr/subscribe", () => Results.Text(JsonSerializer.Serialize(_subscriptions), "application/json"));
        web.MapPost("/{**path}", async (HttpContext context, string path) =>
        {
            using var body = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
            var delivery = new Delivery("/" + path, body.RootElement.Clone(), context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString()));
            Deliveries.Enqueue(delivery);
            return Results.Text(await Answer(delivery), "application/json", statusCode: Status(delivery));
        });
    }

    /// <summary>Waits for so many deliveries and gives them back.</summary>
    public async Task<IReadOnlyList<Delivery>> ReceivedAsync(int count)
    {
        await Wait.UntilAsync(() => Deliveries.Count >= count);
        return [.. Deliveries];
    }

    /// <summary>One call of the app.</summary>
    public sealed record Delivery(string Path, JsonElement Body, Dictionary<string, string> Headers)
    {
        public string? Id => Body.TryGetProperty("id", out var id) ? id.GetString() : null;

        public int Number => Body.GetProperty("data").GetInt32();

        /// <summary>The numbers in a bulk.</summary>
        public IReadOnlyList<int> Numbers => [.. Entries.Select(entry => entry.GetProperty("event").GetProperty("data").GetInt32())];

        public IReadOnlyList<JsonElement> Entries => [.. Body.GetProperty("entries").EnumerateArray()];

        /// <summary>An answer to a bulk: a status per number, "" leaves the entry out.</summary>
        public string Statuses(Func<int, string> status) => JsonSerializer.Serialize(new
        {
            statuses = Entries
                .Select(entry => new { entryId = entry.GetProperty("entryId").GetString(), status = status(entry.GetProperty("event").GetProperty("data").GetInt32()) })
                .Where(entry => entry.status.Length > 0),
        });
    }
}
