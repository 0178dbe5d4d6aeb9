using Eventide.Saga.Tests.Hosting;

[assembly: AssemblyFixture(typeof(QuickShop))]

namespace Eventide.Saga.Tests.Hosting;

/// <summary>A shop whose sagas repeat their requests often, for all tests that stop nothing.</summary>
public sealed class QuickShop : IAsyncLifetime
{
    private Shop? _shop;

    internal Shop Shop => _shop!;

    public async ValueTask InitializeAsync() => _shop = await Shop.StartAsync(TimeSpan.FromSeconds(0.25), TimeSpan.FromSeconds(5));

    public ValueTask DisposeAsync() => _shop!.DisposeAsync();
}
