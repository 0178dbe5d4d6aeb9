namespace Eventide.Sidecar;

/// <summary>
/// How a <see cref="SidecarHost"/> of tests disturbs deliveries, so that services are tried against what Redis, RabbitMQ and redelivery do in production:
/// messages come in another order than they were published, and some twice, at times both at once. Nothing is lost. Applies to every pub/sub component of
/// the host; partition keys give no order then, unless the window is 1.
/// </summary>
/// <param name="Seed">Makes the choices repeatable as far as threads allow; print it when a test fails.</param>
/// <param name="DuplicateRate">The share of deliveries that come twice, from 0 to 1.</param>
/// <param name="Window">Among so many neighbours the order is random; 1 keeps it.</param>
public sealed record DeliveryDisorder(int Seed, double DuplicateRate = 0.2, int Window = 8);
