using Eventide.Sidecar;
using Eventide.Sidecar.Cli.Run;
using Eventide.Sidecar.Hosting;
using Eventide.SystemTests.Support;

namespace Eventide.SystemTests.Runner;

/// <summary>dapr.yaml as it is read.</summary>
public sealed class RunFileTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    /// <inheritdoc/>
    public void Dispose() => File.Delete(_file);

    [Fact]
    public void The_shops_own_file_is_read_whole_and_without_a_word()
    {
        var run = RunFile.Load(new FileInfo(Path.Combine(Repository.Root, "dapr.yaml")));

        Assert.Empty(run.Ineffective);
        Assert.All(run.Apps, app => Assert.True(Directory.Exists(app.Folder), app.Folder));
        Assert.All(run.Apps, app => Assert.True(app.HealthCheck));
    }

    [Fact]
    public void An_app_wins_over_what_is_common_and_environments_are_merged()
    {
        var app = Load("""
            version: 1
            common:
              appProtocol: grpc
              appHealthProbeInterval: 7
              env:
                A: common
                B: common
            apps:
            - appDirPath: ./services/shop
              command: [run]
              appProtocol: http
              env:
                B: own
            """).Apps.Single();

        Assert.Equal(("shop", AppProtocol.Http, 7), (app.AppId, app.Protocol, app.HealthIntervalSeconds));
        Assert.Equal(new Dictionary<string, string> { ["A"] = "common", ["B"] = "own" }, app.Environment);
    }

    [Fact]
    public void What_only_the_dapr_command_uses_is_accepted_and_told() =>
        Assert.EndsWith("line 2: daprdLogDestination has no effect here.", Load("""
            version: 1
            common: { daprdLogDestination: file }
            apps:
            - { appID: a, appDirPath: ., command: [run] }
            """).Ineffective.Single());

    [Theory]
    [InlineData("- { appID: a, appDirPath: ., command: [run], appPrt: 80 }", "line 3: unknown field \"apps[0].appPrt\". Did you mean \"appPort\"?")]
    [InlineData("- { appID: a, appDirPath: . }", "line 3: app a: appDirPath and command are needed.")]
    [InlineData("- { appID: a, command: [run] }", "line 3: app a: appDirPath and command are needed.")]
    [InlineData("- { appID: a, appDirPath: ., command: [run], appProtocol: tcp }", "appProtocol is \"tcp\"; allowed is http, https, h2c, grpc or grpcs.")]
    [InlineData("- { appID: a, appDirPath: ., command: [run], maxBodySize: big }", "maxBodySize is \"big\"; allowed is a number of bytes such as 4Mi.")]
    [InlineData("- { appID: a, appDirPath: ., command: [run] }\n- { appID: a, appDirPath: ., command: [run] }", "the app id \"a\" is there twice")]
    [InlineData("  []", "\"apps\" is empty.")]
    public void What_is_wrong_stops_the_start_with_line_and_field(string apps, string message) =>
        Assert.Contains(message, Assert.Throws<SidecarStartException>(() => Load($"version: 1\napps:\n{apps}\n")).Message);

    private RunFile Load(string text)
    {
        File.WriteAllText(_file, text);
        return RunFile.Load(new FileInfo(_file));
    }
}
