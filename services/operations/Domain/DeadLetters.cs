using System.Diagnostics;
using System.Runtime.CompilerServices;
using Eventide.ServiceDefaults.State;

namespace Eventide.Operations.Domain;

/// <summary>Which dead letters to look at; null means any.</summary>
internal sealed record DeadLetterFilter(string? App, string? Topic, DeadLetterState? State)
{
    public bool Matches(DeadLetter letter) =>
        (App is null || letter.App == App) && (Topic is null || letter.Topic == Topic) && (State is null || letter.State == State);
}

/// <summary>Every dead letter, kept until it was dealt with long ago. Thread-safe.</summary>
internal sealed class DeadLetters(DocumentStore store, TimeProvider time)
{
    private const int LettersPerRead = 50;
    private readonly TimeIndex _index = new(store, "operations/dead-letters", retention: null, time);

    /// <summary>Keeps a dead letter; completes when its bytes are safe. The same one again changes nothing while it waits.</summary>
    public async Task KeepAsync(string app, string topic, byte[] payload, IReadOnlyDictionary<string, string> headers, CancellationToken cancellationToken)
    {
        var arrived = DeadLetter.Of(app, topic, payload, headers, time.GetUtcNow());
        await store.UpdateAsync<DeadLetterPayload>(DeadLetter.PayloadKey(arrived.Id), current => current ?? new DeadLetterPayload(payload), cancellationToken);
        var stands = await store.UpdateAsync<DeadLetter>(DeadLetter.Key(arrived.Id), current => current?.Arrive(arrived.ReceivedAt) ?? arrived, cancellationToken);

        // Once more, whatever is there: a removal that began before the line above finds other bytes than it has seen, and leaves them.
        await store.UpdateAsync<DeadLetterPayload>(DeadLetter.PayloadKey(arrived.Id), _ => new DeadLetterPayload(payload), cancellationToken);
        await _index.AddAsync(stands.Id, stands.ReceivedAt, cancellationToken);
    }

    /// <summary>
    /// Removes what was redriven or discarded before <paramref name="limit"/>, and returns how many. One that arrives again meanwhile stays. Stopped half-way, or run by
    /// several replicas at a time, the next run removes the rest.
    /// </summary>
    public async Task<int> RemoveAsync(DateTimeOffset limit, CancellationToken cancellationToken)
    {
        var removed = 0;
        await foreach (var (id, at) in _index.ReadAsync(DateTimeOffset.MinValue, new TimeCursor(limit, ""), cancellationToken))
        {
            // The bytes are read first: whoever keeps the dead letter again writes them after it.
            var payload = await store.ReadAsync<DeadLetterPayload>(DeadLetter.PayloadKey(id), cancellationToken);
            var letter = await store.ReadAsync<DeadLetter>(DeadLetter.Key(id), cancellationToken);
            if (letter.Value is { } standing && standing.ReceivedAt == at)
            {
                if (!standing.WasDealtWithBefore(limit) || !await store.TryRemoveAsync(letter, cancellationToken))
                {
                    continue;
                }

                removed++;
            }

            // With another time of arrival it was removed and came anew: this entry is what is left of the old one.
            if (letter.Value is null || letter.Value.ReceivedAt == at)
            {
                await store.TryRemoveAsync(payload, cancellationToken);
            }

            await _index.RemoveAsync(id, at, cancellationToken);
        }

        return removed;
    }

    /// <summary>The dead letter, or null.</summary>
    public Task<DeadLetter?> FindAsync(string id, CancellationToken cancellationToken) => store.GetAsync<DeadLetter>(DeadLetter.Key(id), cancellationToken);

    /// <summary>Its bytes.</summary>
    public async Task<byte[]> PayloadAsync(string id, CancellationToken cancellationToken) =>
        (await store.GetAsync<DeadLetterPayload>(DeadLetter.PayloadKey(id), cancellationToken))?.Bytes
        ?? throw new InvalidOperationException($"The bytes of dead letter {id} are missing.");

    /// <summary>Changes a dead letter that exists and returns what stands.</summary>
    public Task<DeadLetter> ChangeAsync(string id, Func<DeadLetter, DeadLetter> change, CancellationToken cancellationToken) => store.UpdateAsync<DeadLetter>(
        DeadLetter.Key(id), current => change(current ?? throw new InvalidOperationException($"There is no dead letter {id}.")), cancellationToken);

    /// <summary>Dead letters in the order of their first arrival, newest first.</summary>
    public async IAsyncEnumerable<DeadLetter> ReadAsync(DeadLetterFilter filter, TimeCursor? before, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var together in _index.ReadAsync(DateTimeOffset.MinValue, before, cancellationToken).Chunk(LettersPerRead))
        {
            var letters = await store.GetManyAsync<DeadLetter>([.. together.Select(entry => DeadLetter.Key(entry.Id))], cancellationToken);
            foreach (var (id, _) in together)
            {
                if (letters.TryGetValue(DeadLetter.Key(id), out var letter) && filter.Matches(letter))
                {
                    yield return letter;
                }
            }
        }
    }

    /// <summary>What is noted in the history of a dead letter.</summary>
    public DeadLetterAction Action(string what, string by, string? reason) => new(what, time.GetUtcNow(), by, reason, Activity.Current?.TraceId.ToString());
}
