using Eventide.Tools.DeadLetters;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Eventide.Tools.Tests.DeadLetters;

/// <summary>The dead letters of operations behind its HTTP API, in memory, and what was asked of it.</summary>
internal sealed class FakeOperations : IAsyncDisposable
{
    private readonly WebApplication _web;

    private FakeOperations(WebApplication web) => _web = web;

    public List<LetterDetails> Letters { get; } = [];

    /// <summary>What was changed: "redrive ID by BY" and "discard ID by BY: REASON".</summary>
    public List<string> Changes { get; } = [];

    /// <summary>At most so many a page.</summary>
    public int LargestPage { get; set; } = 200;

    /// <summary>Dead letters that the broker does not take.</summary>
    public HashSet<string> Stuck { get; } = [];

    public string Address => _web.Urls.Single();

    public static async Task<FakeOperations> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var fake = new FakeOperations(builder.Build());
        fake._web.MapGet("/dead-letters", fake.List);
        fake._web.MapGet("/dead-letters/{id}", (string id) => fake.Find(id) is { } letter ? Results.Ok(letter) : Problem(404, $"There is no dead letter {id}."));
        fake._web.MapPost("/dead-letters/{id}/redrive", (string id, Asked body) => fake.Stuck.Contains(id)
            ? Problem(503, "The broker did not take the message.")
            : fake.Change(id, Letter.Redriven, $"redrive {id} by {body.By}"));
        fake._web.MapPost("/dead-letters/{id}/discard", (string id, Asked body) => fake.Change(id, Letter.Discarded, $"discard {id} by {body.By}: {body.Reason}"));
        await fake._web.StartAsync(TestContext.Current.CancellationToken);
        return fake;
    }

    /// <summary>Adds a dead letter; its id begins with <paramref name="begin"/>.</summary>
    public LetterDetails Add(string begin, string app = "payment", string topic = "payment-requests", string state = Letter.Waiting, string text = """{"id":"o-1.x"}""")
    {
        var id = begin.PadRight(Letter.IdLength, '0');
        var at = new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero).AddSeconds(-Letters.Count);
        var letter = new LetterDetails(
            id, app, topic, "o-1.x", "eventide.x.v1", "o-1", "0af7651916cd43dd8448eb211c80319c", at, state, "the gateway is broken", 3, at,
            [new LetterAction("arrived", at, "broker", null, null)], new Dictionary<string, string> { ["x-broker"] = "b-7" }, text,
            Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(text)), "5e88");
        Letters.Add(letter);
        return letter;
    }

    public ValueTask DisposeAsync() => _web.DisposeAsync();

    private LetterDetails? Find(string id) => Letters.Find(letter => letter.Id == id);

    private IResult List(string? app, string? topic, string? state, string? before, int take)
    {
        var size = Math.Min(take, LargestPage);
        var page = Letters
            .Where(letter => (app ?? letter.App) == letter.App && (topic ?? letter.Topic) == letter.Topic)
            .Where(letter => state == "all" || letter.State.Equals(state ?? Letter.Waiting, StringComparison.OrdinalIgnoreCase))
            .Where(letter => before is null || letter.ReceivedAt < DateTimeOffset.Parse(before, null)).Take(size).ToList();
        return Results.Ok(new { deadLetters = page, next = page.Count == size ? page[^1].ReceivedAt.ToString("O") : null });
    }

    private IResult Change(string id, string state, string change)
    {
        var index = Letters.FindIndex(letter => letter.Id == id);
        if (Letters[index].State is not (Letter.Waiting or Letter.Redriving))
        {
            return Problem(409, $"Dead letter {id} is {Letters[index].State}.");
        }

        Changes.Add(change);
        Letters[index] = Letters[index] with { State = state };
        return Results.Ok(Letters[index]);
    }

    private static IResult Problem(int status, string title) => Results.Problem(statusCode: status, title: title);

    private sealed record Asked(string By, string? Reason = null);
}
