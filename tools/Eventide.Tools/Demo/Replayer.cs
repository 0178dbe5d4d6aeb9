using System.Text.Json;
using System.Text.Json.Nodes;
using Eventide.Contracts;
using Eventide.Tools.Evidence;
using Eventide.Tools.Shops;

namespace Eventide.Tools.Demo;

/// <summary>Publishes every event of every order once more, with the id that it had, as a broker does that delivers twice or an operator who redrives.</summary>
internal sealed class Replayer(ShopClient shop)
{
    private const int Concurrency = 8;

    /// <summary>How many messages were published again.</summary>
    public async Task<int> ReplayAsync(ShopEvidence evidence, CancellationToken cancellationToken)
    {
        var messages = evidence.Orders.SelectMany(order => order.Events.Select(message => (message.Topic, Envelope: Envelope(order, message)))).ToList();
        await Parallel.ForEachAsync(messages, new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = cancellationToken }, async (message, token) =>
            await shop.PublishAsync(message.Topic, message.Envelope, token));
        return messages.Count;
    }

    private static string Envelope(OrderEvidence order, EventView message)
    {
        var data = JsonNode.Parse(message.Data.GetRawText())!.AsObject();
        if (message.Type == PaymentRequested.Type)
        {
            // The observer keeps no means of payment; whoever placed the order knows it.
            data["paymentToken"] = order.Driven.Plan.Request.PaymentToken;
        }

        var envelope = new Dictionary<string, object?>
        {
            ["specversion"] = "1.0",
            ["id"] = message.Id,
            ["source"] = message.Source,
            ["type"] = message.Type,
            ["subject"] = order.Id,
            ["time"] = message.Time,
            ["datacontenttype"] = "application/json",
            ["partitionkey"] = order.Id,
            ["data"] = data,
        };
        if (message.OrderVersion is { } version)
        {
            envelope["orderversion"] = version;
        }

        if (message.NotAfter is { } limit)
        {
            envelope["notafter"] = limit;
        }

        return JsonSerializer.Serialize(envelope);
    }
}
