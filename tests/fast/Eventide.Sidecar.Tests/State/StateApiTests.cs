using System.Net;
using System.Net.Http.Json;
using System.Text;
using Dapr;
using Dapr.Client;
using Eventide.Sidecar.Tests.Support;

namespace Eventide.Sidecar.Tests.State;

/// <summary>The state API as the real client and plain HTTP see it.</summary>
[Conformance]
public sealed class StateApiTests : IAsyncDisposable
{
    private readonly Sidecars _sidecars = new Sidecars().WithStore().WithBroker();

    [Fact]
    public async Task What_is_saved_is_read_back_with_an_etag()
    {
        using var client = _sidecars.Client(await _sidecars.StartAsync());
        await client.SaveStateAsync("store", "k", new { name = "Ada" }, cancellationToken: TestContext.Current.CancellationToken);
        var (value, etag) = await client.GetStateAndETagAsync<Dictionary<string, string>>("store", "k", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("Ada", value["name"]);
        Assert.NotEmpty(etag);
    }

    [Fact]
    public async Task A_stale_etag_is_refused_and_the_value_stays()
    {
        using var client = _sidecars.Client(await _sidecars.StartAsync());
        await client.SaveStateAsync("store", "k", 1, cancellationToken: TestContext.Current.CancellationToken);
        var (_, etag) = await client.GetStateAndETagAsync<int>("store", "k", cancellationToken: TestContext.Current.CancellationToken);
        Assert.True(await client.TrySaveStateAsync("store", "k", 2, etag, cancellationToken: TestContext.Current.CancellationToken));
        Assert.False(await client.TrySaveStateAsync("store", "k", 3, etag, cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal(2, await client.GetStateAsync<int>("store", "k", cancellationToken: TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task First_write_without_an_etag_creates_only()
    {
        using var client = _sidecars.Client(await _sidecars.StartAsync());
        var first = new StateOptions { Concurrency = ConcurrencyMode.FirstWrite };
        Assert.True(await client.TrySaveStateAsync("store", "k", 1, "", first, cancellationToken: TestContext.Current.CancellationToken));
        Assert.False(await client.TrySaveStateAsync("store", "k", 2, "", first, cancellationToken: TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("sent/o-1/order-created", "sent%2Fo-1%2Forder-created?consistency=strong")]
    [InlineData("a b", "a+b")]
    [InlineData("50%2F", "50%252F")]
    public async Task A_key_in_a_path_is_unescaped_once(string key, string inPath)
    {
        var sidecar = await _sidecars.StartAsync();
        using var client = _sidecars.Client(sidecar);
        await client.SaveStateAsync("store", key, "found", cancellationToken: TestContext.Current.CancellationToken);
        using var http = new HttpClient { BaseAddress = sidecar.HttpEndpoint };
        Assert.Equal("\"found\"", await http.GetStringAsync($"/v1.0/state/store/{inPath}", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_transaction_with_one_stale_etag_changes_nothing()
    {
        using var client = _sidecars.Client(await _sidecars.StartAsync());
        await client.SaveStateAsync("store", "b", 1, cancellationToken: TestContext.Current.CancellationToken);
        await Assert.ThrowsAnyAsync<DaprException>(() => client.ExecuteStateTransactionAsync(
            "store",
            [
                new StateTransactionRequest("a", Encoding.UTF8.GetBytes("5"), StateOperationType.Upsert),
                new StateTransactionRequest("b", Encoding.UTF8.GetBytes("5"), StateOperationType.Upsert, "no such etag"),
            ],
            cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal(0, await client.GetStateAsync<int>("store", "a", cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal(1, await client.GetStateAsync<int>("store", "b", cancellationToken: TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task State_survives_a_restart_of_the_sidecar()
    {
        using (var client = _sidecars.Client(await _sidecars.StartAsync()))
        {
            await client.SaveStateAsync("store", "k", "kept", cancellationToken: TestContext.Current.CancellationToken);
        }

        await _sidecars.StopAsync();
        using var again = _sidecars.Client(await _sidecars.StartAsync());
        Assert.Equal("kept", await again.GetStateAsync<string>("store", "k", cancellationToken: TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("GET", "/v1.0/state/nowhere/k", null, 400, "ERR_STATE_STORE_NOT_FOUND")]
    [InlineData("GET", "/v1.0/state/store/a%7C%7Cb", null, 400, "ERR_MALFORMED_REQUEST")]
    [InlineData("POST", "/v1.0/state/store", "{", 400, "ERR_MALFORMED_REQUEST")]
    [InlineData("POST", "/v1.0/state/store", "{}", 400, "ERR_MALFORMED_REQUEST")]
    [InlineData("POST", "/v1.0/state/store", """[{"key":"k","value":1,"etag":"x"}]""", 409, "ERR_STATE_SAVE")]
    [InlineData("POST", "/v1.0/state/store/transaction", """{"operations":[{"operation":"move","request":{"key":"k"}}]}""", 400, "ERR_NOT_SUPPORTED_STATE_OPERATION")]
    [InlineData("GET", "/v1.0/secrets/nowhere/k", null, 500, "ERR_SECRET_STORES_NOT_CONFIGURED")]
    [InlineData("POST", "/v1.0/publish/nowhere/t", "{}", 404, "ERR_PUBSUB_NOT_FOUND")]
    [InlineData("GET", "/v1.0/invoke/nobody/method/m", null, 500, "ERR_DIRECT_INVOKE")]
    [InlineData("GET", "/no/such/route", null, 404, "ERR_DIRECT_INVOKE")]
    public async Task Bad_requests_get_daprs_status_and_error_code(string method, string path, string? body, int status, string code)
    {
        var sidecar = await _sidecars.StartAsync();
        using var http = new HttpClient { BaseAddress = sidecar.HttpEndpoint };
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = body is null ? null : new StringContent(body) };
        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode)status, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType!.ToString());
        var error = await response.Content.ReadFromJsonAsync<Dictionary<string, object>>(TestContext.Current.CancellationToken);
        Assert.Equal(code, error!["errorCode"].ToString());
    }

    public ValueTask DisposeAsync() => _sidecars.DisposeAsync();
}
