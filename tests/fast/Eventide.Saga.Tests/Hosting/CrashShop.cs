namespace Eventide.Saga.Tests.Hosting;

/// <summary>A shop for tests that stop parts of it: its sagas repeat nothing for 10 seconds, so what works works without repetition.</summary>
public sealed class CrashShop : IAsyncLifetime
{
    internal static readonly TimeSpan RepeatAfter = TimeSpan.FromSeconds(10);
    private Shop? _shop;

    internal Shop Shop => _shop!;

    public async ValueTask InitializeAsync() => _shop = await Shop.StartAsync(RepeatAfter, RepeatAfter * 20);

    public ValueTask DisposeAsync() => _shop!.DisposeAsync();
}
