using Eventide.Contracts;
using Eventide.Scaling.Load.Schedule;
using Eventide.Scaling.Load.Targets;

namespace Eventide.Scaling.Load.Running;

/// <summary>Does what visitors and customers do. Within a visit or a purchase a step waits for the answer to the one before, and is measured from when it was intended.</summary>
internal sealed class ShopTraffic(ILoadTarget target, LoadClock clock, ActionSender sender, OrderFollower follower)
{
    private const int Tries = 3;
    private static readonly TimeSpan BeforeSecondTry = TimeSpan.FromMilliseconds(500);

    public async Task VisitAsync(Visit visit, CancellationToken cancellationToken)
    {
        var possible = TimeSpan.Zero;
        foreach (var page in visit.Pages)
        {
            await sender.SendAsync(ActionKind.BrowsePage, clock.DueOf(page.At), possible, token => target.BrowseAsync(page.Path, token), Itself, cancellationToken);
            possible = clock.Elapsed;
        }
    }

    public async Task BuyAsync(Purchase purchase, CancellationToken cancellationToken)
    {
        var possible = TimeSpan.Zero;
        foreach (var step in purchase.Basket)
        {
            await sender.SendAsync(
                ActionKind.FillBasket, clock.DueOf(step.At), possible, token => target.PutInBasketAsync(purchase.Customer, step, token), Itself, cancellationToken);
            possible = clock.Elapsed;
        }

        var due = clock.DueOf(purchase.PlaceAt);
        var answer = await sender.SendAsync(ActionKind.PlaceOrder, due, possible, token => PlaceAsync(purchase, token), Itself, cancellationToken);
        if (answer is { Verdict: not Verdict.Refused and var verdict })
        {
            // The id follows from the key: also an order whose answer did not come can be looked for.
            follower.Follow(purchase.Customer, OrderIds.Of(purchase.Customer, purchase.Key), due, isAccepted: verdict == Verdict.Answered);
        }
    }

    /// <summary>A customer who gets no answer asks again, under the same key.</summary>
    private async Task<LoadAnswer> PlaceAsync(Purchase purchase, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var answer = await target.PlaceOrderAsync(purchase, cancellationToken);
            if (answer.Verdict != Verdict.Failed || attempt == Tries)
            {
                return answer;
            }

            await Task.Delay(BeforeSecondTry * attempt, clock.Time, cancellationToken);
        }
    }

    private static LoadAnswer Itself(LoadAnswer answer) => answer;
}
