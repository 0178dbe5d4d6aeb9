using System.Net;
using System.Text.Json;

namespace Eventide.Sidecar.Tests.Support;

/// <summary>Assertions on answers of the HTTP API.</summary>
internal static class HttpAssert
{
    /// <summary>
    /// The answer is Dapr's JSON error with exactly this status, code and message. Of a process only status and code are checked: Dapr documents no messages.
    /// </summary>
    public static async Task IsErrorAsync(HttpResponseMessage response, int status, string errorCode, string message)
    {
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode)status, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.ToString());
        using var json = JsonDocument.Parse(body);
        Assert.Equal(errorCode, json.RootElement.GetProperty("errorCode").GetString());
        if (!Target.IsProcess)
        {
            Assert.Equal(message, json.RootElement.GetProperty("message").GetString());
        }
    }
}
