using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Eventide.Charts.Tests.Support;
using Eventide.TestSupport;

namespace Eventide.Charts.Tests;

/// <summary>Dashboards, alerts, topic scopes and helm test against the shop itself, running as processes.</summary>
public sealed partial class MonitoringTests
{
    // The services' instruments, and the names that Prometheus makes of them: the unit is appended, and what counts is a total.
    private static readonly Dictionary<string, string[]> Instruments = new(StringComparer.Ordinal)
    {
        ["eventide.deliveries"] = ["eventide_deliveries_total"],
        ["eventide.delivery.age"] = ["eventide_delivery_age_seconds_bucket", "eventide_delivery_age_seconds_count", "eventide_delivery_age_seconds_sum"],
        ["eventide.orders.stuck"] = ["eventide_orders_stuck"],
        ["eventide.catalog.page.requests"] = ["eventide_catalog_page_requests_total"],
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_running_shop_serves_every_metric_that_is_shown_and_publishes_only_what_the_scopes_allow()
    {
        var render = await Helm.RenderAsync(new RenderOptions("production"));
        await using var shop = await MonitoredShop.StartAsync();
        await PlaceOrderAsync(shop);
        await MakeDeadLetterAsync(shop);
        using var http = new HttpClient();
        (await http.GetAsync(new Uri(shop.App("catalog"), "/products"), Cancellation)).EnsureSuccessStatusCode();

        foreach (var metric in Expressions(render).SelectMany(PromQl.Metrics).Distinct().Order(StringComparer.Ordinal))
        {
            if (Instruments.FirstOrDefault(instrument => instrument.Value.Contains(metric)) is { Key: { } name })
            {
                await Processes.UntilAsync($"{name} ({metric}) is exported", () => shop.HasExported(name));
            }
            else
            {
                await Processes.UntilAsync($"{metric} is scraped", async () => Samples(await shop.ScrapeAsync()).Contains(metric));
            }
        }

        await Processes.UntilAsync("the dead letter is counted", async () => DeadLetter().IsMatch(await shop.ScrapeAsync()));
        AssertScopesAllow(render, await shop.ScrapeAsync());
    }

    private static async Task PlaceOrderAsync(MonitoredShop shop)
    {
        Assert.SkipWhen(Command.Find("node") is null, "node is missing: install Node.js 20 or newer to run what helm test runs.");

        // What the test pod runs, in its own words.
        var pod = (await Helm.RenderAsync(new RenderOptions("kind"))).Of("Pod").Single();
        var variables = KubernetesObject.Items(pod.Containers()[0], "env").ToDictionary(entry => KubernetesObject.Text(entry, "name")!, entry => KubernetesObject.Text(entry, "value")!);
        variables["ORDERING"] = shop.App("ordering").GetLeftPart(UriPartial.Authority);
        var result = await Command.RunAsync(
            "env", [.. variables.Select(pair => $"{pair.Key}={pair.Value}"), "node", Path.Combine(Repository.Chart, "files", "place-order.mjs")], Cancellation);
        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        Assert.EndsWith("Confirmed.\n", result.Output, StringComparison.Ordinal);
    }

    private static async Task MakeDeadLetterAsync(MonitoredShop shop)
    {
        using var http = new HttpClient();
        using var content = JsonContent.Create(new { specversion = "1.0", id = "o-poison.payment-requested", source = "by-hand", type = "eventide.payment.payment-requested.v1", data = new { orderId = "o-poison", amount = "a lot" } });
        content.Headers.ContentType = new("application/cloudevents+json");
        (await http.PostAsync(new Uri(shop.Sidecar("ordering"), "/v1.0/publish/pubsub/payment-requests"), content, Cancellation)).EnsureSuccessStatusCode();
    }

    private static void AssertScopesAllow(Render render, string scrape)
    {
        var settings = render.Of("Component").Single(component => component.Name == "pubsub").Items("spec", "metadata")
            .Where(setting => KubernetesObject.Text(setting, "value") is not null)
            .ToDictionary(setting => KubernetesObject.Text(setting, "name")!, setting => KubernetesObject.Text(setting, "value")!);
        foreach (var (scopes, metric) in new[] { ("publishingScopes", "dapr_component_pubsub_egress_count"), ("subscriptionScopes", "dapr_component_pubsub_ingress_count") })
        {
            var allowed = settings[scopes].Split(';').Select(entry => entry.Split('=')).ToDictionary(pair => pair[0], pair => pair[1].Split(','));
            var seen = TopicSample().Matches(scrape).Where(match => match.Groups["metric"].Value == metric).ToList();
            Assert.NotEmpty(seen);
            Assert.All(seen, match => Assert.Contains(match.Groups["topic"].Value, allowed[match.Groups["app"].Value]));
        }
    }

    private static IEnumerable<string> Expressions(Render render) =>
    [
        .. from rule in render.Of("PrometheusRule")
           from alertGroup in rule.Items("spec", "groups")
           from alert in KubernetesObject.Items(alertGroup, "rules")
           select KubernetesObject.Text(alert, "expr")!,
        .. from map in render.Of("ConfigMap")
           from file in map.Map("data")
           where file.Key.EndsWith(".json", StringComparison.Ordinal)
           from panel in JsonNode.Parse(file.Value)!["panels"]!.AsArray()
           from target in panel!["targets"]!.AsArray()
           select target!["expr"]!.GetValue<string>(),
    ];

    private static HashSet<string> Samples(string scrape) => [.. scrape.Split('\n').Where(line => line is not ("" or ['#', ..])).Select(line => line.Split('{', ' ')[0])];

    [GeneratedRegex(@"dapr_component_pubsub_ingress_count\{[^}]*topic=""payment\.payment-requests\.dead""")]
    private static partial Regex DeadLetter();

    [GeneratedRegex(@"(?<metric>dapr_component_pubsub_(in|e)gress_count)\{app_id=""(?<app>[^""]*)"",[^}]*topic=""(?<topic>[^""]*)""")]
    private static partial Regex TopicSample();
}
