using Eventide.Scaling.Chart;
using Eventide.Scaling.Demand;
using Eventide.Scaling.Hpa;
using Eventide.Scaling.Services;
using Eventide.Scaling.Simulation;

namespace Eventide.Scaling.Shop;

/// <summary>
/// The shop as one process, which scales as one: by its processor, with the target and the behaviour that the chart gives the catalog, and never fewer replicas than the
/// catalog has. Its pod requests what the largest of the services does. Notification stays an app beside it.
/// </summary>
/// <remarks>
/// Its work is counted in pages: an order is as many of them as it takes processor time. That an order also waits for its broker is left out here; it would not need
/// more capacity for that.
/// </remarks>
public static class MonolithScenarios
{
    /// <summary>The app id.</summary>
    public const string Name = "monolith";

    private const string Notification = "notification";
    private const string ScaledAs = "catalog";

    /// <summary>One day of <paramref name="ordersPerDay"/> orders along a curve.</summary>
    /// <exception cref="InvalidDataException">The measurement has no monolith, or the chart no catalog with a HorizontalPodAutoscaler.</exception>
    public static Scenario Day(string name, CurveFile curve, double ordersPerDay, ShopMeasurement measured, RenderedChart chart, int seed, Surge? surge = null)
    {
        var monolith = measured.RequiredMonolith;
        if (!chart.Services.TryGetValue(ScaledAs, out var model) || model.Autoscaling is not ByHpa byProcessor)
        {
            throw new InvalidDataException($"The render of the chart has no {ScaledAs} with a HorizontalPodAutoscaler, from which the monolith's is taken.");
        }

        var largest = chart.Services.Values.MaxBy(service => service.Request.Of(isAppOnly: false))!;
        var pagesPerOrder = ShopScenarios.PagesPerOrder;
        var (order, page) = (monolith.Service.AppCpu + monolith.Service.SidecarCpu, monolith.PageCpu + monolith.PageSidecarCpu);
        var appShare = (monolith.Service.AppCpu + (pagesPerOrder * monolith.PageCpu)) / (order + (pagesPerOrder * page));
        var services = new List<ScaledService>
        {
            new(
                new ServiceModel
                {
                    Name = Name,
                    Kind = WorkKind.Requests,
                    Feeds = [new Feed(ShopScenarios.Pages, 1), new Feed(ShopScenarios.Orders, order / page)],
                    ServiceTime = TimeSpan.FromMilliseconds(monolith.Page),
                    AppCpuTime = TimeSpan.FromMilliseconds(page * appShare),
                    SidecarCpuTime = TimeSpan.FromMilliseconds(page * (1 - appShare)),
                    IdleCpu = (int)Math.Round(monolith.Service.IdleCpu),
                    IdleSidecarCpu = (int)Math.Round(monolith.Service.IdleSidecarCpu),
                    Memory = (int)Math.Round(monolith.Service.Memory),
                    CpuRequest = largest.Request,
                    CpuLimit = largest.Limit,
                    StartTime = TimeSpan.FromSeconds(monolith.StartSeconds),
                },
                byProcessor),
        };
        if (measured.Services.TryGetValue(Notification, out var notification) && chart.Services.TryGetValue(Notification, out var beside))
        {
            services.Add(new ScaledService(
                ShopScenarios.Model(Notification, WorkKind.Messages, [.. ShopScenarios.Replies(notification.Messages, 1, ShopScenarios.Orders)], measured, chart, measured.Hop),
                beside.Autoscaling));
        }

        return new Scenario { Name = $"{name}-{Name}", Seed = seed, Demands = ShopScenarios.Demands(curve, ordersPerDay, surge), Services = services };
    }
}
