using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Eventide.Operations.Domain;

namespace Eventide.Operations.Api;

/// <summary>
/// GET /orders/stream: server-sent events. First "ready", then "order-event" for each event as it happens; a reader that is too slow gets "dropped" as its last.
/// </summary>
internal static class StreamRoutes
{
    private const string ReadyName = "ready";
    private const string EventName = "order-event";
    private const string DroppedName = "dropped";

    public static void MapStream(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/orders/stream", (string? orderId, LiveChanges changes, IHostApplicationLifetime life, HttpContext context) =>
        {
            // Whoever looks on would keep the service from stopping.
            var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, life.ApplicationStopping);
            context.Response.RegisterForDispose(end);
            return TypedResults.ServerSentEvents(StreamAsync(orderId, changes.Open(), end.Token));
        });

    private static async IAsyncEnumerable<SseItem<object>> StreamAsync(
        string? orderId, LiveChanges.Reader reader, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using (reader)
        {
            // Until something is written, whoever opened the stream does not know that it is open.
            yield return new SseItem<object>(new { }, ReadyName);
            await foreach (var entry in reader.ReadAsync(cancellationToken))
            {
                if (orderId is null || entry.OrderId == orderId)
                {
                    yield return new SseItem<object>(EventView.Of(entry), EventName) { EventId = entry.Id };
                }
            }

            if (reader.WasTooSlow)
            {
                yield return new SseItem<object>(new { reason = "The reader was too slow and has missed events; read the list of orders, then open the stream again." }, DroppedName);
            }
        }
    }
}
