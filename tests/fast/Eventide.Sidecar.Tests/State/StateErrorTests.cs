using System.Net;
using System.Text;
using Eventide.Sidecar.Tests.Support;

namespace Eventide.Sidecar.Tests.State;

/// <summary>The HTTP side of the state API and its errors, by Dapr's table.</summary>
public sealed class StateErrorTests : IAsyncLifetime
{
    private readonly Sidecars _sidecars = new Sidecars().Component("store", "state.in-memory");
    private HttpClient _http = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync() => _http = new HttpClient { BaseAddress = (await _sidecars.StartAsync("shop")).HttpEndpoint };

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _sidecars.DisposeAsync();
    }

    [Theory]
    [InlineData("GET", "/v1.0/state/none/k", null, 400, "ERR_STATE_STORE_NOT_FOUND", "state store none is not found")]
    [InlineData("GET", "/v1.0/state/store/a||b", null, 400, "ERR_MALFORMED_REQUEST", "input key/keyPrefix 'a||b' can't contain '||'")]
    [InlineData("POST", "/v1.0/state/store", "[{\"value\":1}]", 400, "ERR_MALFORMED_REQUEST", "state key cannot be empty")]
    [InlineData("POST", "/v1.0/state/store", "{}", 400, "ERR_MALFORMED_REQUEST", "failed deserializing HTTP body: the body must be an array of items")]
    [InlineData("POST", "/v1.0/state/store/transaction", "{\"operations\":[{\"operation\":\"merge\",\"request\":{\"key\":\"k\"}}]}", 400,
        "ERR_NOT_SUPPORTED_STATE_OPERATION", "operation type merge not supported")]
    public async Task A_wrong_request_gets_daprs_answer(string verb, string path, string? body, int status, string code, string message)
    {
        using var request = new HttpRequestMessage(new HttpMethod(verb), path);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");

        await HttpAssert.IsErrorAsync(await _http.SendAsync(request, Cancel), status, code, message);
    }

    [Fact]
    public async Task Without_any_store_the_answer_says_so()
    {
        await using var bare = new Sidecars();
        using var http = new HttpClient { BaseAddress = (await bare.StartAsync("bare")).HttpEndpoint };

        await HttpAssert.IsErrorAsync(
            await http.GetAsync("/v1.0/state/store/k", Cancel), 500, "ERR_STATE_STORE_NOT_CONFIGURED", "state store store is not configured");
    }

    [Fact]
    public async Task A_value_is_saved_read_and_deleted_with_its_etag()
    {
        Assert.Equal(HttpStatusCode.NoContent, (await PostAsync("/v1.0/state/store", """[{"key":"k","value":{"n":1}}]""")).StatusCode);
        var read = await _http.GetAsync("/v1.0/state/store/k", Cancel);
        Assert.Equal("""{"n":1}""", await read.Content.ReadAsStringAsync(Cancel));
        Assert.Equal("application/json", read.Content.Headers.ContentType?.ToString());
        var etag = read.Headers.NonValidated["ETag"].ToString();

        using var stale = new HttpRequestMessage(HttpMethod.Delete, "/v1.0/state/store/k");
        stale.Headers.TryAddWithoutValidation("If-Match", "stale");
        Assert.Equal(HttpStatusCode.Conflict, (await _http.SendAsync(stale, Cancel)).StatusCode);

        using var current = new HttpRequestMessage(HttpMethod.Delete, "/v1.0/state/store/k");
        current.Headers.TryAddWithoutValidation("If-Match", etag);
        Assert.Equal(HttpStatusCode.NoContent, (await _http.SendAsync(current, Cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await _http.GetAsync("/v1.0/state/store/k", Cancel)).StatusCode);
    }

    [Fact]
    public async Task A_stale_etag_is_a_conflict_on_save_but_a_plain_error_in_a_transaction()
    {
        await PostAsync("/v1.0/state/store", """[{"key":"k","value":1}]""");

        Assert.Equal(409, (int)(await PostAsync("/v1.0/state/store", """[{"key":"k","value":2,"etag":"stale"}]""")).StatusCode);
        Assert.Equal(500, (int)(await PostAsync(
            "/v1.0/state/store/transaction", """{"operations":[{"operation":"upsert","request":{"key":"k","value":2,"etag":"stale"}}]}""")).StatusCode);
        Assert.Equal("1", await _http.GetStringAsync("/v1.0/state/store/k", Cancel));
    }

    private Task<HttpResponseMessage> PostAsync(string path, string body) =>
        _http.PostAsync(path, new StringContent(body, Encoding.UTF8, "application/json"), Cancel);
}
