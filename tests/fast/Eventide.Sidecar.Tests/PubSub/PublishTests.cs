using System.Net;
using System.Text;
using System.Text.Json;
using Dapr.Client;
using Eventide.Sidecar.Tests.Support;
using Microsoft.Data.Sqlite;

namespace Eventide.Sidecar.Tests.PubSub;

/// <summary>Publishing over both surfaces, one message and many.</summary>
[Conformance]
public sealed class PublishTests : IAsyncLifetime
{
    private readonly Sidecars _sidecars = new Sidecars()
        .Component("pubsub", "pubsub.sqlite", ("connectionString", "data/broker.db"), ("protectedTopics", "secret"));

    private readonly Inbox _inbox = new Inbox().Subscribe("orders").Subscribe("eu/orders").Subscribe(
        new { pubsubname = "pubsub", topic = "raw", route = "/raw", metadata = new { rawPayload = "true" } });

    private ISidecarUnderTest _sidecar = null!;
    private HttpClient _http = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        _sidecar = await _sidecars.StartReadyAsync("shop", await _sidecars.AppAsync(TestApp.HttpAsync(_inbox.Map)));
        _http = new HttpClient { BaseAddress = _sidecar.HttpEndpoint };
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _sidecars.DisposeAsync();
    }

    [Theory]
    [InlineData("/v1.0/publish/pubsub/eu/orders")]
    [InlineData("/v1.0/publish/pubsub/eu%2Forders")]
    public async Task A_topic_may_have_slashes(string path)
    {
        Assert.Equal(HttpStatusCode.NoContent, (await PostAsync(path, "1", "application/json")).StatusCode);

        var delivery = Assert.Single(await _inbox.ReceivedAsync(1));
        Assert.Equal(("/eu-orders", "eu/orders"), (delivery.Path, delivery.Body.GetProperty("topic").GetString()));
    }

    [Theory]
    [InlineData("application/json", """{"n":1.10}""", "data", """{"n":1.10}""")]
    [InlineData("application/json; charset=utf-8", "[1]", "data", "[1]")]
    [InlineData("application/json", "{oops", "data", "\"{oops\"")]
    [InlineData("application/vnd.x+json", "1", "data", "1")]
    [InlineData("text/plain", "1", "data", "\"1\"")]
    [InlineData("application/octet-stream", "abc", "data_base64", "\"YWJj\"")]
    public async Task Data_is_wrapped_by_its_content_type(string contentType, string body, string attribute, string expected)
    {
        await PostAsync("/v1.0/publish/pubsub/orders", body, contentType);

        var delivery = Assert.Single(await _inbox.ReceivedAsync(1));
        Assert.Equal(expected, delivery.Body.GetProperty(attribute).GetRawText());
        Assert.Equal(("1.0", "shop", "com.dapr.event.sent", contentType), (
            delivery.Body.GetProperty("specversion").GetString(), delivery.Body.GetProperty("source").GetString(), delivery.Body.GetProperty("type").GetString(),
            delivery.Body.GetProperty("datacontenttype").GetString()));
        Assert.Equal("application/cloudevents+json", delivery.Headers["Content-Type"]);
    }

    [Fact]
    public async Task A_cloud_event_keeps_what_its_publisher_wrote_and_gets_what_is_missing()
    {
        await PostAsync(
            "/v1.0/publish/pubsub/orders", """{"id":"1","source":null,"topic":"x","type":"t.v1","orderversion":7,"data":{"a":[1,"é"]}}""", "application/cloudevents+json");

        var body = Assert.Single(await _inbox.ReceivedAsync(1)).Body;
        Assert.Equal(("1", "Dapr", "orders", "t.v1", "pubsub"), (
            body.GetProperty("id").GetString(), body.GetProperty("source").GetString(), body.GetProperty("topic").GetString(), body.GetProperty("type").GetString(),
            body.GetProperty("pubsubname").GetString()));
        Assert.Equal(("7", """{"a":[1,"é"]}"""), (body.GetProperty("orderversion").GetRawText(), body.GetProperty("data").GetRawText()));
    }

    [Fact]
    public async Task Metadata_overrides_attributes_of_a_wrapped_event()
    {
        await PostAsync("/v1.0/publish/pubsub/orders?metadata.cloudevent.id=mine&metadata.cloudevent.type=t.v2&metadata.cloudevent.subject=s", "1", "application/json");

        var body = Assert.Single(await _inbox.ReceivedAsync(1)).Body;
        Assert.Equal(("mine", "t.v2", "s"), (body.GetProperty("id").GetString(), body.GetProperty("type").GetString(), body.GetProperty("subject").GetString()));
    }

    [Fact]
    public async Task A_raw_payload_reaches_a_subscriber_of_raw_payloads_byte_for_byte()
    {
        await PostAsync("/v1.0/publish/pubsub/raw?metadata.rawPayload=true", "not json", "text/plain");

        Assert.Equal("not json"u8.ToArray(), Assert.Single(await _inbox.ReceivedAsync(1)).Body.GetProperty("data_base64").GetBytesFromBase64());
    }

    [Theory]
    [InlineData("/v1.0/publish/none/orders", "1", 404, "ERR_PUBSUB_NOT_FOUND", "pubsub none is not found")]
    [InlineData("/v1.0/publish/pubsub", "1", 404, "ERR_TOPIC_NAME_EMPTY", "topic is empty in pubsub pubsub")]
    [InlineData("/v1.0/publish/pubsub/secret", "1", 403, "ERR_PUBSUB_FORBIDDEN", "topic secret is not allowed for app id shop")]
    [InlineData("/v1.0/publish/pubsub/orders?metadata.rawPayload=perhaps", "1", 400, "ERR_PUBSUB_REQUEST_METADATA",
        "failed deserializing metadata. Error: rawPayload is \"perhaps\", not true or false")]
    [InlineData("/v1.0/publish/bulk/none/orders", "[]", 404, "ERR_PUBSUB_NOT_FOUND", "pubsub none is not found")]
    [InlineData("/v1.0/publish/bulk/pubsub/secret", "[]", 403, "ERR_PUBSUB_FORBIDDEN", "topic secret is not allowed for app id shop")]
    [InlineData("/v1.0/publish/bulk/pubsub/orders", "{}", 400, "ERR_PUBSUB_EVENTS_SER",
        "error when unmarshaling the request for topic orders pubsub pubsub: the body is not an array of entries")]
    [InlineData("/v1.0/publish/bulk/pubsub/orders", """[{"entryId":"1","event":1,"contentType":"text/plain"}]""", 400, "ERR_PUBSUB_EVENTS_SER",
        "error when marshalling cloud event envelope for topic orders pubsub pubsub: error: mismatch between contentType and event")]
    [InlineData("/v1.0/publish/bulk/pubsub/orders", """[{"event":1,"contentType":"application/json"}]""", 400, "ERR_PUBSUB_EVENTS_SER",
        "error marshaling events to bytes for topic orders pubsub pubsub. error: entryId is duplicated or not present for entry")]
    public async Task A_wrong_request_gets_daprs_answer(string path, string body, int status, string code, string message) =>
        await HttpAssert.IsErrorAsync(await PostAsync(path, body, "application/json"), status, code, message);

    [Fact]
    public async Task What_claims_to_be_a_cloud_event_must_be_one() => await HttpAssert.IsErrorAsync(
        await PostAsync("/v1.0/publish/pubsub/orders", "[1]", "application/cloudevents+json"), 500, "ERR_PUBSUB_CLOUD_EVENTS_SER", "cannot create cloudevent");

    [Theory]
    [InlineData("/v1.0/publish/bulk/pubsub/eu/orders")]
    [InlineData("/v1.0-alpha1/publish/bulk/pubsub/eu%2Forders")]
    public async Task A_bulk_over_http_publishes_each_entry_by_its_content_type(string path)
    {
        var answer = await PostAsync(path, """
            [{"entryId":"1","event":{"n":1},"contentType":"application/json"},
             {"entryId":"2","event":"words","contentType":"text/plain"},
             {"entryId":"3","event":"YWJj","contentType":"application/octet-stream"},
             {"entryId":"4","event":{"id":"own","data":4},"contentType":"application/cloudevents+json","metadata":{"partitionKey":"k"}}]
            """, "application/json");

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        var bodies = (await _inbox.ReceivedAsync(4)).Select(delivery => delivery.Body).ToList();
        Assert.Contains(bodies, body => body.TryGetProperty("data", out var data) && data.GetRawText() == """{"n":1}""");
        Assert.Contains(bodies, body => body.TryGetProperty("data", out var data) && data.GetRawText() == "\"words\"");
        Assert.Contains(bodies, body => body.TryGetProperty("data_base64", out var data) && data.GetString() == "YWJj");
        Assert.Contains(bodies, body => body.GetProperty("id").GetString() == "own");
    }

    [Fact]
    public async Task The_official_client_publishes_in_bulk()
    {
        using var dapr = _sidecars.Client(_sidecar);

        var response = await dapr.BulkPublishEventAsync("pubsub", "orders", Enumerable.Range(0, 200).ToList(), cancellationToken: Cancel);

        Assert.Empty(response.FailedEntries);
        Assert.Equal(Enumerable.Range(0, 200), (await _inbox.ReceivedAsync(200)).Select(delivery => delivery.Number).Order());
    }

    [Fact]
    public async Task Entries_that_the_broker_did_not_take_are_named_in_the_answer()
    {
        Target.NeedsOwnHost();
        await ExecuteAsync("ALTER TABLE message RENAME TO elsewhere");
        using var dapr = _sidecars.Client(_sidecar);

        var overGrpc = await dapr.BulkPublishEventAsync("pubsub", "orders", [1, 2], cancellationToken: Cancel);
        var overHttp = await PostAsync(
            "/v1.0/publish/bulk/pubsub/orders", """[{"entryId":"a","event":1,"contentType":"application/json"}]""", "application/json");

        Assert.Equal([1, 2], overGrpc.FailedEntries.Select(entry => entry.Entry.EventData));
        Assert.Equal(HttpStatusCode.InternalServerError, overHttp.StatusCode);
        using var body = JsonDocument.Parse(await overHttp.Content.ReadAsStringAsync(Cancel));
        Assert.Equal("ERR_PUBSUB_PUBLISH_MESSAGE", body.RootElement.GetProperty("errorCode").GetString());
        var failed = Assert.Single(body.RootElement.GetProperty("failedEntries").EnumerateArray());
        Assert.Equal("a", failed.GetProperty("entryId").GetString());
        Assert.Contains("message", failed.GetProperty("error").GetString());
        await HttpAssert.IsErrorAsync(
            await PostAsync("/v1.0/publish/pubsub/orders", "1", "application/json"), 500, "ERR_PUBSUB_PUBLISH_MESSAGE",
            "error when publishing to topic orders in pubsub pubsub: SQLite Error 1: 'no such table: message'.");
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(_sidecars.Folder, "data/broker.db")};Pooling=False");
        await connection.OpenAsync(Cancel);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(Cancel);
    }

    private Task<HttpResponseMessage> PostAsync(string path, string body, string contentType)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        return _http.PostAsync(path, content, Cancel);
    }
}
