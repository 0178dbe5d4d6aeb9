using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Eventide.Operations.Tests.Support;

/// <summary>Requests whose answers are JSON, and problems (RFC 9457).</summary>
internal static class Json
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static async Task<JsonNode> GetJsonAsync(this HttpClient client, string path)
    {
        using var answer = await client.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        return await ReadAsync(answer);
    }

    public static async Task<JsonNode> PostJsonAsync(this HttpClient client, string path, object body)
    {
        using var answer = await client.PostAsJsonAsync(path, body, TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, $"{path} answered {answer.StatusCode}");
        return await ReadAsync(answer);
    }

    /// <summary>Comes back when told to, as a customer does: on a busy machine a service's first answer may take longer than another one waits for it.</summary>
    public static async Task<JsonNode> PutJsonAsync(this HttpClient client, string path, object body)
    {
        for (var left = Patience; ;)
        {
            using var answer = await client.PutAsJsonAsync(path, body, TestContext.Current.CancellationToken);
            if (answer.StatusCode == HttpStatusCode.ServiceUnavailable && answer.Headers.RetryAfter?.Delta is { } pause && pause < left)
            {
                left -= pause;
                await Task.Delay(pause, TestContext.Current.CancellationToken);
                continue;
            }

            Assert.True(answer.IsSuccessStatusCode, $"{path} answered {answer.StatusCode}");
            return await ReadAsync(answer);
        }
    }

    /// <summary>The answer is a problem with this status that names this field (null: none).</summary>
    public static async Task IsProblemAsync(this Task<HttpResponseMessage> request, HttpStatusCode status, string? field = null)
    {
        using var answer = await request;
        var problem = await ReadAsync(answer);
        Assert.Equal(status, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.NotEmpty(problem["title"]!.GetValue<string>());
        if (field is not null)
        {
            Assert.NotEmpty(problem["errors"]![field]!.AsArray());
        }
    }

    private static async Task<JsonNode> ReadAsync(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        try
        {
            return JsonNode.Parse(text)!;
        }
        catch (System.Text.Json.JsonException)
        {
            throw new InvalidOperationException($"{answer.RequestMessage?.RequestUri} answered {answer.StatusCode} with no JSON: {text}");
        }
    }
}
