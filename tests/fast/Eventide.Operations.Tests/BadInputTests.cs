using System.Net;
using System.Net.Http.Json;
using System.Text;
using Eventide.Operations.Tests.Support;

namespace Eventide.Operations.Tests;

public sealed class BadInputTests(BadInputTests.Operations operations) : IClassFixture<BadInputTests.Operations>
{
    [Theory]
    [InlineData("/dead-letters/d-1/redrive", """{"by":" "}""", "by")]
    [InlineData("/dead-letters/redrive", """{"by":""}""", "by")]
    [InlineData("/dead-letters/d-1/discard", """{"by":"ada","reason":""}""", "reason")]
    [InlineData("/dead-letters/d-1/discard", """{"by":"","reason":"x"}""", "by")]
    [InlineData("/dead-letters/d-1/redrive", """{"by":""", "by")]
    [InlineData("/dead-letters/d-1/redrive", "[]", "body")]
    public async Task A_bad_request_names_the_field(string path, string body, string field)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        await operations.Client.PostAsync(new Uri(path, UriKind.Relative), content, TestContext.Current.CancellationToken).IsProblemAsync(HttpStatusCode.BadRequest, field);
    }

    [Theory]
    [InlineData("/dead-letters?take=0", "take")]
    [InlineData("/dead-letters?take=many", "take")]
    [InlineData("/dead-letters?state=lost", "state")]
    [InlineData("/dead-letters?before=yesterday", "before")]
    [InlineData("/orders?take=201", "take")]
    [InlineData("/orders?state=lost", "state")]
    [InlineData("/orders?since=yesterday", "since")]
    [InlineData("/orders?before=tomorrow", "before")]
    public async Task A_bad_query_names_the_parameter(string path, string field)
    {
        await operations.Client.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken).IsProblemAsync(HttpStatusCode.BadRequest, field);
    }

    [Fact]
    public async Task A_dead_letter_nobody_has_heard_of_is_not_found()
    {
        await operations.Client.GetAsync(new Uri("/dead-letters/d-0", UriKind.Relative), TestContext.Current.CancellationToken).IsProblemAsync(HttpStatusCode.NotFound);
        await PostAsync(operations.Client, "/dead-letters/d-0/redrive", new { by = "ada" }).IsProblemAsync(HttpStatusCode.NotFound);
        await PostAsync(operations.Client, "/dead-letters/d-0/discard", new { by = "ada", reason = "x" }).IsProblemAsync(HttpStatusCode.NotFound);
    }

    private static Task<HttpResponseMessage> PostAsync(HttpClient client, string path, object body) =>
        client.PostAsJsonAsync(path, body, TestContext.Current.CancellationToken);

    /// <summary>One service for all of them, since nothing is changed.</summary>
    public sealed class Operations : IAsyncLifetime
    {
        private readonly Shop _shop = new();

        public HttpClient Client { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Client = await _shop.StartOperationsAsync();

        public ValueTask DisposeAsync() => _shop.DisposeAsync();
    }
}
