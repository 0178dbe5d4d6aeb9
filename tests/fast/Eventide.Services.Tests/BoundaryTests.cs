using System.Xml.Linq;

namespace Eventide.Services.Tests;

public sealed class BoundaryTests
{
    private static readonly string[] Forbidden = ["redis", "rabbitmq", "kafka", "npgsql", "sqlite", "sqlclient", "mongodb", "eventide.sidecar"];

    [Fact]
    public void No_service_references_a_broker_a_database_or_the_sidecar()
    {
        var root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "Dapr.sln")))
        {
            root = Path.GetDirectoryName(root.TrimEnd(Path.DirectorySeparatorChar))!;
        }

        var projects = Directory.GetFiles(Path.Combine(root, "services"), "*.csproj", SearchOption.AllDirectories);
        Assert.NotEmpty(projects);
        foreach (var project in projects)
        {
            var references = XDocument.Load(project).Descendants().Where(e => e.Name.LocalName is "PackageReference" or "ProjectReference")
                .Select(e => e.Attribute("Include")!.Value.ToLowerInvariant());
            Assert.DoesNotContain(references, reference => Forbidden.Any(reference.Contains));
        }
    }
}
