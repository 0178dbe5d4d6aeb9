using System.Security.Claims;
using Eventide.Contracts;
using Eventide.Ordering.Domain;
using Eventide.Ordering.Saga;
using Eventide.ServiceDefaults.Modules;
using Eventide.ServiceDefaults.Problems;
using Eventide.ServiceDefaults.SignIn;
using Microsoft.AspNetCore.Mvc;

namespace Eventide.Ordering.Api;

/// <summary>POST /orders, GET /orders/{id}, POST /orders/{id}/cancel; each only for the customer who signed in.</summary>
internal static class OrderRoutes
{
    private const int LongestKey = 200;

    public static void MapOrders(this IEndpointRouteBuilder routes)
    {
        var orders = routes.MapGroup("/orders").RequireSignIn();
        orders.MapPost("", PlaceAsync);
        orders.MapGet("/{id}", async (string id, ClaimsPrincipal user, Orders store, CancellationToken token) =>
            await store.FindAsync(id, token) is { } order && order.CustomerId == user.Subject() ? Results.Ok(OrderView.Of(order)) : NotFound(id));
        orders.MapPost("/{id}/cancel", CancelAsync);
    }

    private static async Task<IResult> PlaceAsync(
        [FromBody] PlaceOrder? body, [FromHeader(Name = "Idempotency-Key")] string? key, ClaimsPrincipal user, Orders orders, IProductCatalog catalog,
        Sagas sagas, TimeProvider time, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(key) || key.Length > LongestKey)
        {
            return Problem.Field("Idempotency-Key", $"The header is missing or longer than {LongestKey} characters; send a new unique value per order.");
        }

        if (body is null)
        {
            return Problem.Field("body", "Send the order as JSON: lines, paymentToken and country.");
        }

        if (body.Fault() is var (field, message))
        {
            return Problem.Field(field, message);
        }

        var id = OrderIds.Of(user.Subject(), key);
        var order = await orders.FindAsync(id, cancellationToken);
        if (order is null)
        {
            var products = await catalog.FindAsync([.. body.Lines!.Select(line => line!.Sku!).Distinct()], cancellationToken);
            if (body.Lines!.Index().FirstOrDefault(entry => !products.ContainsKey(entry.Item!.Sku!)) is { Item: { } unknown, Index: var index })
            {
                return Problem.Field($"lines[{index}].sku", $"There is no product {unknown.Sku}.");
            }

            var lines = body.Lines!.GroupBy(line => line!.Sku!, StringComparer.Ordinal)
                .Select(group => new OrderLine(group.Key, group.Sum(line => line!.Quantity!.Value), products[group.Key].Price)).ToList();
            order = await orders.AddAsync(
                Order.Place(id, user.Subject(), body.Hash(), lines, body.PaymentToken!, body.Country!, time.GetUtcNow()), cancellationToken);
        }

        if (order.RequestHash != body.Hash())
        {
            return Problem.Field(
                "Idempotency-Key", "The key was used for another order; send a new one.", statusCode: StatusCodes.Status422UnprocessableEntity);
        }

        if (order.State == OrderState.New)
        {
            await sagas.StartAsync(order.Id);
        }

        return Results.Accepted($"/orders/{order.Id}", OrderView.Of(order));
    }

    private static async Task<IResult> CancelAsync(string id, ClaimsPrincipal user, Orders orders, Sagas sagas, CancellationToken cancellationToken)
    {
        if (await orders.FindAsync(id, cancellationToken) is not { } found || found.CustomerId != user.Subject())
        {
            return NotFound(id);
        }

        var order = await orders.ChangeAsync(id, current => current.RequestCancel(), cancellationToken);
        if (!order.CancelRequested)
        {
            return Problem.Conflict($"The order can no longer be cancelled: it is {order.State}.");
        }

        if (!found.CancelRequested)
        {
            await sagas.WakeAsync(order);
        }

        return Results.Accepted($"/orders/{id}", OrderView.Of(order));
    }

    private static IResult NotFound(string id) => Problem.NotFound($"There is no order {id}.");
}
