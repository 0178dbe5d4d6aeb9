using System.Collections.Concurrent;
using System.Text.Json;
using Eventide.Contracts;
using Eventide.ServiceDefaults;
using Eventide.ServiceDefaults.Messaging;
using Eventide.ServiceDefaults.State;
using Microsoft.Extensions.DependencyInjection;

namespace Eventide.Services.Tests;

/// <summary>Several handlers of one message, as when modules share a process.</summary>
public sealed class EventDispatcherTests
{
    private const string EventId = "o-1.stock-sold";

    [Theory]
    [InlineData("done", "done", DeliveryStatus.Success, null)]
    [InlineData("fails", "done", DeliveryStatus.Retry, "One: away")]
    [InlineData("done", "fails", DeliveryStatus.Retry, "Other: away")]
    [InlineData("never", "done", DeliveryStatus.Drop, "One: no such order")]
    [InlineData("never", "fails", DeliveryStatus.Retry, "One: no such order; Other: away")]
    [InlineData("never", "never", DeliveryStatus.Drop, "One: no such order; Other: no such order")]
    public async Task Each_handler_runs_whatever_becomes_of_the_other_and_a_retry_of_one_is_the_answer(string one, string other, DeliveryStatus expected, string? reason)
    {
        var outcomes = new Outcomes(one, other);
        await using var services = Build(collection => collection.AddSingleton(outcomes).AddEventHandler<StockSold, One>().AddEventHandler<StockSold, Other>());

        var status = await services.GetRequiredService<EventDispatcher>().DispatchAsync(Message(), TestContext.Current.CancellationToken);

        Assert.Equal(expected, status);
        Assert.Equal((1, 1), (outcomes.OneRuns, outcomes.OtherRuns));
        Assert.Equal(reason, (await services.GetRequiredService<FailedDeliveries>().FindAsync(EventId, TestContext.Current.CancellationToken))?.Reason);
    }

    [Fact]
    public async Task An_observer_runs_beside_the_handlers_and_alone_on_types_that_nobody_handles()
    {
        var outcomes = new Outcomes("fails", "done");
        await using var services = Build(collection => collection.AddSingleton(outcomes).AddEventHandler<StockSold, One>().AddTopicObserver<Watcher>(StockSold.Topic));
        var dispatcher = services.GetRequiredService<EventDispatcher>();

        Assert.Equal(DeliveryStatus.Retry, await dispatcher.DispatchAsync(Message(), TestContext.Current.CancellationToken));
        Assert.Equal(DeliveryStatus.Success, await dispatcher.DispatchAsync(Message() with { Type = "somebody.elses.v1" }, TestContext.Current.CancellationToken));

        Assert.Equal(["eventide.inventory.stock-sold.v1", "somebody.elses.v1"], outcomes.Seen.Order());
    }

    private static Delivery Message() => new(StockSold.Topic, EventId, StockSold.Type, JsonSerializer.SerializeToElement(new StockSold("o-1"), EventHandlingExtensions.Json));

    private static ServiceProvider Build(Action<IServiceCollection> add)
    {
        var services = new ServiceCollection();
        services.AddLogging().AddSingleton(TimeProvider.System).AddSingleton(Random.Shared).AddSingleton(new ServiceIdentity("test"))
            .AddSingleton<IStateAccess, Memory>().AddSingleton<DocumentStore>().AddSingleton<FailedDeliveries>().AddSingleton<EventDispatcher>();
        add(services);
        return services.BuildServiceProvider();
    }

    private sealed class Outcomes(string one, string other)
    {
        public int OneRuns;
        public int OtherRuns;

        public ConcurrentQueue<string> Seen { get; } = new();

        public Task OneAsync() => RunAsync(one, ref OneRuns);

        public Task OtherAsync() => RunAsync(other, ref OtherRuns);

        private static Task RunAsync(string outcome, ref int runs)
        {
            Interlocked.Increment(ref runs);
            return outcome switch
            {
                "fails" => throw new InvalidOperationException("away"),
                "never" => throw new UnprocessableMessageException("no such order"),
                _ => Task.CompletedTask,
            };
        }
    }

    private sealed class One(Outcomes outcomes) : IEventHandler<StockSold>
    {
        public Task HandleAsync(StockSold message, CancellationToken cancellationToken) => outcomes.OneAsync();
    }

    private sealed class Other(Outcomes outcomes) : IEventHandler<StockSold>
    {
        public Task HandleAsync(StockSold message, CancellationToken cancellationToken) => outcomes.OtherAsync();
    }

    private sealed class Watcher(Outcomes outcomes) : ITopicObserver
    {
        public Task ObserveAsync(Delivery delivery, CancellationToken cancellationToken)
        {
            outcomes.Seen.Enqueue(delivery.Type);
            return Task.CompletedTask;
        }
    }

    /// <summary>One document per key, each written once or over again.</summary>
    private sealed class Memory : IStateAccess
    {
        private readonly ConcurrentDictionary<string, object> _documents = [];

        public Task<Document<T>> ReadAsync<T>(string key, CancellationToken cancellationToken) where T : class =>
            Task.FromResult(_documents.TryGetValue(key, out var found) ? new Document<T>(key, (T)found, "1") : Document<T>.Absent(key));

        public Task<bool> TryWriteAsync<T>(string key, T value, string etag, TimeSpan? timeToLive, CancellationToken cancellationToken) where T : class
        {
            _documents[key] = value;
            return Task.FromResult(true);
        }

        public Task<bool> TryDeleteAsync(string key, string etag, CancellationToken cancellationToken) => Task.FromResult(_documents.TryRemove(key, out _));

        public Task<IReadOnlyDictionary<string, T>> ReadManyAsync<T>(IReadOnlyList<string> keys, CancellationToken cancellationToken) where T : class =>
            Task.FromResult<IReadOnlyDictionary<string, T>>(new Dictionary<string, T>());

        public Task<bool> TryInsertAsync<T>(IReadOnlyList<KeyValuePair<string, T>> documents, TimeSpan? timeToLive, CancellationToken cancellationToken) where T : class =>
            Task.FromResult(false);
    }
}
