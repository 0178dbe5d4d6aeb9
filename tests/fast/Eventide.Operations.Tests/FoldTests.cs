using System.Text.Json;
using CsCheck;
using Eventide.Operations.Domain;
using Eventide.Operations.Messages;
using Eventide.Operations.Tests.Support;
using Eventide.ServiceDefaults.Messaging;

namespace Eventide.Operations.Tests;

/// <summary>I9: read models equal the fold of the events, whatever the transport does with them. CsCheck prints the seed of a failure.</summary>
public sealed class FoldTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly Gen<(IReadOnlyList<Delivery> InOrder, List<Delivery> Shuffled)> Cases = Gen
        .Select(Gen.Int[0, 3], Gen.Bool)
        .SelectMany((failing, moneyFirst) =>
        {
            var events = Histories.Of("o-1", failing, moneyFirst);
            return Histories.Shuffled(events).Select(shuffled => (events, shuffled));
        });

    [Fact]
    public void Shuffled_and_doubled_facts_fold_to_the_same_as_in_order_and_once() => Cases.Sample(
        sample => Assert.Equal(Text(Fold(sample.InOrder)), Text(Fold(sample.Shuffled))),
        iter: 2000);

    [Fact]
    public void Every_prefix_folds_to_what_is_known_so_far() => Gen.Select(Gen.Int[0, 3], Gen.Bool).Sample(
        (failing, moneyFirst) =>
        {
            var events = Histories.Of("o-1", failing, moneyFirst);
            foreach (var count in Enumerable.Range(1, events.Count))
            {
                var order = Fold(events.Take(count))!;
                Assert.Empty(order.Gaps);
                Assert.Equal(count == events.Count, order.State != OrderProgress.InProgress);
                Assert.Equal(order.State == OrderProgress.InProgress, order.Step is not null);
            }
        },
        iter: 20);

    [Fact]
    public async Task What_the_service_shows_does_not_depend_on_how_messages_arrive()
    {
        await using var shop = new Shop();
        var operations = await shop.StartOperationsAsync();
        var services = shop.Of<IServiceProvider>("operations");
        var next = 0;
        await Gen.Select(Gen.Int[0, 3], Gen.Bool).SelectMany((failing, moneyFirst) =>
            {
                var id = $"o-{Interlocked.Increment(ref next)}";
                var events = Histories.Of(id, failing, moneyFirst);
                return Histories.Shuffled(events).Select(shuffled => (id, events, shuffled));
            })
            .SampleAsync(
                async sample =>
                {
                    await Task.WhenAll(sample.shuffled.Select(delivery => ObserveAsync(services, delivery)));
                    var shown = await operations.GetJsonAsync($"/orders/{sample.id}/timeline");
                    var expected = Fold(sample.events)!;
                    Assert.Equal(expected.State.ToString(), shown["state"]!.GetValue<string>());
                    Assert.Equal(expected.LastVersion, shown["lastVersion"]!.GetValue<int>());
                    Assert.Equal(expected.Reason, shown["reason"]?.GetValue<string>());
                    Assert.Equal(expected.Verdicts, shown["verdicts"]!.AsObject().ToDictionary(v => v.Key, v => v.Value!.GetValue<string>()));
                    Assert.Equal(
                        sample.events.Select(e => e.EventId).Order(StringComparer.Ordinal),
                        shown["events"]!.AsArray().Select(e => e!["id"]!.GetValue<string>()).Order(StringComparer.Ordinal));
                },
                iter: 40,
                threads: 2);
    }

    private static async Task ObserveAsync(IServiceProvider services, Delivery delivery)
    {
        await using var scope = Microsoft.Extensions.DependencyInjection.ServiceProviderServiceExtensions.CreateAsyncScope(services);
        await ((RecordEvent)scope.ServiceProvider.GetService(typeof(RecordEvent))!).ObserveAsync(delivery, TestContext.Current.CancellationToken);
    }

    private static OrderReadModel? Fold(IEnumerable<Delivery> deliveries) =>
        OrderReadModel.Fold(deliveries.Select((delivery, index) => TimelineEntry.Of(delivery, Start.AddSeconds(index))!));

    private static string Text(OrderReadModel? order) => JsonSerializer.Serialize(order);
}
