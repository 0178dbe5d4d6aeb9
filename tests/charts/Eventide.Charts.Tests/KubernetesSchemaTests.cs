using System.Text.Json;
using Eventide.Charts.Tests.Support;

namespace Eventide.Charts.Tests;

/// <summary>Every object is checked against Kubernetes' own schemas by the npm package kubernetes-models: required fields, enums, numbers that have to be strings.</summary>
public sealed class KubernetesSchemaTests
{
    private static readonly string Script = Repository.Path("tests", "charts", "Eventide.Charts.Tests", "validate.mjs");

    [Fact]
    public async Task Every_object_of_every_render_satisfies_the_schema_of_its_kind()
    {
        var objects = (await Matrix.RenderAsync()).SelectMany(render => render.Objects).Select(item => item.ToYaml()).ToHashSet(StringComparer.Ordinal);

        var (faults, checkedCount) = await ValidateAsync(string.Join("---\n", objects.Select(TrimEnd)));

        Assert.True(faults.Count == 0, string.Join('\n', faults.Take(20)));
        Assert.True(checkedCount > 200, $"Only {checkedCount} objects were checked.");
    }

    [Theory]
    [InlineData("restartPolicy: Never", "restartPolicy: Sometimes", "restartPolicy")]
    [InlineData("name: app\n", "image: app\n", "name")]
    [InlineData("value: \"80\"", "value: 80", "value")]
    public async Task A_fault_in_an_object_is_found(string right, string wrong, string named)
    {
        const string Pod = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:\n  restartPolicy: Never\n  containers:\n  - name: app\n    env:\n    - name: PORT\n      value: \"80\"\n";
        Assert.Empty((await ValidateAsync(Pod)).Faults);

        var (faults, _) = await ValidateAsync(Pod.Replace(right, wrong, StringComparison.Ordinal));

        Assert.Contains(faults, fault => fault.Contains(named, StringComparison.Ordinal));
    }

    private static string TrimEnd(string yaml) => yaml.Replace("...\n", "", StringComparison.Ordinal);

    private static async Task<(IReadOnlyList<string> Faults, int Checked)> ValidateAsync(string yaml)
    {
        Helm.Require();
        Assert.SkipWhen(Command.Find("node") is null, "node is missing: install Node.js 20 or newer to check the chart against Kubernetes' schemas.");
        var result = await Command.RunAsync("node", [Script, Repository.Tools], TestContext.Current.CancellationToken, yaml);
        Assert.True(result.ExitCode == 0, result.Error);
        using var answer = JsonDocument.Parse(result.Output);
        return ([.. answer.RootElement.GetProperty("faults").EnumerateArray().Select(fault => fault.GetString()!)], answer.RootElement.GetProperty("checked").GetInt32());
    }
}
