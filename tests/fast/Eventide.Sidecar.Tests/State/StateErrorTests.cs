using System.Net;
using System.Text;
using System.Text.Json;
using Eventide.Sidecar.Tests.Support;

namespace Eventide.Sidecar.Tests.State;

/// <summary>The HTTP side of the state API and its errors, by Dapr's table.</summary>
[Conformance]
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
    [InlineData("POST", "/v1.0/state/store", "[{\"value\":1}]", 400, "ERR_MALFORMED_REQUEST", "\"key\" is a required field")]
    [InlineData("POST", "/v1.0/state/store", "[{\"key\":\"k\",\"value\":1,\"etag\":5}]", 400, "ERR_MALFORMED_REQUEST", "failed deserializing HTTP body: an etag is not a text")]
    [InlineData("POST", "/v1.0/state/store/bulk", "[]", 400, "ERR_MALFORMED_REQUEST", "failed deserializing HTTP body: the body must be an object")]
    [InlineData("POST", "/v1.0/state/store/bulk", "{\"keys\":[1]}", 400, "ERR_MALFORMED_REQUEST", "failed deserializing HTTP body: a key is not a text")]
    [InlineData("POST", "/v1.0/state/store/transaction", "{\"operations\":[1]}", 400, "ERR_MALFORMED_REQUEST",
        "failed deserializing HTTP body: an operation is not an object")]
    [InlineData("POST", "/v1.0/state/store", "[{\"key\":\"k\",\"value\":1,\"metadata\":{\"ttlInSeconds\":\"soon\"}}]", 400, "ERR_MALFORMED_REQUEST",
        "failed deserializing HTTP body: ttlInSeconds is \"soon\", not a whole number")]
    [InlineData("POST", "/v1.0/state/store", "[{\"key\":\"k\",\"value\":1,\"metadata\":{\"ttlInSeconds\":\"9223372036854775807\"}}]", 400, "ERR_MALFORMED_REQUEST",
        "failed deserializing HTTP body: ttlInSeconds is \"9223372036854775807\", not a whole number")]
    [InlineData("POST", "/v1.0/state/store", "[{\"key\":\"\\ud800\",\"value\":1}]", 400, "ERR_MALFORMED_REQUEST", "failed deserializing HTTP body: \"\\ud800\" is not Unicode")]
    [InlineData("POST", "/v1.0/state/store/bulk", "{\"keys\":[\"\\ud800\"]}", 400, "ERR_MALFORMED_REQUEST", "failed deserializing HTTP body: \"\\ud800\" is not Unicode")]
    [InlineData("POST", "/v1.0-alpha1/state/none/query", "{}", 400, "ERR_STATE_STORE_NOT_FOUND", "state store none is not found")]
    [InlineData("POST", "/v1.0-alpha1/state/store/query", "{}", 500, "ERR_STATE_STORE_NOT_SUPPORTED", "state store does not support querying")]
    [InlineData("POST", "/v1.0/state/store", "{}", 400, "ERR_MALFORMED_REQUEST", "failed deserializing HTTP body: the body must be an array of items")]
    [InlineData("POST", "/v1.0/state/store/transaction", "{\"operations\":[{\"operation\":\"merge\",\"request\":{\"key\":\"k\"}}]}", 400,
        "ERR_NOT_SUPPORTED_STATE_OPERATION", "operation type merge not supported")]
    public async Task A_wrong_request_gets_daprs_answer(string verb, string path, string? body, int status, string code, string message)
    {
        using var request = new HttpRequestMessage(new HttpMethod(verb), path);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");

        await HttpAssert.IsErrorAsync(await _http.SendAsync(request, Cancel), status, code, message);
    }

    [Theory]
    [InlineData("/v1.0/state/store", "null", "1", "\"text\"", "[null]", "[1]", "[[]]", "[{}]", "[{\"key\":1}]", "[{\"key\":{}}]", "[{\"key\":\"\"}]", "[", "")]
    [InlineData("/v1.0/state/store/bulk", "null", "1", "\"text\"", "[]", "{\"keys\":[null]}", "{\"keys\":[{}]}", "{", "")]
    [InlineData("/v1.0/state/store/transaction", "null", "1", "\"text\"", "[]", "{\"operations\":[null]}", "{\"operations\":[{}]}",
        "{\"operations\":[{\"operation\":1,\"request\":{\"key\":\"k\"}}]}", "{\"operations\":[{\"operation\":\"upsert\",\"request\":[]}]}",
        "{\"operations\":[{\"operation\":\"upsert\",\"request\":{}}]}", "{", "")]
    public async Task A_body_of_the_wrong_shape_is_a_bad_request_and_never_an_error_of_ours(string path, params string[] bodies)
    {
        foreach (var body in bodies)
        {
            Assert.Equal((body, HttpStatusCode.BadRequest), (body, (await PostAsync(path, body)).StatusCode));
        }
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

    [Fact]
    public async Task Bulk_get_gives_json_as_it_is_text_as_a_string_and_bytes_as_base64()
    {
        Target.IsOurOwnAnswer();
        using var dapr = _sidecars.Client(_sidecars.Running[0]);
        await PostAsync("/v1.0/state/store", """[{"key":"json","value":{"n":1.50}}]""");
        await dapr.SaveByteStateAsync("store", "text", "plain words"u8.ToArray(), cancellationToken: Cancel);
        await dapr.SaveByteStateAsync("store", "bytes", new byte[] { 0xff, 0xfe, 1 }, cancellationToken: Cancel);

        var answer = await PostAsync("/v1.0/state/store/bulk", """{"keys":["json","text","bytes","none"]}""");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        using var items = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancel));
        Assert.Equal(
            ["""{"n":1.50}""", "\"plain words\"", "\"//4B\""],
            items.RootElement.EnumerateArray().Take(3).Select(item => item.GetProperty("data").GetRawText()));
        Assert.Equal("""{"key":"none"}""", items.RootElement[3].GetRawText());
    }

    [Fact]
    public async Task Values_of_megabytes_pass_on_both_surfaces_up_to_the_limit()
    {
        using var dapr = _sidecars.Client(_sidecars.Running[0]);
        var large = new string('x', 3_000_000);

        await dapr.SaveStateAsync("store", "grpc", large, cancellationToken: Cancel);
        await PostAsync("/v1.0/state/store", $$"""[{"key":"http","value":"{{large}}"}]""");

        Assert.Equal(large, await dapr.GetStateAsync<string>("store", "http", cancellationToken: Cancel));
        Assert.Equal($"\"{large}\"", await _http.GetStringAsync("/v1.0/state/store/grpc", Cancel));
        var failure = await Assert.ThrowsAsync<Dapr.DaprException>(() => dapr.SaveStateAsync("store", "k", large + large, cancellationToken: Cancel));
        Assert.Equal(Grpc.Core.StatusCode.ResourceExhausted, Assert.IsType<Grpc.Core.RpcException>(failure.InnerException).StatusCode);
    }

    [Fact]
    public async Task A_key_may_contain_anything_that_a_path_can_carry_escaped()
    {
        await PostAsync("/v1.0/state/store", """[{"key":"a/b c%2F?","value":1}]""");

        Assert.Equal("1", await _http.GetStringAsync("/v1.0/state/store/a%2Fb+c%252F%3F", Cancel));
        Assert.Equal(HttpStatusCode.NoContent, (await _http.DeleteAsync("/v1.0/state/store/a%2Fb%20c%252F%3F", Cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await _http.GetAsync("/v1.0/state/store/a%2Fb+c%252F%3F", Cancel)).StatusCode);
    }

    [Fact]
    public async Task Reading_an_item_with_a_time_to_live_tells_when_it_goes_on_both_surfaces()
    {
        using var dapr = _sidecars.Client(_sidecars.Running[0]);
        await PostAsync("/v1.0/state/store?metadata.ttlInSeconds=600", """[{"key":"k","value":1}]""");

        var overHttp = (await _http.GetAsync("/v1.0/state/store/k", Cancel)).Headers.GetValues("metadata.ttlExpireTime").Single();
        using var channel = Grpc.Net.Client.GrpcChannel.ForAddress(_sidecars.Running[0].GrpcEndpoint);
        var overGrpc = await new Dapr.Client.Autogen.Grpc.v1.Dapr.DaprClient(channel).GetStateAsync(
            new Dapr.Client.Autogen.Grpc.v1.GetStateRequest { StoreName = "store", Key = "k" }, cancellationToken: Cancel);

        Assert.Equal(overHttp, overGrpc.Metadata["ttlExpireTime"]);
        Assert.InRange(DateTimeOffset.Parse(overHttp, System.Globalization.CultureInfo.InvariantCulture), DateTimeOffset.UtcNow.AddSeconds(500), DateTimeOffset.UtcNow.AddSeconds(601));
    }

    private Task<HttpResponseMessage> PostAsync(string path, string body) =>
        _http.PostAsync(path, new StringContent(body, Encoding.UTF8, "application/json"), Cancel);
}
