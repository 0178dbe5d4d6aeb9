using System.Text;
using System.Text.Json;
using Dapr;
using Dapr.Client;
using Eventide.Contracts;
using Microsoft.Extensions.Logging;

namespace Eventide.ServiceDefaults.Messaging;

/// <summary>
/// Brings a message to this app's own dead letters without the sidecar: for entries of a bulk, of which Dapr versions differ in what becomes of a dropped one.
/// Thread-safe.
/// </summary>
internal sealed partial class OwnDeadLetters(DaprClient dapr, ServiceIdentity service, ILogger<OwnDeadLetters> log)
{
    // As it is: the sidecar adds nothing.
    private static readonly Dictionary<string, string> Raw = new() { ["rawPayload"] = "true" };

    /// <summary>True when the broker has it.</summary>
    public async Task<bool> TrySendAsync(string topic, JsonElement message, CancellationToken cancellationToken)
    {
        try
        {
            await dapr.PublishByteEventAsync(
                Topics.PubSub, Topics.DeadLetter(service.AppId, topic), Encoding.UTF8.GetBytes(message.GetRawText()), "application/cloudevents+json", Raw, cancellationToken);
            return true;
        }
        catch (DaprException failure)
        {
            NotSent(failure, topic);
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A message of {Topic} that cannot be handled could not be brought to the dead letters; it is delivered again")]
    private partial void NotSent(Exception failure, string topic);
}
