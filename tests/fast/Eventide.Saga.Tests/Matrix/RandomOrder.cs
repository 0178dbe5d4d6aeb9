using Eventide.Contracts;
using Eventide.Ordering.Domain;
using Eventide.Saga.Tests.Faults;
using Eventide.Saga.Tests.Hosting;

namespace Eventide.Saga.Tests.Matrix;

/// <summary>An order to which several things happen, chosen by a seed.</summary>
internal sealed class RandomOrder(int seed)
{
    private const int New = 24;

    // A seed that failed is added here, with what was wrong.
    private static readonly int[] Known = [1, 2, 3, 4, 5, 6, 7, 8];

    private readonly Random _random = new(seed);

    public string Key => $"random-{seed}";

    public OrderRequest Request => (seed % 6) switch
    {
        0 => OrderRequest.OutOfStock,
        1 => OrderRequest.Declined,
        2 => OrderRequest.NotDeliverable,
        _ => OrderRequest.Good,
    };

    /// <summary>Seeds that are always tried, and new ones.</summary>
    public static IReadOnlyList<int> Seeds { get; } = [.. Known, .. Enumerable.Range(0, New).Select(index => (Shop.Seed * 100) + index)];

    public void Prepare(Shop shop)
    {
        var order = Shop.IdOf(Key);
        var faults = shop.Faults.Of(order);
        var cancelsAt = _random.Next(3) == 0 ? StepRoute.Of.Keys.ElementAt(_random.Next(StepRoute.Of.Count)) : SagaStep.End;
        foreach (var (step, route) in StepRoute.Of)
        {
            Disturb(faults, route.Asked, step == cancelsAt ? () => shop.CancelAsync(order) : () => Task.CompletedTask);
            Disturb(faults, route.Answered, () => Task.CompletedTask);
            Disturb(faults, Points.Publish(route.Request), () => Task.CompletedTask);
            Disturb(faults, Points.Publish(route.Reply), () => Task.CompletedTask);
        }

        foreach (var point in (string[])[
            Points.Capture, Points.Void, Points.Book, Points.CancelBooking, Points.Write("reservation"), Points.Write("payment"), Points.Write("shipment"),
            Points.Write("order"), Points.Publish(OrderConfirmed.Type), Points.Publish(OrderCancelled.Type)])
        {
            Disturb(faults, point, () => Task.CompletedTask);
        }
    }

    private void Disturb(OrderFaults faults, string point, Func<Task> first)
    {
        // Each point is given its own numbers, so that what happens at one does not depend on how often another is passed.
        var choices = Enumerable.Range(0, 3).Select(_ => _random.Next(10)).ToArray();
        faults.At(point, async (attempt, proceed) =>
        {
            if (attempt == 1)
            {
                await first();
            }

            var choice = attempt <= choices.Length ? choices[attempt - 1] : -1;
            switch (choice)
            {
                case 0:
                    throw new InjectedException("before");
                case 1:
                    await proceed();
                    throw new InjectedException("after");
                case 2 when !point.StartsWith("writes", StringComparison.Ordinal):
                    await Task.WhenAll(proceed(), proceed());
                    break;
                default:
                    await proceed();
                    break;
            }
        });
    }
}
