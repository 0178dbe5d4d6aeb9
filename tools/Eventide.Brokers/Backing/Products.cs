using Eventide.Brokers.Servers;

namespace Eventide.Brokers.Backing;

/// <summary>The servers that the folders of <c>components/brokers</c> and <c>components/stores</c> need.</summary>
internal static class Products
{
    /// <summary>By the folder of components. What is not here needs no server of this machine.</summary>
    public static IReadOnlyDictionary<string, Product> All { get; } = new Dictionary<string, Product>(StringComparer.Ordinal)
    {
        ["rabbitmq"] = new Product(
            "RabbitMQ", "RABBITMQ_URL", 5672, "rabbitmq-server", new Dictionary<string, string> { ["pubsub.rabbitmq"] = "connectionString" },
            [new LocalProduct(() => RabbitMqServer.IsInstalled, folder => new RabbitMqServer(folder))]),
    };
}
