using Eventide.Contracts;
using YamlDotNet.RepresentationModel;

namespace Eventide.Operations.Tests;

/// <summary>What the component files say about deliveries that fail.</summary>
public sealed class PolicyTests
{
    [Fact]
    public void Operations_tries_for_ever_and_everybody_else_has_an_end()
    {
        var (scopes, retry) = Read("resiliency.yaml");
        Assert.Equal(Subscriptions.All.Select(subscription => subscription.App).Append(ShopShape.MonolithId).Distinct().Order(), scopes.Order());
        Assert.NotEqual("-1", retry["maxRetries"].ToString());

        (scopes, retry) = Read("resiliency-operations.yaml");
        Assert.Equal([Subscriptions.Observer], scopes);
        Assert.Equal("-1", retry["maxRetries"].ToString());

        // Dapr's exponential policy ends after 15 minutes all the same.
        Assert.Equal("constant", retry["policy"].ToString());
    }

    private static (IEnumerable<string> Scopes, YamlNode Retry) Read(string file)
    {
        using var text = File.OpenText(Path.Combine(Root(), "components", "shared", file));
        var yaml = new YamlStream();
        yaml.Load(text);

        // Dapr reads the first document of a resiliency file and no other.
        var document = Assert.Single(yaml.Documents).RootNode;
        var spec = document["spec"];
        var inbound = spec["targets"]["components"][Topics.PubSub]["inbound"]["retry"].ToString();
        return (((YamlSequenceNode)document["scopes"]).Select(scope => scope.ToString()), spec["policies"]["retries"][inbound]);
    }

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Dapr.sln")))
        {
            folder = Path.GetDirectoryName(folder.TrimEnd(Path.DirectorySeparatorChar))!;
        }

        return folder;
    }
}
