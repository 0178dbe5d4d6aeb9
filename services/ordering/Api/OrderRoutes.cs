using System.Security.Cryptography;
using System.Text.Json;
using Dapr.Workflow;
using Eventide.Contracts;
using Eventide.Ordering.Domain;
using Eventide.Ordering.Saga;
using Grpc.Core;
using Microsoft.AspNetCore.Mvc;

namespace Eventide.Ordering.Api;

/// <summary>POST /orders, GET /orders/{id}, POST /orders/{id}/cancel.</summary>
internal static class OrderRoutes
{
    private const int MaxLines = 50;
    private const int MaxQuantity = 1000;
    private static readonly TimeSpan ScheduleLimit = TimeSpan.FromSeconds(5);

    public static void MapOrders(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/orders", PlaceAsync);
        routes.MapGet("/orders/{id}", async (string id, HttpRequest request, Orders orders, CancellationToken token) =>
            await orders.FindAsync(id, token) is { } order && order.CustomerId == Customer(request) ? Results.Ok(OrderView.Of(order)) : NotFound(id));
        routes.MapPost("/orders/{id}/cancel", CancelAsync);
    }

    private static async Task<IResult> PlaceAsync(
        [FromBody] PlaceOrder body, [FromHeader(Name = "Idempotency-Key")] string? key, HttpRequest request, Orders orders, CatalogPrices catalog,
        DaprWorkflowClient workflows, TimeProvider time, CancellationToken cancellationToken)
    {
        if (Customer(request) is not { } customer)
        {
            return Results.Problem(statusCode: 401, title: "Who is ordering? Send the header X-Customer-Id.");
        }

        if (string.IsNullOrWhiteSpace(key) || key.Length > 200)
        {
            return Invalid("Idempotency-Key", "The header Idempotency-Key is missing or longer than 200 characters; send a new unique value per order.");
        }

        if (Fault(body) is var (field, message))
        {
            return Invalid(field, message);
        }

        var prices = await catalog.GetAsync(body.Lines.Select(line => line.Sku).Distinct(), cancellationToken);
        if (body.Lines.Index().FirstOrDefault(entry => !prices.ContainsKey(entry.Item.Sku)) is { Item: { } unknown, Index: var index })
        {
            return Invalid($"lines[{index}].sku", $"There is no product {unknown.Sku}.");
        }

        var lines = body.Lines.GroupBy(line => line.Sku, StringComparer.Ordinal)
            .Select(group => new OrderLine(group.Key, group.Sum(line => line.Quantity), prices[group.Key])).ToList();
        var hash = Convert.ToHexString(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(body)));
        var order = await orders.AddAsync(
            new Order(
                OrderIds.Of(customer, key), customer, hash, lines, lines.Sum(line => line.Quantity * line.UnitPrice), body.PaymentToken, body.Country,
                OrderState.New, 1, false, null, time.GetUtcNow(), new Dictionary<SagaStep, Verdict>()),
            cancellationToken);
        if (order.RequestHash != hash)
        {
            return Results.Problem(statusCode: 422, title: "This Idempotency-Key was used for another order; send a new one.");
        }

        return order.State == OrderState.New && !await ScheduleAsync(order, workflows, request.HttpContext.Response)
            ? Results.Problem(statusCode: 503, title: "The order is kept but could not be started; repeat the request with the same Idempotency-Key.")
            : Results.Accepted($"/orders/{order.Id}", OrderView.Of(order));
    }

    private static async Task<bool> ScheduleAsync(Order order, DaprWorkflowClient workflows, HttpResponse response)
    {
        using var limit = new CancellationTokenSource(ScheduleLimit);
        try
        {
            await workflows.ScheduleNewWorkflowAsync(nameof(OrderSaga), order.Id, order.Id, default(DateTimeOffset?), limit.Token);
            return true;
        }
        catch (RpcException failure) when (failure.StatusCode == StatusCode.AlreadyExists)
        {
            return true;
        }
        catch (RpcException)
        {
            response.Headers.RetryAfter = "5";
            return false;
        }
    }

    private static async Task<IResult> CancelAsync(string id, HttpRequest request, Orders orders, CancellationToken cancellationToken)
    {
        if (await orders.FindAsync(id, cancellationToken) is not { } found || found.CustomerId != Customer(request))
        {
            return NotFound(id);
        }

        var order = await orders.ChangeAsync(id, current => current.RequestCancel(), cancellationToken);
        return order.CancelRequested
            ? Results.Accepted($"/orders/{id}", OrderView.Of(order))
            : Results.Problem(statusCode: 409, title: $"The order can no longer be cancelled: it is {order.State}.");
    }

    private static (string Field, string Message)? Fault(PlaceOrder body)
    {
        if (body.Lines is not { Count: > 0 and <= MaxLines })
        {
            return ("lines", $"An order has 1 to {MaxLines} lines.");
        }

        foreach (var (index, line) in body.Lines.Index())
        {
            if (line.Quantity is < 1 or > MaxQuantity)
            {
                return ($"lines[{index}].quantity", $"The quantity is {line.Quantity}; allowed is 1 to {MaxQuantity}.");
            }
        }

        return body.Country is not { Length: 2 } ? ("country", "The country is a two-letter code (ISO 3166-1).") : null;
    }

    private static string? Customer(HttpRequest request) => request.Headers["X-Customer-Id"] is [{ Length: > 0 and <= 100 } id] ? id : null;

    private static IResult Invalid(string field, string message) =>
        Results.ValidationProblem(new Dictionary<string, string[]> { [field] = [message] }, title: "The order is not valid.");

    private static IResult NotFound(string id) => Results.Problem(statusCode: 404, title: $"There is no order {id}.");
}

/// <summary>What a customer sends. Prices are not part of it.</summary>
internal sealed record PlaceOrder(IReadOnlyList<PlaceOrderLine> Lines, string PaymentToken, string Country);

/// <summary>A product and how many of it.</summary>
internal sealed record PlaceOrderLine(string Sku, int Quantity);

/// <summary>What a customer sees.</summary>
internal sealed record OrderView(
    string Id, string State, decimal Total, string? Reason, int Version, IReadOnlyList<OrderLine> Lines, IReadOnlyDictionary<string, string> Steps)
{
    public static OrderView Of(Order order) => new(
        order.Id, order.State.ToString(), order.Total, order.Reason, order.Version, order.Lines,
        order.Verdicts.ToDictionary(verdict => verdict.Key.ToString(), verdict => verdict.Value.Outcome));
}
