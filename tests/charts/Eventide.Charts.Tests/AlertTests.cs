using Eventide.Charts.Tests.Support;
using YamlDotNet.RepresentationModel;

namespace Eventide.Charts.Tests;

public sealed class AlertTests
{
    [Fact]
    public async Task Each_alert_fires_on_its_fault_and_on_nothing_else()
    {
        Assert.SkipWhen(Command.Find("promtool") is null, "promtool is missing: eng/charts.sh installs it with apt, and says why where it cannot.");
        var rule = (await Helm.RenderAsync(new RenderOptions("production"))).Of("PrometheusRule").Single();
        var folder = Directory.CreateTempSubdirectory("eventide-alerts-").FullName;
        try
        {
            await WriteAsync(Path.Combine(folder, "rules.yaml"), rule.At("spec")!);
            File.Copy(Repository.Path("tests", "charts", "Eventide.Charts.Tests", "rules-test.yaml"), Path.Combine(folder, "rules-test.yaml"));

            var result = await Command.RunAsync("promtool", ["test", "rules", Path.Combine(folder, "rules-test.yaml")], TestContext.Current.CancellationToken);

            Assert.True(result.ExitCode == 0, result.Output + result.Error);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Every_alert_has_a_case()
    {
        var rule = (await Helm.RenderAsync(new RenderOptions("production"))).Of("PrometheusRule").Single();
        var cases = await File.ReadAllTextAsync(Repository.Path("tests", "charts", "Eventide.Charts.Tests", "rules-test.yaml"), TestContext.Current.CancellationToken);

        var alerts = rule.Items("spec", "groups").SelectMany(group => KubernetesObject.Items(group, "rules")).Select(alert => KubernetesObject.Text(alert, "alert")!).ToList();

        Assert.Equal(6, alerts.Count);
        Assert.All(alerts, alert => Assert.Contains($"ALERTS{{alertname=\"{alert}\",alertstate=\"firing\"", cases, StringComparison.Ordinal));
    }

    private static async Task WriteAsync(string file, YamlNode node)
    {
        await using var writer = new StreamWriter(file);
        new YamlStream(new YamlDocument(node)).Save(writer, assignAnchors: false);
    }
}
