using System.Diagnostics;
using Eventide.Tools.Shops;

namespace Eventide.Tools.Tests.Release;

/// <summary>Which images a release builds, in a small repository of the same layout.</summary>
public sealed class ChangedServicesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("eventide-release-").FullName;

    public ChangedServicesTests()
    {
        Write("services/payment/Program.cs");
        Write("services/payment/Eventide.Payment.csproj");
        Write("services/ordering/Program.cs");
        Write("services/ordering/Eventide.Ordering.csproj", "<Import Project=\"../../build/Workflow.targets\" />");
        Write("services/monolith/Program.cs");
        Write("services/monolith/Eventide.Monolith.csproj", "<ProjectReference Include=\"../ordering/Eventide.Ordering.csproj\" />\n<ProjectReference Include=\"../payment/Eventide.Payment.csproj\" />\n<Import Project=\"../../build/Workflow.targets\" />");
        Write("services/notification/Containerfile");
        Write("services/shared/ServiceDefaults.cs");
        Git("init", "--quiet");
        Commit();
        Git("tag", "v1.0.0");
    }

    [Theory]
    [InlineData("services/payment/Domain/Payment.cs", "monolith payment")]
    [InlineData("services/monolith/MonolithModule.cs", "monolith")]
    [InlineData("services/notification/main.mjs", "notification")]
    [InlineData("services/shared/State/DocumentStore.cs", "monolith ordering payment")]
    [InlineData("contracts/Eventide.Contracts/Topics.cs", "monolith ordering payment")]
    [InlineData("Directory.Packages.props", "monolith ordering payment")]
    [InlineData("workflow/Eventide.Workflow/Workflow.cs", "monolith ordering")]
    [InlineData("docs/kind.md", "")]
    [InlineData("sidecar/Eventide.Sidecar/SidecarHost.cs", "")]
    public void Only_the_images_that_a_change_goes_into_are_built(string changedFile, string expected)
    {
        Write(changedFile, "changed");
        Commit();
        Assert.Equal(expected, Changed("v1.0.0"));
    }

    [Fact]
    public void The_first_release_builds_all() => Assert.Equal("monolith notification ordering payment", Changed());

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Changed(params string[] since) =>
        string.Join(' ', Run("bash", [Path.Combine(Repository.Root, "eng", "changed-services.sh"), .. since]).Split('\n', StringSplitOptions.RemoveEmptyEntries));

    private void Write(string file, string text = "")
    {
        var path = Path.Combine(_folder, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    private void Commit()
    {
        Git("add", ".");
        Git("-c", "user.name=test", "-c", "user.email=test@localhost", "commit", "--quiet", "--message", "a change");
    }

    private void Git(params string[] arguments) => Run("git", arguments);

    private string Run(string program, IEnumerable<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = _folder, RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return output;
    }
}
