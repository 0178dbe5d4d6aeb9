using System.Globalization;
using Dapr.Client.Autogen.Grpc.v1;
using Eventide.Contracts;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Eventide.ServiceDefaults.Messaging;

/// <summary>
/// The way out for many events at once. The official client's bulk call takes neither an id nor a partition key per event, so this speaks the sidecar's API itself.
/// Thread-safe.
/// </summary>
public sealed partial class BulkEventPublisher : IDisposable
{
    private const string DefaultPort = "50001";
    private readonly GrpcChannel _channel;
    private readonly Dapr.Client.Autogen.Grpc.v1.Dapr.DaprClient _sidecar;
    private readonly Metadata _headers = [];
    private readonly ServiceIdentity _service;
    private readonly TimeProvider _time;
    private readonly ILogger<BulkEventPublisher> _log;

    public BulkEventPublisher(IConfiguration configuration, ServiceIdentity service, TimeProvider time, ILogger<BulkEventPublisher> log)
    {
        (_service, _time, _log) = (service, time, log);
        _channel = GrpcChannel.ForAddress(configuration["DAPR_GRPC_ENDPOINT"] ?? $"http://127.0.0.1:{configuration["DAPR_GRPC_PORT"] ?? DefaultPort}");
        _sidecar = new Dapr.Client.Autogen.Grpc.v1.Dapr.DaprClient(_channel);
        if (configuration["DAPR_API_TOKEN"] is { Length: > 0 } token)
        {
            _headers.Add("dapr-api-token", token);
        }
    }

    /// <summary>Answers for each event whether the broker has it; false when that is not known. Publishing it again is recognisable by its id.</summary>
    public async Task<IReadOnlyList<bool>> PublishAsync<TEvent>(IReadOnlyList<TEvent> events, CancellationToken cancellationToken) where TEvent : IEvent
    {
        if (events.Count == 0)
        {
            return [];
        }

        var now = _time.GetUtcNow();
        var request = new BulkPublishRequest { PubsubName = Topics.PubSub, Topic = TEvent.Topic };
        foreach (var (index, message) in events.Index())
        {
            request.Entries.Add(new BulkPublishRequestEntry
            {
                EntryId = index.ToString(CultureInfo.InvariantCulture),
                Event = UnsafeByteOperations.UnsafeWrap(CloudEvents.Bytes(message, _service.AppId, now)),
                ContentType = CloudEvents.ContentType,
                Metadata = { ["partitionKey"] = message.Subject },
            });
        }

        try
        {
            var response = await _sidecar.BulkPublishEventAsync(request, _headers, cancellationToken: cancellationToken);
            var failed = response.FailedEntries.ToDictionary(entry => entry.EntryId, entry => entry.Error);
            if (failed.Count > 0)
            {
                SomeFailed(failed.Count, events.Count, TEvent.Topic, failed.First().Value);
            }

            return [.. request.Entries.Select(entry => !failed.ContainsKey(entry.EntryId))];
        }
        catch (RpcException failure) when (!cancellationToken.IsCancellationRequested)
        {
            AllFailed(failure, events.Count, TEvent.Topic);
            return [.. events.Select(_ => false)];
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _channel.Dispose();

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Failed} of {Count} events could not be published on {Topic}: {Reason}")]
    private partial void SomeFailed(int failed, int count, string topic, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} events could not be published on {Topic}")]
    private partial void AllFailed(Exception failure, int count, string topic);
}
