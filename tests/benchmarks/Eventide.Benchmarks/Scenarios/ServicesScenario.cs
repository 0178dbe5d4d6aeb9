using Eventide.Benchmarks.Measuring;
using Eventide.Benchmarks.Reporting;
using Eventide.Brokers.Backing;
using Eventide.Contracts;
using Eventide.Scaling.Shop;
using Eventide.Tools.Shops;
using Spectre.Console;

namespace Eventide.Benchmarks.Scenarios;

/// <summary>
/// What each service takes for one order, and those of the fleet for one reading, with a sidecar process of its own as in a cluster, so that the two can be told
/// apart; then the same of the shop as one process. The scaling model is made of these figures; `make measure` keeps them.
/// </summary>
internal sealed class ServicesScenario : IScenario
{
    private const string Grown = "payment";
    private const string Catalog = "catalog";

    // Requests, five messages and their way back, until the customer sees Confirmed: created, reserved, captured, booked, sold, each with its reply.
    private const int HopsOfAnOrder = 9;

    public string Name => "services";

    public string Question => "processor time per order of each service and of its sidecar, and of the monolith, for the scaling model";

    public async Task<ScenarioResult> RunAsync(BenchmarkSettings settings, CancellationToken cancellationToken)
    {
        var services = await MeasureAsync(ShopShape.Services, settings, cancellationToken);
        var monolith = await MeasureAsync(ShopShape.Monolith, settings, cancellationToken);
        var measured = ToMeasurement(services, monolith);
        if (settings.Keep is { } file)
        {
            measured.Write(file.FullName);
            AnsiConsole.MarkupLineInterpolated($"[grey]kept as {file.FullName}[/]");
        }

        return new ScenarioResult(Name, measured, ToTable(measured), [], new[] { services.OtherLoad, monolith.OtherLoad }.Max());
    }

    private static async Task<MeasuredShop> MeasureAsync(ShopShape shape, BenchmarkSettings settings, CancellationToken cancellationToken)
    {
        var name = shape == ShopShape.Monolith ? ShopShape.MonolithId : "services";
        AnsiConsole.MarkupLineInterpolated($"[grey]{name}[/]");
        var data = Path.Combine(settings.Output.FullName, $"{name}-{Environment.ProcessId}");
        MeasuredShop measured;
        await using (var backing = await BackingServices.StartAsync(
            new BackingSettings(Repository.Components, "redis", "sqlite", data), Environment.GetEnvironmentVariable, AnsiConsole.WriteLine, cancellationToken))
        await using (var shop = await OwnShop.StartAsync(data, backing.Resources, ["--sidecar", Repository.Runner], cancellationToken, Repository.RunFileOf(shape)))
        {
            // Only one process may run the workflows in an embedded store, and here every sidecar is a process.
            measured = await MeasuredShop.MeasureAsync(shop, shape == ShopShape.Monolith ? null : Grown, settings, cancellationToken);
        }

        Directory.Delete(data, recursive: true);
        return measured;
    }

    private static ShopMeasurement ToMeasurement(MeasuredShop shop, MeasuredShop monolith)
    {
        var services = shop.Memory.Keys.Order(StringComparer.Ordinal).ToDictionary(app => app, app => Service(
            shop, app, app == Catalog ? shop.PerPage[app] : shop.PerOrder[app],
            app == Subscriptions.Observer ? shop.Messages : Subscriptions.All.Where(subscription => subscription.App == app)
                .ToDictionary(subscription => subscription.Topic, subscription => shop.Messages.GetValueOrDefault(subscription.Topic))));
        services[Catalog] = services[Catalog] with { CpuPerOrder = Round(shop.PerOrder[Catalog].App), SidecarCpuPerOrder = Round(shop.PerOrder[Catalog].Sidecar) };
        return new ShopMeasurement(
            Machine.Current().ToString(), TimeProvider.System.GetUtcNow(), "make measure", Round(shop.StartSeconds), Round(shop.Order / HopsOfAnOrder), Round(shop.Page), services)
        {
            OtherLoadPercent = new[] { shop.OtherLoad, monolith.OtherLoad }.Max() is { } others ? Math.Round(others) : null,
            Fleet = shop.Fleet,
            Monolith = new MonolithMeasurement(
                Service(monolith, ShopShape.MonolithId, monolith.PerOrder[ShopShape.MonolithId], monolith.Messages),
                Round(monolith.PerPage[ShopShape.MonolithId].App), Round(monolith.PerPage[ShopShape.MonolithId].Sidecar), Round(monolith.StartSeconds),
                Round(monolith.Order / HopsOfAnOrder), Round(monolith.Page)),
        };
    }

    private static ServiceMeasurement Service(MeasuredShop shop, string app, Used used, IReadOnlyDictionary<string, double> messages) => new(
        Round(used.App), Round(used.Sidecar), Round(shop.Idle[app].App), Round(shop.Idle[app].Sidecar), Round(shop.Memory[app]), messages);

    private static double Round(double value) => Math.Round(value, 3);

    private static Table ToTable(ShopMeasurement measured)
    {
        var table = new Table().AddColumn("service");
        foreach (var column in new[] { "app, ms per order", "sidecar, ms per order", "idle, m", "memory, MiB", "messages per order" })
        {
            table.AddColumn(new TableColumn(column).RightAligned());
        }

        foreach (var (name, service) in measured.Services)
        {
            table.AddRow(
                name == Catalog ? "catalog (per page)" : name, $"{service.AppCpu:0.00}", $"{service.SidecarCpu:0.00}", $"{service.IdleCpu + service.IdleSidecarCpu:0.0}",
                $"{service.Memory:0}", $"{service.Messages.Values.Sum():0.#}");
        }

        var (catalog, orders) = (measured.Services[Catalog], measured.Services.Where(service => service.Key != Catalog).ToList());
        table.AddRow("catalog (per order)", $"{catalog.CpuPerOrder:0.00}", $"{catalog.SidecarCpuPerOrder:0.00}", "", "", "");
        table.AddRow(
            "all, per order", $"{orders.Sum(service => service.Value.AppCpu) + catalog.CpuPerOrder:0.0}", $"{orders.Sum(service => service.Value.SidecarCpu) + catalog.SidecarCpuPerOrder:0.0}", "",
            $"{measured.Services.Values.Sum(service => service.Memory):0}", "");
        if (measured.Monolith is { } monolith)
        {
            table.AddRow(
                "monolith", $"{monolith.Service.AppCpu:0.00}", $"{monolith.Service.SidecarCpu:0.00}", $"{monolith.Service.IdleCpu + monolith.Service.IdleSidecarCpu:0.0}", $"{monolith.Service.Memory:0}",
                $"{monolith.Service.Messages.Values.Sum():0.#}");
            table.AddRow("monolith (per page)", $"{monolith.PageCpu:0.00}", $"{monolith.PageSidecarCpu:0.00}", "", "", "");
            table.AddRow("its start", $"{monolith.StartSeconds:0.0} s", "", "", "", "");
        }

        if (measured.Fleet is { } fleet)
        {
            table.AddRow("telemetry (per reading)", $"{fleet.TelemetryCpu:0.000}", $"{fleet.TelemetrySidecarCpu:0.000}", "", "", "");
            table.AddRow("fleet (per reading)", $"{fleet.FleetCpu:0.000}", $"{fleet.FleetSidecarCpu:0.000}", "", "", "");
            table.AddRow($"a request of {fleet.PerRequest} readings", $"{fleet.Request:0.0} ms", "", "", "", "");
            table.AddRow("until they are counted", $"{fleet.Applied:0.0} ms", "", "", "", "");
        }

        table.AddRow("one step of an order", $"{measured.Hop:0.0} ms", "", "", "", "");
        table.AddRow("one more replica", $"{measured.StartSeconds:0.0} s", "", "", "", "");
        return table;
    }
}
