using Eventide.Contracts;

namespace Eventide.Saga.Tests.Hosting;

/// <summary>A shop for tests that stop parts of it: its sagas repeat nothing for 10 seconds, so what works works without repetition.</summary>
public abstract class CrashShop(ShopShape shape) : IAsyncLifetime
{
    internal static readonly TimeSpan RepeatAfter = TimeSpan.FromSeconds(10);
    private Shop? _shop;

    internal Shop Shop => _shop!;

    public async ValueTask InitializeAsync() => _shop = await Shop.StartAsync(shape, RepeatAfter, RepeatAfter * 20);

    public ValueTask DisposeAsync() => _shop!.DisposeAsync();
}

/// <inheritdoc/>
public sealed class CrashServices() : CrashShop(ShopShape.Services);

/// <inheritdoc/>
public sealed class CrashMonolith() : CrashShop(ShopShape.Monolith);
