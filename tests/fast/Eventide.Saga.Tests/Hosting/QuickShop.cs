using Eventide.Contracts;
using Eventide.Saga.Tests.Hosting;

[assembly: AssemblyFixture(typeof(QuickServices))]
[assembly: AssemblyFixture(typeof(QuickMonolith))]

namespace Eventide.Saga.Tests.Hosting;

/// <summary>A shop whose sagas repeat their requests often, for all tests that stop nothing.</summary>
public abstract class QuickShop(ShopShape shape) : IAsyncLifetime
{
    private Shop? _shop;

    internal Shop Shop => _shop!;

    public async ValueTask InitializeAsync() => _shop = await Shop.StartAsync(shape, TimeSpan.FromSeconds(0.25), TimeSpan.FromSeconds(5));

    public ValueTask DisposeAsync() => _shop!.DisposeAsync();
}

/// <inheritdoc/>
public sealed class QuickServices() : QuickShop(ShopShape.Services);

/// <inheritdoc/>
public sealed class QuickMonolith() : QuickShop(ShopShape.Monolith);
