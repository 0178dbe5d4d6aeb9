using System.Text;
using Eventide.Contracts;
using Eventide.Operations.Domain;
using Eventide.Operations.Tests.Support;
using Eventide.ServiceDefaults;
using Eventide.ServiceDefaults.State;
using Microsoft.Extensions.Time.Testing;

namespace Eventide.Operations.Tests;

/// <summary>When a dead letter goes, and what it may not take with it.</summary>
public sealed class DeadLetterRetentionTests
{
    private static readonly TimeSpan Retention = TimeSpan.FromDays(30);
    private readonly MemoryState _state = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly DeadLetters _letters;

    public DeadLetterRetentionTests() =>
        _letters = new DeadLetters(new DocumentStore(_state, new ServiceIdentity("operations"), _time, new Random(1)), _time);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_dealt_with_long_ago_goes_and_leaves_nothing_behind()
    {
        await DiscardAsync(await KeepAsync("a"));
        await DiscardAsync(await KeepAsync("b"));
        _time.Advance(Retention + TimeSpan.FromMinutes(1));

        Assert.Equal(2, await RemoveAsync());

        Assert.Equal(["operations/dead-letters/days"], _state.Keys);
        Assert.Empty(await ReadAsync());
    }

    [Fact]
    public async Task What_waits_and_what_was_dealt_with_lately_stays()
    {
        var waiting = await KeepAsync("waits");
        var lately = await KeepAsync("discarded lately");
        var redriving = await KeepAsync("left half-way");
        await DiscardAsync(await KeepAsync("discarded long ago"));
        await _letters.ChangeAsync(redriving, current => current.BeginRedrive(_letters.Action("redriven", "ada", null)), Cancellation);
        _time.Advance(Retention);
        await DiscardAsync(lately);
        _time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(1, await RemoveAsync());

        Assert.Equal(new[] { waiting, lately, redriving }.Order(), (await ReadAsync()).Order());
    }

    [Fact]
    public async Task The_time_begins_anew_for_one_that_came_back()
    {
        var id = await KeepAsync("a");
        await DiscardAsync(id);
        _time.Advance(Retention);
        await KeepAsync("a");
        await DiscardAsync(id);
        _time.Advance(Retention - TimeSpan.FromMinutes(1));
        Assert.Equal(0, await RemoveAsync());
        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(1, await RemoveAsync());
    }

    [Theory]
    [InlineData("operations/dead-letter/")]
    [InlineData("operations/dead-letter-payload/")]
    public async Task One_that_arrives_again_while_it_is_removed_waits_with_its_bytes(string document)
    {
        var id = await KeepAsync("a");
        await DiscardAsync(id);
        _time.Advance(Retention + TimeSpan.FromMinutes(1));
        _state.Removing = async key =>
        {
            if (key.StartsWith(document, StringComparison.Ordinal))
            {
                _state.Removing = null;
                await KeepAsync("a");
            }
        };

        await RemoveAsync();
        await RemoveAsync();

        Assert.Equal(DeadLetterState.Waiting, (await _letters.FindAsync(id, Cancellation))?.State);
        Assert.Equal("a"u8.ToArray(), await _letters.PayloadAsync(id, Cancellation));
        Assert.Equal([id], await ReadAsync());
    }

    [Fact]
    public async Task A_removal_that_stopped_half_way_is_ended_by_the_next()
    {
        await DiscardAsync(await KeepAsync("a"));
        _time.Advance(Retention + TimeSpan.FromMinutes(1));
        _state.Removing = key => key.Contains("payload", StringComparison.Ordinal) ? throw new OperationCanceledException() : Task.CompletedTask;
        await Assert.ThrowsAsync<OperationCanceledException>(RemoveAsync);
        _state.Removing = null;

        await RemoveAsync();

        Assert.Equal(["operations/dead-letters/days"], _state.Keys);
    }

    [Fact]
    public async Task The_service_removes_them_by_itself()
    {
        await using var shop = new Shop();
        var operations = await shop.StartOperationsAsync(
            ("Operations:DeadLetterRetention", "00:00:00"), ("Operations:DeadLetterSweepInterval", "00:00:00.020"));
        var publisher = await shop.PublisherAsync();
        await publisher.PublishBytesAsync(Topics.DeadLetter("payment", Topics.PaymentRequests), "stays"u8.ToArray());
        await publisher.PublishBytesAsync(Topics.DeadLetter("payment", Topics.PaymentRequests), "goes"u8.ToArray());
        var list = await Wait.UntilAsync(() => operations.GetJsonAsync("/dead-letters"), page => page["deadLetters"]!.AsArray().Count == 2);
        var ids = list["deadLetters"]!.AsArray().Select(letter => letter!["id"]!.GetValue<string>()).ToList();
        await operations.PostJsonAsync($"/dead-letters/{ids[0]}/discard", new { by = "ada", reason = "a test" });

        var left = await Wait.UntilAsync(() => operations.GetJsonAsync("/dead-letters?state=all"), page => page["deadLetters"]!.AsArray().Count == 1);

        Assert.Equal(ids[1], left["deadLetters"]![0]!["id"]!.GetValue<string>());
    }

    private async Task<string> KeepAsync(string payload)
    {
        var bytes = Encoding.UTF8.GetBytes(payload);
        var headers = new Dictionary<string, string>();
        await _letters.KeepAsync("payment", "orders", bytes, headers, Cancellation);
        return DeadLetter.Of("payment", "orders", bytes, headers, _time.GetUtcNow()).Id;
    }

    private Task<DeadLetter> DiscardAsync(string id) =>
        _letters.ChangeAsync(id, current => current.Discard(_letters.Action("discarded", "ada", "x")), Cancellation);

    private Task<int> RemoveAsync() => _letters.RemoveAsync(_time.GetUtcNow() - Retention, Cancellation);

    private async Task<List<string>> ReadAsync() =>
        await _letters.ReadAsync(new DeadLetterFilter(null, null, null), null, Cancellation).Select(letter => letter.Id).ToListAsync(Cancellation);
}
