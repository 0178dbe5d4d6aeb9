using Eventide.Charts.Tests.Support;

namespace Eventide.Charts.Tests;

/// <summary>What Kubernetes cannot change in place is as it was in the version before, whose values are kept in Baseline/.</summary>
public sealed class UpgradeTests
{
    [Theory]
    [InlineData("default")]
    [InlineData("production")]
    public async Task An_upgrade_changes_no_immutable_field(string ciFile)
    {
        var render = await Helm.RenderAsync(new RenderOptions(ciFile));
        var file = Repository.Path("tests", "charts", "Eventide.Charts.Tests", "Baseline", $"{ciFile}.txt");
        var now = Immutable(render).Order(StringComparer.Ordinal).ToList();
        if (!File.Exists(file) && Repository.Renews)
        {
            // Renewed by hand only: delete it when a major version is released.
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            await File.WriteAllTextAsync(file, string.Join('\n', now) + "\n", TestContext.Current.CancellationToken);
        }

        var before = await File.ReadAllLinesAsync(file, TestContext.Current.CancellationToken);

        // Services may come; those that were there stay as they were.
        Assert.Empty(before.Except(now));
    }

    private static IEnumerable<string> Immutable(Render render) => render.Objects.SelectMany(item => item.Kind switch
    {
        "Deployment" => item.Map("spec", "selector", "matchLabels").Select(label => $"{item} selector {label.Key}={label.Value}"),
        "Service" => [$"{item} type {item.Text("spec", "type")} clusterIP {item.Text("spec", "clusterIP") ?? "assigned"}"],
        "RoleBinding" => [$"{item} roleRef {item.Text("roleRef", "kind")} {item.Text("roleRef", "name")}"],
        "PodDisruptionBudget" => item.Map("spec", "selector", "matchLabels").Select(label => $"{item} selector {label.Key}={label.Value}"),

        // Another name of a component or a store would be another queue, another table: the data would be left behind.
        "Component" => [$"{item} type {item.Text("spec", "type")!.Split('.')[0]}"],
        _ => [],
    });
}
