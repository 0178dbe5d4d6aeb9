using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Dapr;
using Eventide.Contracts;
using Eventide.Contracts.Grpc;
using Eventide.ServiceDefaults;
using Eventide.ServiceDefaults.Messaging;
using Grpc.Core;
using FailedDeliveries = Eventide.ServiceDefaults.Messaging.FailedDeliveries;
using FailedDelivery = Eventide.ServiceDefaults.Messaging.FailedDelivery;
using Notes = Eventide.Contracts.Grpc.FailedDeliveries;

namespace Eventide.Operations.Domain;

/// <summary>
/// Why an app could not handle a message. Brokers do not say; the app noted it at each failed attempt and is asked for it, while somebody waits and not for long.
/// Thread-safe.
/// </summary>
internal sealed partial class FailureReasons(
    ServiceIdentity self, FailedDeliveries own, HttpClient apps, GrpcInvocation grpcApps, DeadLetters letters, TimeProvider time, ILogger<FailureReasons> log)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>The dead letter with its reason where the app knows it; unchanged when the app does not or is away. A reason that was learned is kept.</summary>
    public async Task<DeadLetter> ExplainAsync(DeadLetter letter, CancellationToken cancellationToken)
    {
        if (letter.Reason is not null || letter.EventId.Length == 0 || await AskAsync(letter, cancellationToken) is not { } note)
        {
            return letter;
        }

        return await letters.ChangeAsync(
            letter.Id,
            current => current.Reason is null ? current with { Reason = note.Reason, Attempts = note.Attempts, FailedAt = note.FailedAt } : current,
            cancellationToken);
    }

    private async Task<FailedDelivery?> AskAsync(DeadLetter letter, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            if (letter.App == self.AppId)
            {
                return await own.FindAsync(letter.EventId, either.Token);
            }

            if (Subscriptions.GrpcApps.Contains(letter.App))
            {
                return await AskGrpcAsync(letter, either.Token);
            }

            using var answer = await apps.GetAsync(new Uri($"http://{letter.App}/failed-deliveries/{Uri.EscapeDataString(letter.EventId)}"), either.Token);
            if (answer.StatusCode == HttpStatusCode.NotFound)
            {
                return null;
            }

            answer.EnsureSuccessStatusCode();
            return await answer.Content.ReadFromJsonAsync<FailedDelivery>(either.Token);
        }
        catch (Exception failure) when (failure is HttpRequestException or JsonException or RpcException or DaprException || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            Away(failure, letter.App, letter.EventId);
            return null;
        }
    }

    private async Task<FailedDelivery?> AskGrpcAsync(DeadLetter letter, CancellationToken cancellationToken)
    {
        try
        {
            var client = new Notes.FailedDeliveriesClient(grpcApps.To(letter.App));
            var note = await client.GetAsync(new GetFailedDeliveryRequest { EventId = letter.EventId }, cancellationToken: cancellationToken);
            return new FailedDelivery(note.EventId, note.Topic, note.Type, note.Attempts, note.Reason, note.TraceId, note.FailedAt.ToDateTimeOffset());
        }
        catch (RpcException failure) when (failure.StatusCode == StatusCode.NotFound)
        {
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{App} could not be asked why it failed on event {EventId}; its dead letter is shown without a reason")]
    private partial void Away(Exception failure, string app, string eventId);
}
