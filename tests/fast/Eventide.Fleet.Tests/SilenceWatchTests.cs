using Eventide.Contracts;
using Eventide.Fleet.Domain;
using Eventide.Fleet.Tests.Support;
using Eventide.ServiceDefaults.Messaging;
using Eventide.ServiceDefaults.State;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Eventide.Fleet.Tests;

/// <summary>Replicas that look through the same fleet.</summary>
public sealed class SilenceWatchTests
{
    private const int Count = 300;
    private static readonly FleetOptions Options = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_replica_that_is_not_done_in_time_leaves_the_rest_to_the_one_that_took_over()
    {
        await using var shop = new FleetShop();
        var services = await shop.StartFleetServicesAsync();
        var heardAt = _time.GetUtcNow() - TimeSpan.FromHours(1);
        await services.GetRequiredService<Vehicles>().ApplyAsync([.. Enumerable.Range(1, Count).Select(vehicle => Heard($"v-{vehicle}", heardAt))], Cancel);
        var published = new List<string>();
        var other = Watch(services, new Publisher(vehicle =>
        {
            published.Add(vehicle);
            return Task.CompletedTask;
        }));
        var slow = Watch(services, new Publisher(async vehicle =>
        {
            published.Add(vehicle);
            _time.Advance(Options.SilenceCheck);
            await other.LookAsync(Cancel);
        }));

        await slow.LookAsync(Cancel);

        // The one that was being published when the time was over is said twice, with the same id.
        Assert.Equal(Count, published.Distinct().Count());
        Assert.Equal(Count + 1, published.Count);
    }

    private SilenceWatch Watch(IServiceProvider services, IEventPublisher publisher) => new(
        services.GetRequiredService<Vehicles>(), services.GetRequiredService<VehicleIndex>(), services.GetRequiredService<DocumentStore>(), publisher,
        Microsoft.Extensions.Options.Options.Create(Options), _time);

    private static ReadingsReceived Heard(string vehicle, DateTimeOffset at) => new(vehicle, at, [new Reading(1, at, 52.5, 13.4, 80, 1000, Ignition: true, 1)]);

    private sealed class Publisher(Func<string, Task> published) : IEventPublisher
    {
        public Task PublishAsync<TEvent>(TEvent message, CancellationToken cancellationToken, DateTimeOffset? occurredAt = null) where TEvent : IEvent => published(message.Subject);
    }
}
