using System.Globalization;
using Eventide.Brokers.Servers;

namespace Eventide.Brokers.Tests.Servers;

/// <summary>The app of the system tests as a server.</summary>
internal sealed class TestServer(string folder, params (string Name, string Value)[] variables) : ServerProcess(folder), ILocalServer
{
    public override string Name => "Test server";

    public override string Address => $"http://127.0.0.1:{Port}";

    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    protected override IReadOnlyList<string> Command => ["dotnet", Executable()];

    protected override IReadOnlyDictionary<string, string> Environment =>
        variables.Append(("APP_PORT", Port.ToString(CultureInfo.InvariantCulture))).ToDictionary(pair => pair.Item1, pair => pair.Item2);

    // .../bin/Release/net10.0: the same configuration as this assembly's.
    private static string Executable()
    {
        var folder = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);
        var output = Path.Combine("bin", Path.GetFileName(Path.GetDirectoryName(folder)!), Path.GetFileName(folder));
        return Path.GetFullPath(Path.Combine(folder, "../../../../..", "support", "Eventide.TestApp", output, "Eventide.TestApp.dll"));
    }
}
