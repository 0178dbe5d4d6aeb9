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

    /// <summary>The id of the one event of this type that an order can cause.</summary>
    public static string Event<TEvent>(string orderId) where TEvent : IEvent => $"{orderId}.{TEvent.Type.Split('.')[^2]}";
}
