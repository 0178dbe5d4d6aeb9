using System.Security.Cryptography;
using System.Text;

namespace Eventide.Contracts;

/// <summary>Ids that follow from what they name, so that doing a thing twice gives the same id twice.</summary>
public static class OrderIds
{
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";

    /// <summary>The order that this customer means by this Idempotency-Key: "o-" and 52 characters of base32 (RFC 4648), a valid workflow id.</summary>
    public static string Of(string customerId, string idempotencyKey)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{customerId.Length}:{customerId}{idempotencyKey}"));
        var text = new StringBuilder("o-", 54);
        var (buffer, bits) = (0, 0);
        foreach (var b in hash)
        {
            buffer = (buffer << 8) | b;
            bits += 8;
            while (bits >= 5)
            {
                text.Append(Alphabet[(buffer >> (bits - 5)) & 31]);
                bits -= 5;
            }
        }

        return text.Append(Alphabet[(buffer << (5 - bits)) & 31]).ToString();
    }

    /// <summary>
    /// The id of an event: it follows from the order and its version, or from the order and the type where an order causes one event of that type at most. So
    /// publishing again is recognisable, and the order document alone tells what must have been published.
    /// </summary>
    public static string Event<TEvent>(TEvent message) where TEvent : IOrderEvent => message is IOrderFact fact
        ? Fact(message.OrderId, fact.OrderVersion)
        : Event<TEvent>(message.OrderId);

    /// <summary>The id of the fact that led to this version of the order.</summary>
    public static string Fact(string orderId, int orderVersion) => $"{orderId}.v{orderVersion}";

    /// <summary>The id of the one request or reply of this type that an order can cause.</summary>
    public static string Event<TEvent>(string orderId) where TEvent : IOrderEvent => Event(orderId, TEvent.Type);

    /// <summary>The same for a type that is known by its name only.</summary>
    public static string Event(string orderId, string type) => $"{orderId}.{type.Split('.')[^2]}";
}
