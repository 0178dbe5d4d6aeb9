using System.Net.Http.Json;
using System.Text.Json;
using Eventide.Contracts;
using Spectre.Console;

namespace Eventide.Tools;

/// <summary>`order`: places one order in the running shop and prints each step of its saga as it is decided.</summary>
internal static class OrderCommand
{
    private const string Ordering = "http://127.0.0.1:5103";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan TokenLifetime = TimeSpan.FromHours(1);

    public static async Task<int> ExecuteAsync()
    {
        using var http = new HttpClient { BaseAddress = new Uri(Ordering) };
        http.DefaultRequestHeaders.Authorization = new("Bearer", DevelopmentSignIn.TokenFor("ada", DateTimeOffset.UtcNow + TokenLifetime));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/orders")
        {
            Content = JsonContent.Create(new
            {
                lines = new[] { new { sku = "SKU-001", quantity = 1 }, new { sku = "SKU-007", quantity = 2 } }, paymentToken = "tok_visa", country = "DE",
            }),
        };
        request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        try
        {
            using var response = await http.SendAsync(request);
            var order = await response.Content.ReadFromJsonAsync<JsonElement>();
            if (!response.IsSuccessStatusCode)
            {
                AnsiConsole.MarkupLineInterpolated($"[red]The order was refused:[/] {order}");
                return 1;
            }

            var id = order.GetProperty("id").GetString()!;
            AnsiConsole.MarkupLineInterpolated($"Order [bold]{id}[/] accepted: {order.GetProperty("total").GetDecimal():0.00} EUR");
            return await FollowAsync(http, id);
        }
        catch (HttpRequestException failure)
        {
            AnsiConsole.MarkupLineInterpolated($"[red]No shop answers at {Ordering}[/] ({failure.Message}). Start it with `make run` in another terminal.");
            return 1;
        }
    }

    private static async Task<int> FollowAsync(HttpClient http, string id)
    {
        var seen = new HashSet<string>();
        var started = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(started) < Patience)
        {
            var order = await http.GetFromJsonAsync<JsonElement>($"/orders/{id}");
            foreach (var step in order.GetProperty("steps").EnumerateObject().Where(step => seen.Add(step.Name)))
            {
                AnsiConsole.MarkupLineInterpolated($"  {TimeProvider.System.GetElapsedTime(started).TotalSeconds,6:0.00} s  {step.Name,-12} {step.Value}");
            }

            if (order.GetProperty("state").GetString() is "Confirmed" or "Cancelled")
            {
                var confirmed = order.GetProperty("state").GetString() == "Confirmed";
                AnsiConsole.MarkupLine(confirmed ? "[green]Confirmed[/]" : "[yellow]Cancelled[/]");
                return confirmed ? 0 : 1;
            }

            await Task.Delay(50);
        }

        AnsiConsole.MarkupLineInterpolated($"[red]The order did not end within {Patience.TotalSeconds} s.[/] Its document: {Ordering}/orders/{id}");
        return 1;
    }
}
