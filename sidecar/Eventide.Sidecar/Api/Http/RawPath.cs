using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Eventide.Sidecar.Api.Http;

/// <summary>
/// Names in the path as daprd reads them: the request line is split first and decoded afterwards, by the rules of a query (%2F is a slash of the name, + a
/// blank). ASP.NET Core's route values decode everything but %2F, so a name with a slash would keep its escape.
/// </summary>
internal static class RawPath
{
    /// <summary>The segment with this number; /v1.0 is 0. Empty when there is none.</summary>
    public static string Segment(HttpRequest request, int index) => Split(request) is var segments && index < segments.Length ? Decode(segments[index]) : "";

    /// <summary>The segments from this number on, with the slashes between them.</summary>
    public static string Rest(HttpRequest request, int index) =>
        Split(request) is var segments && index < segments.Length ? Decode(string.Join('/', segments[index..])) : "";

    private static string[] Split(HttpRequest request)
    {
        var target = request.HttpContext.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var path = target.StartsWith('/') ? target : new Uri(target).AbsolutePath;
        var end = path.IndexOf('?', StringComparison.Ordinal);
        return (end < 0 ? path : path[..end]).Split('/', StringSplitOptions.RemoveEmptyEntries);
    }

    private static string Decode(string text) => text.AsSpan().ContainsAny('%', '+') ? WebUtility.UrlDecode(text) : text;
}
