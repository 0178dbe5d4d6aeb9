using System.Net;
using System.Net.Sockets;
using Eventide.Brokers.Backing;
using Eventide.Brokers.Servers;
using Eventide.Brokers.Tests.Servers;

namespace Eventide.Brokers.Tests.Backing;

/// <summary>Which broker and store a shop gets, what its user reads about it, and what component files say then.</summary>
public sealed class BackingServicesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("eventide-backing-").FullName;
    private readonly List<string> _told = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public BackingServicesTests()
    {
        Component("brokers/test", "pubsub.test", "address", "localhost:1");
        Component("stores/plain", "state.sqlite", "address", "data.db");
        Component("shared", "secretstores.local.file", "secretsFile", "secrets.json");
    }

    private string Components => Path.Combine(_folder, "components");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_server_of_ones_own_is_started_and_named_in_copies_of_the_component_files()
    {
        string address;
        await using (var backing = await StartAsync(variable: null))
        {
            address = backing.Broker!.Address;
            Assert.Equal(["broker", "store", "shared"], backing.Resources.Select(Path.GetFileName));
            Assert.Contains($"value: \"{address}\"", Yaml(backing, 0));
            Assert.Contains("value: \"9\"", Yaml(backing, 0));
            Assert.Contains("value: data.db", Yaml(backing, 1));
            Assert.Contains($"value: \"{Path.Combine(Components, "shared", "secrets.json")}\"", Yaml(backing, 2));
            var told = Assert.Single(_told);
            Assert.Equal($"BROKER=test: Test server at {new Uri(address).Authority}, started for this shop; its data and log are in {ServerFolder}.", told);
            Assert.True(await Endpoints.AnswerAsync(Endpoints.In(address, 1), Cancel));
        }

        Assert.False(await Endpoints.AnswerAsync(Endpoints.In(address, 1), Cancel));
        Assert.True(File.Exists(Path.Combine(ServerFolder, "server.log")));
    }

    [Fact]
    public async Task A_server_that_the_variable_names_is_used_instead()
    {
        using var somebody = new TcpListener(IPAddress.Loopback, 0);
        somebody.Start();
        var address = $"{somebody.LocalEndpoint}";

        await using var backing = await StartAsync(address);

        Assert.Null(backing.Broker!.Own);
        Assert.Contains($"value: \"{address}\"", Yaml(backing, 0));
        Assert.Equal($"BROKER=test: Test at {address}, as TEST_HOST says.", Assert.Single(_told));
    }

    [Fact]
    public async Task It_waits_for_a_server_that_the_variable_names_and_says_so()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var endpoint = (IPEndPoint)free.LocalEndpoint;
        free.Stop();
        using var somebody = new TcpListener(endpoint);

        await using var backing = await StartAsync($"{endpoint}", onTold: _ => somebody.Start());

        Assert.Equal($"Test does not answer at {endpoint} (TEST_HOST) yet; waiting for it, up to 30 s.", _told[0]);
    }

    [Fact]
    public async Task Without_the_server_and_without_the_variable_a_sentence_says_what_to_do()
    {
        var failure = await Assert.ThrowsAsync<ServerException>(() => StartAsync(variable: null, isInstalled: false));
        Assert.Equal("BROKER=test needs Test, and test-server is not installed: `make brokers` installs it, or let TEST_HOST name one that runs.", failure.Message);
    }

    [Fact]
    public async Task Two_runs_over_the_same_data_are_refused()
    {
        await using var first = await StartAsync(variable: null);
        var failure = await Assert.ThrowsAsync<ServerException>(() => StartAsync(variable: null));
        Assert.Contains("make run DATA=DIR", failure.Message);
    }

    [Fact]
    public async Task A_name_that_has_no_folder_is_refused_with_those_that_there_are()
    {
        var failure = await Assert.ThrowsAsync<ServerException>(() => StartAsync(variable: null, broker: "tset"));
        Assert.Equal($"BROKER is \"tset\", and there is no folder {Path.Combine(Components, "brokers", "tset")}; there are: test.", failure.Message);
    }

    private string ServerFolder => Path.Combine(_folder, "run", "data", "servers", "broker-test");

    private Task<BackingServices> StartAsync(string? variable, bool isInstalled = true, string broker = "test", Action<string>? onTold = null)
    {
        var product = new Product(
            "Test", "TEST_HOST", 1, "test-server", new Dictionary<string, string> { ["pubsub.test"] = "address" },
            [new LocalProduct(() => isInstalled, folder => new TestServer(folder) { Settings = new Dictionary<string, string> { ["version"] = "9" } })]);
        return BackingServices.StartAsync(
            new BackingSettings(Components, broker, "plain", Path.Combine(_folder, "run")) { Products = new Dictionary<string, Product> { ["test"] = product, ["tset"] = product } },
            name => name == "TEST_HOST" ? variable : null,
            sentence =>
            {
                _told.Add(sentence);
                onTold?.Invoke(sentence);
            },
            Cancel);
    }

    private static string Yaml(BackingServices backing, int folder) => File.ReadAllText(Path.Combine(backing.Resources[folder], "component.yaml"));

    private void Component(string folder, string type, string name, string value)
    {
        var path = Directory.CreateDirectory(Path.Combine(Components, folder)).FullName;
        File.WriteAllText(Path.Combine(path, "component.yaml"), $"""
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata:
              name: component
            spec:
              type: {type}
              version: v1
              metadata:
                - name: {name}
                  value: {value}
            """);
    }
}
