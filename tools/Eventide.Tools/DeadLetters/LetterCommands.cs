using System.Text.Encodings.Web;
using System.Text.Json;

namespace Eventide.Tools.DeadLetters;

/// <summary>What can be done with dead letters. Exit code 0 when what was asked is so, also when it was so before; 1 otherwise.</summary>
internal sealed class LetterCommands(LettersClient letters, OperatorConsole console, bool asJson)
{
    private const int LongestReason = 100;

    // Shown to a person; the console sees to control characters.
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>`dlq list`.</summary>
    public async Task<int> ListAsync(LetterFilter filter, int limit, CancellationToken cancellationToken)
    {
        var found = await letters.ListAsync(filter, cancellationToken).Take(limit + 1).ToListAsync(cancellationToken);
        var (shown, more) = (found.Take(limit).ToList(), found.Count > limit);
        if (asJson)
        {
            console.WriteJson(new { deadLetters = shown, more });
            return 0;
        }

        if (shown.Count == 0)
        {
            console.Line(filter.State.Equals(Letter.Waiting, StringComparison.OrdinalIgnoreCase) ? "No dead letter waits." : "There is no such dead letter.");
            return 0;
        }

        if (!console.IsTerminal)
        {
            console.Table(
                ["id", "received", "app", "topic", "event", "state", "attempts", "reason"],
                [.. shown.Select(letter => new[]
                {
                    letter.Id, OperatorConsole.Time(letter.ReceivedAt), letter.App, letter.Topic, letter.Subject, letter.State, letter.Attempts?.ToString() ?? "?", letter.Reason,
                })]);
            return 0;
        }

        // Two lines each, so that 80 columns are enough.
        console.Table(
            ["id", "received", "message", "reason"],
            [.. shown.Select(letter => new[]
            {
                $"{letter.ShortId}\n{(letter.State == Letter.Waiting ? "" : letter.State.ToLowerInvariant())}", OperatorConsole.Time(letter.ReceivedAt).Replace(' ', '\n'),
                $"{letter.App}: {letter.Topic}\n{letter.Subject}", letter.Reason.Length > LongestReason ? letter.Reason[..LongestReason] + "…" : letter.Reason,
            })]);
        console.Line(more ? $"The newest {limit}; --limit shows more." : Count(shown.Count) + ". `make dlq ARGS=\"inspect ID\"` shows one (an id may be cut).");
        return 0;
    }

    /// <summary>`dlq inspect`.</summary>
    public async Task<int> InspectAsync(string id, CancellationToken cancellationToken)
    {
        var letter = await FindAsync(id, cancellationToken);
        if (asJson)
        {
            console.WriteJson(letter);
            return 0;
        }

        console.Table(["dead letter", letter.Id],
        [
            ["state", letter.State], ["app", letter.App], ["topic", letter.Topic], ["event", letter.Subject], ["type", letter.Type.Length > 0 ? letter.Type : "unknown"],
            ["order", letter.OrderId ?? "none"], ["reason", letter.Reason], ["attempts", letter.Attempts?.ToString() ?? "unknown"],
            ["failed at", letter.FailedAt is { } failed ? OperatorConsole.Time(failed) : "unknown"], ["received at", OperatorConsole.Time(letter.ReceivedAt)],
            ["trace", letter.TraceId ?? "none"], ["sha256", letter.Sha256],
        ]);
        console.Table(
            ["at", "what", "by", "why", "trace"],
            [.. letter.History.Select(action => new[] { OperatorConsole.Time(action.At), action.What, action.By, action.Reason ?? "", action.TraceId ?? "" })]);
        if (letter.Headers.Count > 0)
        {
            console.Table(["header", "value"], [.. letter.Headers.OrderBy(header => header.Key).Select(header => new[] { header.Key, header.Value })]);
        }

        console.Line("payload:");
        console.Text(Payload(letter));
        return 0;
    }

    /// <summary>`dlq redrive ID…`.</summary>
    public async Task<int> RedriveAsync(IReadOnlyList<string> ids, string by, CancellationToken cancellationToken)
    {
        var found = new List<Letter>();
        foreach (var id in ids)
        {
            found.Add(await FindAsync(id, cancellationToken));
        }

        return await RedriveAsync(found, by, cancellationToken);
    }

    /// <summary>`dlq redrive --all`.</summary>
    public async Task<int> RedriveAllAsync(string? app, string? topic, string by, bool isConfirmed, CancellationToken cancellationToken)
    {
        // All of them before the first is published: what comes back meanwhile is not tried again.
        var waiting = await letters.ListAsync(new LetterFilter(app, topic, Letter.Waiting), cancellationToken)
            .Concat(letters.ListAsync(new LetterFilter(app, topic, Letter.Redriving), cancellationToken)).DistinctBy(letter => letter.Id).ToListAsync(cancellationToken);
        if (waiting.Count > 0 && !isConfirmed)
        {
            var perApp = string.Join(", ", waiting.GroupBy(letter => letter.App).OrderBy(group => group.Key).Select(group => $"{group.Count()} of {group.Key}"));
            if (!await console.ConfirmAsync($"Publish {Count(waiting.Count)} again ({perApp})?", cancellationToken))
            {
                throw new ToolException("Nothing was published.");
            }
        }

        return await RedriveAsync(waiting, by, cancellationToken);
    }

    /// <summary>`dlq discard`.</summary>
    public async Task<int> DiscardAsync(IReadOnlyList<string> ids, string reason, string by, bool isConfirmed, CancellationToken cancellationToken)
    {
        var found = new List<Letter>();
        foreach (var id in ids)
        {
            found.Add(await FindAsync(id, cancellationToken));
        }

        if (!isConfirmed)
        {
            var which = found is [var only] ? $"dead letter {only.Id} ({only.Subject}, which {only.App} could not handle)" : Count(found.Count);
            if (!await console.ConfirmAsync($"Give up {which}? It cannot be published again afterwards.", cancellationToken))
            {
                throw new ToolException("Nothing was discarded.");
            }
        }

        return await EachAsync(found, "discarded", Letter.Discarded, letter => letters.DiscardAsync(letter.Id, by, reason, cancellationToken));
    }

    private Task<int> RedriveAsync(IReadOnlyList<Letter> found, string by, CancellationToken cancellationToken) =>
        EachAsync(found, "redriven", Letter.Redriven, letter => letters.RedriveAsync(letter.Id, by, cancellationToken));

    /// <summary>One after the other, each told as it is done. A refusal leaves the others; a failure ends it, because it would meet them all.</summary>
    private async Task<int> EachAsync(IReadOnlyList<Letter> found, string what, string state, Func<Letter, Task<Letter>> change)
    {
        var (changed, unchanged, refused) = (new List<string>(), new List<string>(), new List<object>());
        foreach (var letter in found)
        {
            string outcome;
            try
            {
                if (letter.State == state)
                {
                    unchanged.Add(letter.Id);
                    outcome = $"was {what} before";
                }
                else
                {
                    await change(letter);
                    changed.Add(letter.Id);
                    outcome = what;
                }
            }
            catch (LetterRefusedException refusal)
            {
                refused.Add(new { letter.Id, reason = refusal.Message });
                outcome = $"not {what}: {refusal.Message}";
            }
            catch (ToolException failure)
            {
                throw new ToolException($"{failure.Message} {changed.Count} of {Count(found.Count)} were {what}; run it again to go on.", failure);
            }

            if (!asJson)
            {
                console.Line($"{changed.Count + unchanged.Count + refused.Count}/{found.Count}  {letter.Id}  {letter.App}  {letter.Topic}  {letter.Subject}  {outcome}");
            }
        }

        if (asJson)
        {
            console.WriteJson(new Dictionary<string, object> { [what] = changed, ["unchanged"] = unchanged, ["refused"] = refused });
        }
        else if (found.Count == 0)
        {
            console.Line("No dead letter waits.");
        }

        return refused.Count == 0 ? 0 : 1;
    }

    private async Task<LetterDetails> FindAsync(string id, CancellationToken cancellationToken)
    {
        try
        {
            return await letters.FindAsync(id, cancellationToken);
        }
        catch (LetterRefusedException refusal)
        {
            throw new ToolException(refusal.Message, refusal);
        }
    }

    private static string Count(int letters) => letters == 1 ? "1 dead letter" : $"{letters} dead letters";

    private static string Payload(LetterDetails letter)
    {
        if (letter.Text is null)
        {
            return $"{letter.Base64}\n(not text; this is its base64)";
        }

        try
        {
            using var json = JsonDocument.Parse(letter.Text);
            return JsonSerializer.Serialize(json, Indented);
        }
        catch (JsonException)
        {
            return letter.Text;
        }
    }
}
