using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace Eventide.Ordering.Api;

/// <summary>What a customer sends. Prices and the owner are not part of it; a field that is not listed here is refused.</summary>
/// <param name="PaymentToken">The payment provider's reference to the customer's means of payment, never a card number.</param>
/// <param name="Country">Where it goes (ISO 3166-1 alpha-2).</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed partial record PlaceOrder(IReadOnlyList<PlaceOrderLine?>? Lines = null, string? PaymentToken = null, string? Country = null)
{
    private const int MaxLines = 50;
    private const int MaxQuantity = 1000;
    private const int MaxSkuLength = 50;

    /// <summary>The first field at fault and what is wrong with it; null when the order can be looked up in the catalog.</summary>
    public (string Field, string Message)? Fault()
    {
        if (Lines is not { Count: > 0 and <= MaxLines })
        {
            return ("lines", $"An order has 1 to {MaxLines} lines.");
        }

        var ordered = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (index, line) in Lines.Index())
        {
            if (line?.Sku is not { Length: > 0 and <= MaxSkuLength } sku || sku.Contains(','))
            {
                return ($"lines[{index}].sku", "Name the product by its SKU, such as SKU-001.");
            }

            if (line.Quantity is not (>= 1 and <= MaxQuantity))
            {
                return ($"lines[{index}].quantity", $"The quantity is {line.Quantity?.ToString() ?? "missing"}; allowed is 1 to {MaxQuantity}.");
            }

            if ((ordered[sku] = ordered.GetValueOrDefault(sku) + line.Quantity.Value) > MaxQuantity)
            {
                return ($"lines[{index}].quantity", $"Together the lines order {ordered[sku]} of {sku}; allowed is {MaxQuantity}.");
            }
        }

        if (PaymentToken is null || !TokenFormat().IsMatch(PaymentToken))
        {
            return ("paymentToken", "Send the payment provider's token, such as tok_visa; card numbers are not accepted.");
        }

        return Country is null || !CountryFormat().IsMatch(Country) ? ("country", "The country is a two-letter code in capitals (ISO 3166-1), such as DE.") : null;
    }

    /// <summary>Equal for bodies that mean the same, whatever their spelling in JSON.</summary>
    public string Hash() => Convert.ToHexString(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(this)));

    /// <summary>Without the token.</summary>
    public override string ToString() => $"{Lines?.Count ?? 0} lines to {Country}";

    // Twelve digits in a row could be a card number, which must not get into any event or log.
    [GeneratedRegex(@"\Atok_(?!\w*[0-9]{12})[A-Za-z0-9_]{1,100}\z")]
    private static partial Regex TokenFormat();

    [GeneratedRegex(@"\A[A-Z]{2}\z")]
    private static partial Regex CountryFormat();
}

/// <summary>A product and how many of it.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record PlaceOrderLine(string? Sku = null, int? Quantity = null);
