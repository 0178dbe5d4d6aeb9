using Eventide.Charts.Tests.Support;

namespace Eventide.Charts.Tests;

/// <summary>What is said after an install. Helm shows it only with a cluster, so it is rendered as the text of an object of a copy of the chart.</summary>
public sealed class NotesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("eventide-notes-").FullName;

    [Fact]
    public async Task The_notes_name_what_a_default_install_lacks()
    {
        var notes = await NotesAsync(new RenderOptions("default"));

        Assert.Contains("Dapr is not in this cluster", notes, StringComparison.Ordinal);
        Assert.Contains("signIn.authority is empty", notes, StringComparison.Ordinal);
        Assert.Contains("dapr.appTokenSecret is empty", notes, StringComparison.Ordinal);
        Assert.Contains("brokers.redis.existingSecret is empty", notes, StringComparison.Ordinal);
        Assert.Contains("payment-provider-key with key payment-provider-key (payment)", notes, StringComparison.Ordinal);
        Assert.Contains("helm test shop --namespace shop --logs", notes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_notes_have_nothing_to_do_for_an_install_that_lacks_nothing()
    {
        var notes = await NotesAsync(new RenderOptions("production") { Operators = [.. Helm.Operators, "dapr.io/v1alpha1"] });

        Assert.DoesNotContain("To do before customers come", notes, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rabbitmq", "eventide-rabbitmq with key connectionString (broker)")]
    [InlineData("servicebus", "eventide-servicebus with key connectionString (broker)")]
    [InlineData("kafka", "brokers.kafka.authType is none")]
    public async Task The_notes_name_what_the_broker_needs(string broker, string text) =>
        Assert.Contains(text, await NotesAsync(new RenderOptions("default", broker)), StringComparison.Ordinal);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task<string> NotesAsync(RenderOptions options)
    {
        var copy = Path.Combine(_folder, "eventide");
        foreach (var file in Directory.EnumerateFiles(Repository.Chart, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(copy, Path.GetRelativePath(Repository.Chart, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        var templates = Path.Combine(copy, "templates");
        var notes = await File.ReadAllTextAsync(Path.Combine(templates, "NOTES.txt"), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(templates, "_notes.tpl"), $"{{{{- define \"notes\" }}}}{notes}{{{{ end }}}}", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(
            Path.Combine(templates, "notes.yaml"), "kind: Notes\nmetadata: {name: notes}\ntext: {{ include \"notes\" . | toJson }}\n", TestContext.Current.CancellationToken);
        return (await Helm.RenderAsync(options with { Chart = copy })).Of("Notes").Single().Text("text")!;
    }
}
