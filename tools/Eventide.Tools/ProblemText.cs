using System.Net;
using System.Text.Json;

namespace Eventide.Tools;

/// <summary>What a service says when it refuses something.</summary>
internal static class ProblemText
{
    /// <summary>The problem's own words (RFC 9457), with the field at fault where there is one; the status when the answer is no problem.</summary>
    public static string Explain(HttpStatusCode status, string? body)
    {
        try
        {
            using var problem = JsonDocument.Parse(body ?? "");
            var root = problem.RootElement;
            var texts = new[] { "title", "detail" }.Select(name => root.TryGetProperty(name, out var text) ? text.GetString() : null).OfType<string>();
            var fields = root.TryGetProperty("errors", out var errors)
                ? errors.EnumerateObject().Select(field => $"{field.Name}: {string.Join(" ", field.Value.EnumerateArray().Select(text => text.GetString()))}")
                : [];
            return string.Join(" ", texts.Concat(fields));
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            return $"{(int)status} {status}";
        }
    }
}
