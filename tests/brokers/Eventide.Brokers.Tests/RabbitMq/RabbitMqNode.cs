using Eventide.Brokers.Servers;
using Eventide.Sidecar.Components;
using Eventide.Sidecar.Components.PubSub;
using Eventide.Sidecar.Components.PubSub.RabbitMq;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Eventide.Brokers.Tests.RabbitMq;

/// <summary>A RabbitMQ for tests that look at the broker itself. A class fixture.</summary>
public sealed class RabbitMqNode : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("eventide-rabbitmq-");

    /// <summary>Null when RabbitMQ is not installed.</summary>
    internal RabbitMqServer? Server { get; private set; }

    /// <summary>The settings of components/brokers/rabbitmq with this node's address.</summary>
    internal IReadOnlyDictionary<string, string> SafeSettings => new Dictionary<string, string>
    {
        ["connectionString"] = Server!.Address,
        ["durable"] = "true",
        ["deletedWhenUnused"] = "false",
        ["deliveryMode"] = "2",
        ["publisherConfirm"] = "true",
        ["requeueInFailure"] = "true",
        ["prefetchCount"] = "50",
        ["reconnectWaitSeconds"] = "500ms",
    };

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        if (RabbitMqServer.IsInstalled)
        {
            Server = new RabbitMqServer(_folder.FullName);
            await Server.StartAsync(TestContext.Current.CancellationToken);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Server is not null)
        {
            await Server.DisposeAsync();
        }

        _folder.Delete(recursive: true);
    }

    /// <summary>A component that is not opened.</summary>
    internal static IPubSub Component(IReadOnlyDictionary<string, string> settings, ILoggerFactory? log = null) => new RabbitMqPubSubFactory().Create(
        new ComponentDefinition(
            "pubsub", "pubsub.rabbitmq", "v1", "pubsub.yaml", IgnoreErrors: false, TimeSpan.FromSeconds(30), new ComponentMetadata("pubsub.yaml", "pubsub", settings), []),
        new ComponentContext("shop", "default", "/", () => [], TimeProvider.System, log ?? NullLoggerFactory.Instance, new SharedComponents()));

    /// <summary>A component that is connected.</summary>
    internal static async Task<IPubSub> OpenAsync(IReadOnlyDictionary<string, string> settings, ILoggerFactory? log = null)
    {
        var component = Component(settings, log);
        await component.InitializeAsync(TestContext.Current.CancellationToken);
        return component;
    }

    /// <summary>A table of rabbitmqctl: its rows without headings, each split at its tabs.</summary>
    internal async Task<IReadOnlyList<string[]>> ListAsync(string what, params string[] columns) =>
        [.. (await Server!.ControlAsync([what, "--no-table-headers", .. columns], TestContext.Current.CancellationToken))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t'))];
}
