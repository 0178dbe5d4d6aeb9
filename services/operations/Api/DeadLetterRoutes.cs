using System.Text;
using System.Text.Json.Serialization;
using System.Text.Unicode;
using Eventide.Operations.Domain;
using Eventide.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Mvc;

namespace Eventide.Operations.Api;

/// <summary>GET /dead-letters, GET /dead-letters/{id}, and what can be done with them.</summary>
internal static class DeadLetterRoutes
{
    private const int LongestText = 500;

    public static void MapDeadLetters(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/dead-letters", ListAsync);
        routes.MapGet("/dead-letters/{id}", ShowAsync);
        routes.MapPost("/dead-letters/{id}/redrive", RedriveAsync);
        routes.MapPost("/dead-letters/redrive", RedriveAllAsync);
        routes.MapPost("/dead-letters/{id}/discard", DiscardAsync);
    }

    private static async Task<IResult> ListAsync(
        string? app, string? topic, string? state, string? before, string? take, DeadLetters letters, FailureReasons reasons, CancellationToken cancellationToken)
    {
        var wanted = (DeadLetterState?)DeadLetterState.Waiting;
        if (state is "all" ? (wanted = null) is not null : state is not null && !Query.TryChoose(state, out wanted))
        {
            return Problem.Field("state", $"There is no state {state}; it is one of {Query.NamesOf<DeadLetterState>()}, or all.");
        }

        TimeCursor? place = null;
        if (before is not null)
        {
            if (!TimeCursor.TryParse(before, out var cursor))
            {
                return Problem.Field("before", "before is what an earlier answer gave as next, or a time.");
            }

            place = cursor;
        }

        if (Query.Take(take) is not { } size)
        {
            return Query.BadTake();
        }

        var page = new List<DeadLetter>(size);
        await foreach (var letter in letters.ReadAsync(new DeadLetterFilter(app, topic, wanted), place, cancellationToken))
        {
            page.Add(letter);
            if (page.Count == size)
            {
                break;
            }
        }

        var explained = await Task.WhenAll(page.Select(letter => reasons.ExplainAsync(letter, cancellationToken)));
        var next = page.Count == size ? new TimeCursor(page[^1].ReceivedAt, page[^1].Id).ToString() : null;
        return Results.Ok(new DeadLetterPage([.. explained.Select(DeadLetterView.Of)], next));
    }

    private static async Task<IResult> ShowAsync(string id, DeadLetters letters, FailureReasons reasons, CancellationToken cancellationToken)
    {
        if (await letters.FindAsync(id, cancellationToken) is not { } letter)
        {
            return NotFound(id);
        }

        var payload = await letters.PayloadAsync(id, cancellationToken);
        return Results.Ok(DeadLetterDetails.Of(await reasons.ExplainAsync(letter, cancellationToken), payload));
    }

    private static async Task<IResult> RedriveAsync(
        string id, [FromBody] RedriveOne body, DeadLetters letters, Redrive redrive, CancellationToken cancellationToken)
    {
        if (Fault(body.By) is { } fault)
        {
            return fault;
        }

        if (await letters.FindAsync(id, cancellationToken) is null)
        {
            return NotFound(id);
        }

        var letter = await redrive.RunAsync(id, body.By, cancellationToken);
        return letter.State == DeadLetterState.Discarded
            ? Problem.Conflict($"Dead letter {id} was discarded and is not published again.")
            : Results.Ok(DeadLetterView.Of(letter));
    }

    private static async Task<IResult> RedriveAllAsync([FromBody] RedriveMany body, Redrive redrive, CancellationToken cancellationToken) =>
        Fault(body.By) ?? Results.Ok(new { redriven = await redrive.RunAllAsync(new DeadLetterFilter(body.App, body.Topic, null), body.By, cancellationToken) });

    private static async Task<IResult> DiscardAsync(string id, [FromBody] DiscardOne body, DeadLetters letters, CancellationToken cancellationToken)
    {
        if (Fault(body.By) is { } fault)
        {
            return fault;
        }

        if (string.IsNullOrWhiteSpace(body.Reason) || body.Reason.Length > LongestText)
        {
            return Problem.Field("reason", $"Say why it is given up, in 1 to {LongestText} characters.");
        }

        if (await letters.FindAsync(id, cancellationToken) is null)
        {
            return NotFound(id);
        }

        var letter = await letters.ChangeAsync(id, current => current.Discard(letters.Action("discarded", body.By, body.Reason)), cancellationToken);
        return letter.State == DeadLetterState.Discarded
            ? Results.Ok(DeadLetterView.Of(letter))
            : Problem.Conflict($"Dead letter {id} is {letter.State}; only one that waits can be discarded.");
    }

    private static IResult? Fault(string by) =>
        string.IsNullOrWhiteSpace(by) || by.Length > LongestText ? Problem.Field("by", "Say who does this; it is kept in the dead letter's history.") : null;

    private static IResult NotFound(string id) => Problem.NotFound($"There is no dead letter {id}.");

    private sealed record RedriveOne(string By);

    private sealed record RedriveMany(string By, string? App = null, string? Topic = null);

    private sealed record DiscardOne(string By, string Reason);

    private sealed record DeadLetterPage(IReadOnlyList<DeadLetterView> DeadLetters, string? Next);
}

/// <summary>A dead letter in a list.</summary>
internal record DeadLetterView(
    string Id, string App, string Topic, string EventId, string Type, string? OrderId, string? TraceId, DateTimeOffset ReceivedAt, string State, string Reason,
    int? Attempts, DateTimeOffset? FailedAt)
{
    protected const string NoReason = "no reason recorded";

    public static DeadLetterView Of(DeadLetter letter) => new(
        letter.Id, letter.App, letter.Topic, letter.EventId, letter.Type, letter.OrderId, letter.TraceId, letter.ReceivedAt, letter.State.ToString(),
        letter.Reason ?? NoReason, letter.Attempts, letter.FailedAt);
}

/// <summary>All that is known of a dead letter.</summary>
/// <param name="Text">The payload when it is text; null otherwise.</param>
/// <param name="Base64">The payload, byte for byte.</param>
internal sealed record DeadLetterDetails(
    string Id, string App, string Topic, string EventId, string Type, string? OrderId, string? TraceId, DateTimeOffset ReceivedAt, string State, string Reason,
    int? Attempts, DateTimeOffset? FailedAt, [property: JsonPropertyOrder(1)] IReadOnlyList<DeadLetterAction> History,
    [property: JsonPropertyOrder(1)] IReadOnlyDictionary<string, string> Headers, [property: JsonPropertyOrder(1)] string? Text,
    [property: JsonPropertyOrder(1)] string Base64, [property: JsonPropertyOrder(1)] string Sha256)
    : DeadLetterView(Id, App, Topic, EventId, Type, OrderId, TraceId, ReceivedAt, State, Reason, Attempts, FailedAt)
{
    public static DeadLetterDetails Of(DeadLetter letter, byte[] payload) => new(
        letter.Id, letter.App, letter.Topic, letter.EventId, letter.Type, letter.OrderId, letter.TraceId, letter.ReceivedAt, letter.State.ToString(),
        letter.Reason ?? NoReason, letter.Attempts, letter.FailedAt, letter.History, letter.Headers,
        Utf8.IsValid(payload) ? Encoding.UTF8.GetString(payload) : null, Convert.ToBase64String(payload), letter.Sha256);
}
