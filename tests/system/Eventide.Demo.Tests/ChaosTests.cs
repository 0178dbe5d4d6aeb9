using Eventide.Brokers.Backing;

namespace Eventide.Demo.Tests;

/// <summary>A hundred orders on each broker and on each store while everything goes wrong that the shop promises to stand.</summary>
public sealed class ChaosTests
{
    // Twice the time in which a shop has to come to rest, so that one that does not says why.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(12);

    /// <summary>A broker and a store; every one of them is there.</summary>
    public static TheoryData<string, string> Shops => new() { { "embedded", "sqlite" }, { "redis", "redis" }, { "rabbitmq", "postgresql" }, { "kafka", "sqlite" } };

    [Theory]
    [MemberData(nameof(Shops))]
    public async Task Every_invariant_holds_whatever_is_killed_stopped_doubled_and_scaled(string broker, string store)
    {
        SkipUnlessInstalled("BROKER", broker);
        SkipUnlessInstalled("STORE", store);

        var (code, output) = await DemoProcess.RunAsync(Limit, "chaos", "--orders", "100", "--seed", "13", "--broker", broker, "--store", store);

        var injected = DemoProcess.AssertAllIsWell(code, output, orders: 100).Injected!;
        Assert.Superset(new HashSet<string> { "inventory", "payment", "shipping", "catalog", "basket", "ordering", "operations" }, injected.Killed.ToHashSet());
        Assert.Equal(1, injected.Crashes);
        Assert.Equal(0.1, injected.DeliveredTwice);
        Assert.All(new[] { "inventory", "payment" }, appId => Assert.Equal([1, 4, 1], injected.Scaled[appId]));
        if (Products.All.ContainsKey(broker))
        {
            Assert.Equal(1, injected.BrokerStops);
            Assert.True(injected.AcceptedWhileBrokerDown > 0, output);
        }
    }

    private static void SkipUnlessInstalled(string variable, string name)
    {
        if (Products.All.TryGetValue(name, out var product))
        {
            Assert.SkipUnless(product.Local.Any(local => local.IsInstalled()), $"{variable}={name} needs {product.Package}; `make brokers` installs it");
        }
    }
}
