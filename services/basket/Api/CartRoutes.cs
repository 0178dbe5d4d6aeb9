using System.Security.Claims;
using Eventide.Basket.Domain;
using Eventide.ServiceDefaults.Modules;
using Eventide.ServiceDefaults.Problems;
using Eventide.ServiceDefaults.SignIn;
using Microsoft.AspNetCore.Mvc;

namespace Eventide.Basket.Api;

/// <summary>GET /basket, PUT and DELETE /basket/items/{sku}, DELETE /basket: always the cart of whoever asks.</summary>
internal static class CartRoutes
{
    private const int LongestSku = 50;

    public static void MapCart(this IEndpointRouteBuilder routes)
    {
        var basket = routes.MapGroup("/basket").RequireSignIn();
        basket.MapGet("", async (ClaimsPrincipal user, Carts carts, IProductCatalog catalog, CancellationToken token) =>
            Results.Ok(await ViewAsync(await carts.FindAsync(user.Subject(), token), catalog, token)));
        basket.MapPut("/items/{sku}", PutAsync);
        basket.MapDelete("/items/{sku}", async (string sku, ClaimsPrincipal user, Carts carts, CancellationToken token) =>
        {
            await carts.ChangeAsync(user.Subject(), cart => cart.Put(sku, 0), token);
            return Results.NoContent();
        });
        basket.MapDelete("", async (ClaimsPrincipal user, Carts carts, CancellationToken token) =>
        {
            await carts.ChangeAsync(user.Subject(), cart => cart.Clear(), token);
            return Results.NoContent();
        });
    }

    private static async Task<IResult> PutAsync(
        string sku, [FromBody] PutItem body, ClaimsPrincipal user, Carts carts, IProductCatalog catalog, CancellationToken cancellationToken)
    {
        if (body.Quantity is < 0 or > Cart.MaxQuantity)
        {
            return Problem.Field("quantity", $"The quantity is {body.Quantity}; allowed is 1 to {Cart.MaxQuantity}, or 0 to take the product out.");
        }

        if (body.Quantity > 0 && (sku.Length > LongestSku || sku.Contains(',', StringComparison.Ordinal) || !(await catalog.FindAsync([sku], cancellationToken)).ContainsKey(sku)))
        {
            return Problem.Field("sku", $"There is no product {sku}.");
        }

        var isFull = false;
        var cart = await carts.ChangeAsync(
            user.Subject(),
            current =>
            {
                isFull = body.Quantity > 0 && current.IsFull && current.Items.All(item => item.Sku != sku);
                return isFull ? current : current.Put(sku, body.Quantity);
            },
            cancellationToken);
        return isFull
            ? Problem.Field("sku", $"A basket holds {Cart.MaxItems} products; take one out first.")
            : Results.Ok(await ViewAsync(cart, catalog, cancellationToken));
    }

    private static async Task<CartView> ViewAsync(Cart cart, IProductCatalog catalog, CancellationToken cancellationToken)
    {
        var products = await catalog.FindAsync([.. cart.Items.Select(item => item.Sku)], cancellationToken);
        var items = cart.Items.Select(item => ItemView.Of(item, products.GetValueOrDefault(item.Sku))).ToList();
        return new CartView(items, items.Sum(item => item.Price ?? 0));
    }

    private sealed record PutItem(int Quantity);

    /// <summary>A cart at today's prices, in euro.</summary>
    private sealed record CartView(IReadOnlyList<ItemView> Items, decimal Total);

    /// <summary>A line of it.</summary>
    /// <param name="Price">Of all pieces together; null when the product is no longer sold.</param>
    private sealed record ItemView(string Sku, string? Name, int Quantity, decimal? UnitPrice, decimal? Price, string Availability)
    {
        public static ItemView Of(CartItem item, CatalogProduct? product) => new(
            item.Sku, product?.Name, item.Quantity, product?.Price, product?.Price * item.Quantity, product?.Availability ?? "NotSold");
    }
}
