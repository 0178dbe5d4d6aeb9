using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Reflection;
using System.Text.Json;
using Eventide.Contracts;
using Eventide.Saga.Tests.Checks;
using Eventide.Saga.Tests.Faults;
using Eventide.Saga.Tests.Hosting;
using Eventide.ServiceDefaults.Messaging;
using Eventide.ServiceDefaults.Modules;
using Microsoft.Extensions.DependencyInjection;

namespace Eventide.Saga.Tests.Messages;

/// <summary>What is different when all modules share a process: one store, one delivery, one address.</summary>
public sealed class MonolithTests(QuickMonolith quick)
{
    private Shop Shop => quick.Shop;

    private IServiceProvider Services => Shop["payment"].Services;

    [Fact]
    public async Task A_module_that_cannot_handle_a_message_keeps_no_other_from_it_and_gets_it_again()
    {
        const string key = "shared-delivery";
        var id = Shop.IdOf(key);
        var refused = new TaskCompletionSource();
        Shop.Faults.Of(id).At(Points.Handle("inventory", OrderCreated.Type), (attempt, proceed) =>
        {
            if (attempt <= 3)
            {
                throw new InjectedException("before");
            }

            refused.TrySetResult();
            return proceed();
        });
        await Shop.PlaceAsync(key, OrderRequest.Good);
        await refused.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.True(Shop.Faults.Of(id).Completed(Points.Handle("basket", OrderCreated.Type)) > 0, "the basket waited for inventory");
        Assert.Equal("Confirmed", (await new OrderCheck(Shop, key).EndedWellAsync()).State);

        // The other module's class stands beside the reason, because the message has several.
        var note = await Services.GetRequiredService<FailedDeliveries>().FindAsync(OrderIds.Fact(id, 1), TestContext.Current.CancellationToken);
        Assert.Equal(("ReserveStock: injected before the effect", 3), (note!.Reason, note.Attempts));
    }

    [Fact]
    public async Task The_observer_sees_every_event_of_an_order_beside_the_handlers_of_the_same_topics()
    {
        const string key = "observed";
        await Shop.PlaceAsync(key, OrderRequest.Good);
        await new OrderCheck(Shop, key).EndedWellAsync();
        var expected = Shop.Faults.EventsOf(Shop.IdOf(key)).Select(published => published.Id).Distinct().Order(StringComparer.Ordinal).ToList();
        IReadOnlyList<string> seen = [];
        await Eventually.HoldsAsync(async () =>
        {
            var timeline = await GetAsync($"/orders/{Shop.IdOf(key)}/timeline");
            seen = timeline.TryGetProperty("events", out var events)
                ? [.. events.EnumerateArray().Select(entry => entry.GetProperty("id").GetString()!).Order(StringComparer.Ordinal)] : [];
            return seen.SequenceEqual(expected);
        }, $"the timeline to have {string.Join(", ", expected)}");
    }

    [Fact]
    public async Task A_message_that_no_module_can_handle_is_a_dead_letter_of_the_monolith_with_the_reason_from_its_own_notes()
    {
        await Services.GetRequiredService<Dapr.Client.DaprClient>().PublishByteEventAsync(
            Topics.PubSub, Topics.PaymentRequests,
            JsonSerializer.SerializeToUtf8Bytes(new { specversion = "1.0", id = "o-poison.payment-requested", source = "test", type = PaymentRequested.Type, data = new { orderId = "o-poison", amount = "a lot" } }),
            "application/cloudevents+json", cancellationToken: TestContext.Current.CancellationToken);
        JsonElement letter = default;
        await Eventually.HoldsAsync(async () =>
        {
            var page = await GetAsync($"/dead-letters?app={ShopShape.MonolithId}&topic={Topics.PaymentRequests}");
            letter = page.GetProperty("deadLetters").EnumerateArray().FirstOrDefault(entry => entry.GetProperty("eventId").GetString() == "o-poison.payment-requested");
            return letter.ValueKind == JsonValueKind.Object && letter.GetProperty("reason").GetString() != "no reason recorded";
        }, "the dead letter with its reason");

        // Payment and the observer share the topic; only payment could not read it.
        Assert.StartsWith("CapturePayment: ", letter.GetProperty("reason").GetString());
    }

    [Fact]
    public async Task The_catalog_is_asked_in_process()
    {
        var catalog = Services.GetRequiredService<IProductCatalog>();
        Assert.Equal("Eventide.Catalog", catalog.GetType().Assembly.GetName().Name);
        var found = await catalog.FindAsync(["SKU-001", "SKU-999", "SKU-001"], TestContext.Current.CancellationToken);
        Assert.Equal(["SKU-001"], found.Keys);
        Assert.Equal(18.9m, found["SKU-001"].Price);
    }

    [Fact]
    public async Task Stock_is_shown_by_HTTP()
    {
        var level = await GetAsync("/stock/SKU-002");
        Assert.Equal(level.GetProperty("initial").GetInt32(), level.GetProperty("available").GetInt32() + level.GetProperty("reserved").GetInt32() + level.GetProperty("sold").GetInt32());
        Assert.Contains((await GetAsync("/stock")).EnumerateArray(), entry => entry.GetProperty("sku").GetString() == "SKU-002");
    }

    [Fact]
    public async Task Who_needs_a_sign_in_apart_needs_one_together_and_who_does_not_does_not()
    {
        foreach (var (path, expected) in new[] { ("/basket", HttpStatusCode.Unauthorized), ("/orders/o-1", HttpStatusCode.Unauthorized), ("/orders", HttpStatusCode.OK), ("/products", HttpStatusCode.OK) })
        {
            using var answer = await Shop.SendAsync(HttpMethod.Get, path, customer: null);
            Assert.Equal((path, expected), (path, answer.StatusCode));
        }
    }

    [Fact]
    public void No_two_modules_begin_their_keys_with_the_same_word()
    {
        // In one store, two modules with a key in common would write over each other's documents.
        var words = typeof(Eventide.Monolith.MonolithModule).Assembly.GetReferencedAssemblies().Where(name => name.Name!.StartsWith("Eventide.", StringComparison.Ordinal)).Select(Assembly.Load)
            .SelectMany(module => module.GetTypes().SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
                .Where(method => method.Name is "Key" or "OpenKey" or "PayloadKey" && method.ReturnType == typeof(string))
                .Select(method => (Module: module.GetName().Name!, Word: Key(method).Split('/')[0])))
            .Distinct().ToList();
        Assert.True(words.Count >= 10, $"only {string.Join(", ", words)} were found");
        Assert.Empty(words.GroupBy(entry => entry.Word).Where(word => word.Select(entry => entry.Module).Distinct().Count() > 1).Select(word => word.Key));
    }

    private static string Key(MethodInfo method) => (string)method.Invoke(
        null, [.. method.GetParameters().Select(parameter => parameter.ParameterType == typeof(string) ? (object)"x" : Activator.CreateInstance(parameter.ParameterType)!)])!;

    private async Task<JsonElement> GetAsync(string path)
    {
        using var answer = await Shop.SendAsync(HttpMethod.Get, path);
        return await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
    }
}
