using System.Globalization;
using Eventide.Sidecar.Hosting;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Eventide.Sidecar.Components.PubSub.RabbitMq;

/// <summary>
/// The exchanges and queues, declared with the very arguments that Dapr uses: RabbitMQ refuses whoever declares a queue otherwise than the first one did, and apps of
/// both sidecars share them. Thread-safe.
/// </summary>
internal static class Topology
{
    private const string DeadLetterExchange = "x-dead-letter-exchange";
    private const string MaxLength = "x-max-length";
    private const string MaxLengthBytes = "x-max-length-bytes";
    private const string MaxPriority = "x-max-priority";
    private const string QueueMode = "x-queue-mode";
    private const string QueueType = "x-queue-type";
    private const string SingleActiveConsumer = "x-single-active-consumer";

    /// <summary>The name of the queue: one per consumer group and topic.</summary>
    public static string QueueOf(SubscribeRequest request) =>
        request.Metadata.GetValueOrDefault("queueName") is { Length: > 0 } given ? given : $"{request.ConsumerId}-{request.Topic}";

    /// <summary>A topic is an exchange.</summary>
    public static Task DeclareExchangeAsync(IChannel channel, RabbitMqSettings settings, string topic, CancellationToken cancellationToken) =>
        DeclareExchangeAsync(channel, settings, topic, settings.ExchangeKind, settings.Durable, cancellationToken);

    /// <summary>Declares the exchange of the topic, the queue of the subscription and the bindings between them; with enableDeadLetter also those for dead letters.</summary>
    public static async Task DeclareQueueAsync(
        IChannel channel, RabbitMqSettings settings, SubscribeRequest request, IDictionary<string, object?> arguments, CancellationToken cancellationToken)
    {
        await DeclareExchangeAsync(channel, settings, request.Topic, cancellationToken);
        var queue = QueueOf(request);
        if (settings.EnableDeadLetter)
        {
            var (exchange, dead) = ($"dlx-{queue}", $"dlq-{queue}");
            await DeclareExchangeAsync(channel, settings, exchange, ExchangeType.Fanout, durable: true, cancellationToken);
            var limits = Limits(settings);
            limits[QueueMode] = "lazy";
            await TryAsync(settings, $"queue \"{dead}\"", async () =>
            {
                await channel.QueueDeclareAsync(dead, durable: true, exclusive: false, settings.DeletedWhenUnused, limits, cancellationToken: cancellationToken);
                await channel.QueueBindAsync(dead, exchange, "", cancellationToken: cancellationToken);
            });
        }

        await TryAsync(settings, $"queue \"{queue}\"", async () =>
        {
            await channel.QueueDeclareAsync(queue, settings.Durable, exclusive: false, settings.DeletedWhenUnused, arguments, cancellationToken: cancellationToken);
            foreach (var key in (request.Metadata.GetValueOrDefault("routingKey") ?? "").Split(','))
            {
                await channel.QueueBindAsync(queue, request.Topic, key, cancellationToken: cancellationToken);
            }
        });
    }

    /// <summary>The arguments of the queue. Throws <see cref="SidecarStartException"/> when the subscription's metadata are wrong.</summary>
    public static IDictionary<string, object?> Arguments(RabbitMqSettings settings, SubscribeRequest request)
    {
        var arguments = Limits(settings);
        if (settings.EnableDeadLetter)
        {
            arguments[DeadLetterExchange] = $"dlx-{QueueOf(request)}";
        }

        if (Number(request, "maxPriority") is { } priority)
        {
            arguments[MaxPriority] = (byte)Math.Min(priority, byte.MaxValue);
        }

        var type = request.Metadata.GetValueOrDefault("queueType") ?? "";
        arguments[QueueType] = type is "" or "classic" ? "classic" : type is "quorum" ? type : throw Wrong(request, "queueType", type, "classic or quorum");
        if (request.Metadata.GetValueOrDefault("singleActiveConsumer")?.Trim().ToLowerInvariant() is "true" or "yes" or "y" or "t" or "1" or "on")
        {
            arguments[SingleActiveConsumer] = true;
        }

        if (Number(request, "maxLenBytes") is { } bytes)
        {
            arguments[MaxLengthBytes] = bytes;
        }

        if (Number(request, "maxLen") is { } messages)
        {
            arguments[MaxLength] = messages;
        }

        return arguments;
    }

    private static Dictionary<string, object?> Limits(RabbitMqSettings settings)
    {
        var arguments = new Dictionary<string, object?>(StringComparer.Ordinal);
        if (settings.MaxLength > 0)
        {
            arguments[MaxLength] = settings.MaxLength;
        }

        if (settings.MaxLengthBytes > 0)
        {
            arguments[MaxLengthBytes] = settings.MaxLengthBytes;
        }

        return arguments;
    }

    private static Task DeclareExchangeAsync(
        IChannel channel, RabbitMqSettings settings, string name, string kind, bool durable, CancellationToken cancellationToken) =>
        TryAsync(settings, $"exchange \"{name}\"", () => channel.ExchangeDeclareAsync(name, kind, durable, settings.DeletedWhenUnused, cancellationToken: cancellationToken));

    private static async Task TryAsync(RabbitMqSettings settings, string subject, Func<Task> declare)
    {
        try
        {
            await declare();
        }
        catch (OperationInterruptedException failure)
        {
            throw RabbitMqException.Refused(settings, subject, failure);
        }
    }

    private static long? Number(SubscribeRequest request, string name) =>
        request.Metadata.GetValueOrDefault(name) is not { Length: > 0 } text ? null
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw Wrong(request, name, text, "a whole number of at least 0");

    private static SidecarStartException Wrong(SubscribeRequest request, string name, string value, string allowed) =>
        new($"The subscription to topic {request.Topic}: {name} in its metadata is \"{value}\"; allowed is {allowed}.");
}
