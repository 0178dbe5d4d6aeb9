using Microsoft.AspNetCore.Http;

namespace Eventide.Sidecar.Api.Http;

/// <summary>Reads <c>?metadata.name=value</c>.</summary>
internal static class RequestMetadata
{
    private const string Prefix = "metadata.";

    /// <summary>All metadata of the query, without the prefix.</summary>
    public static Dictionary<string, string> Of(HttpRequest request)
    {
        var metadata = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, values) in request.Query)
        {
            if (name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
            {
                metadata[name[Prefix.Length..]] = values.ToString();
            }
        }

        return metadata;
    }
}
