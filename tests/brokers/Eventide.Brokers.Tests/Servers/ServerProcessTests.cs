using Eventide.Brokers.Servers;

namespace Eventide.Brokers.Tests.Servers;

/// <summary>What every server that is a child process does, whichever product it is.</summary>
public sealed class ServerProcessTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("eventide-server-").FullName;
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(30) };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_server_that_was_stopped_or_killed_starts_again_at_the_same_address_over_the_same_folder(bool kill)
    {
        await using var server = new TestServer(_folder);
        await server.StartAsync(Cancel);
        var (address, first) = (server.Address, await WhoAsync(server));

        await (kill ? server.KillAsync(Cancel) : server.StopAsync(Cancel));
        Assert.False(server.IsRunning);
        await Assert.ThrowsAsync<HttpRequestException>(() => WhoAsync(server));
        await server.StartAsync(Cancel);

        Assert.True(server.IsRunning);
        Assert.Equal(address, server.Address);
        Assert.NotEqual(first, await WhoAsync(server));
        Assert.Equal(2, File.ReadLines(server.Log).Count(line => line == "the test app starts"));
        Assert.True(Directory.Exists(server.Data));
    }

    [Fact]
    public async Task Disposing_a_server_ends_its_process()
    {
        var server = new TestServer(_folder);
        await server.StartAsync(Cancel);
        await server.DisposeAsync();
        await Assert.ThrowsAsync<HttpRequestException>(() => WhoAsync(server));
    }

    [Fact]
    public async Task A_server_that_ends_while_it_starts_says_why_in_its_last_lines()
    {
        await using var server = new TestServer(_folder, ("TEST_EXIT", "3"));

        var failure = await Assert.ThrowsAsync<ServerException>(() => server.StartAsync(Cancel));

        Assert.Equal(
            $"Test server ended with code 3 while starting; all of its output is in {server.Log}.", failure.Message.Split('\n')[0]);
        Assert.Contains("\n    the setting COLOR is missing", failure.Message);
        Assert.False(server.IsRunning);
    }

    [Fact]
    public async Task Two_servers_never_get_the_same_port()
    {
        await using var first = new TestServer(Path.Combine(_folder, "first"));
        await using var second = new TestServer(Path.Combine(_folder, "second"));
        Assert.NotEqual(first.Port, second.Port);
    }

    private Task<string> WhoAsync(TestServer server) => _http.GetStringAsync(new Uri($"{server.Address}/whoami"), Cancel);
}
