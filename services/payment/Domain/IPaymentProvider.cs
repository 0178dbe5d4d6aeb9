namespace Eventide.Payment.Domain;

/// <summary>The company that moves the money. Every call carries an idempotency key: the same key never moves money twice.</summary>
public interface IPaymentProvider
{
    /// <summary>Captures once per key; null when captured, else why it was declined.</summary>
    Task<string?> CaptureAsync(string key, decimal amount, string paymentToken, CancellationToken cancellationToken);

    /// <summary>Gives back what the key captured; after this the key captures nothing any more, also when it has captured nothing yet. Returns the amount given back, each time
    /// the same.</summary>
    Task<decimal> VoidAsync(string key, CancellationToken cancellationToken);

    /// <summary>What has moved under the key; null when the provider was never asked.</summary>
    Task<PaymentStatement?> FindStatementAsync(string key, CancellationToken cancellationToken);
}

/// <summary>The provider's account of one key.</summary>
public sealed record PaymentStatement(decimal Captured, decimal Refunded);
