using System.Runtime.InteropServices;
using System.Text.Json;
using Eventide.Sidecar.BuildingBlocks.State;
using Eventide.Sidecar.Components.State;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Eventide.Sidecar.Api.Http;

/// <summary>The state API over HTTP (Dapr: pkg/api/http/http.go).</summary>
internal sealed class StateRoutes(StateBlock state) : IHttpRoutes
{
    private static readonly string[] Writes = ["POST", "PUT"];

    /// <inheritdoc/>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/v1.0/state/{store}/bulk", Writes, GetMany);
        routes.MapMethods("/v1.0/state/{store}/transaction", Writes, Transact);
        routes.MapMethods("/v1.0/state/{store}", Writes, Save);
        routes.MapMethods("/v1.0-alpha1/state/{store}/query", Writes, (HttpContext context) => throw state.RefuseQuery(Store(context)));
        routes.MapMethods("/v1.0/state/{store}/{key}", ["GET"], Get);
        routes.MapMethods("/v1.0/state/{store}/{key}", ["DELETE"], Delete);
    }

    private async Task Get(HttpContext context)
    {
        var item = await state.GetAsync(Store(context), Key(context), context.RequestAborted);
        if (item is null)
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        if (item.ETag is not null)
        {
            context.Response.Headers.ETag = item.ETag;
        }

        if (item.ExpiresAt is { } expires)
        {
            context.Response.Headers[$"metadata.{StateAnswers.Expiry}"] = StateAnswers.Text(expires);
        }

        context.Response.ContentType = "application/json";
        context.Response.ContentLength = item.Value.Length;
        await context.Response.Body.WriteAsync(item.Value, context.RequestAborted);
    }

    private async Task Delete(HttpContext context)
    {
        var etag = context.Request.Headers.TryGetValue("If-Match", out var match) ? match.ToString() : null;
        await state.DeleteAsync(
            Store(context), new StateDelete(Key(context), etag, context.Request.Query["concurrency"] == "first-write"), context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task Save(HttpContext context)
    {
        using var body = await Parse(context);
        if (body.RootElement.ValueKind != JsonValueKind.Array)
        {
            throw StateErrors.MalformedBody("the body must be an array of items");
        }

        var query = RequestMetadata.Of(context.Request);
        await state.SaveAsync(Store(context), body.RootElement.EnumerateArray().Select(item => Set(item, query)).ToList(), context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task GetMany(HttpContext context)
    {
        using var body = await Parse(context);
        var keys = Member(body, "keys", out var list) && list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray().Select(key => key.ValueKind == JsonValueKind.String ? Text(key) : throw StateErrors.MalformedBody("a key is not a text")).ToList()
            : [];
        var items = await state.GetManyAsync(Store(context), keys, context.RequestAborted);
        context.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter);
        json.WriteStartArray();
        foreach (var (key, item) in items)
        {
            json.WriteStartObject();
            json.WriteString("key", key);
            if (item is not null)
            {
                json.WritePropertyName("data");
                StateAnswers.WriteValue(json, item.Value.Span);
                if (item.ETag is not null)
                {
                    json.WriteString("etag", item.ETag);
                }

                if (item.ExpiresAt is { } expires)
                {
                    json.WriteStartObject("metadata");
                    json.WriteString(StateAnswers.Expiry, StateAnswers.Text(expires));
                    json.WriteEndObject();
                }
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private async Task Transact(HttpContext context)
    {
        using var body = await Parse(context);
        var shared = RequestMetadata.Of(context.Request);
        var operations = new List<StateOperation>();
        if (Member(body, "operations", out var list) && list.ValueKind == JsonValueKind.Array)
        {
            foreach (var entry in list.EnumerateArray())
            {
                var kind = entry.ValueKind == JsonValueKind.Object ? Text(entry, "operation") : throw StateErrors.MalformedBody("an operation is not an object");
                var request = entry.TryGetProperty("request", out var found) && found.ValueKind == JsonValueKind.Object
                    ? found
                    : throw StateErrors.MalformedBody("an operation has no request");
                operations.Add(kind switch
                {
                    "upsert" => Set(request, shared),
                    "delete" => new StateDelete(RequiredKey(request), ETag(request), FirstWrite(request)),
                    _ => throw StateErrors.UnsupportedOperation(kind ?? ""),
                });
            }
        }

        await state.TransactAsync(Store(context), operations, context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static StateSet Set(JsonElement item, Dictionary<string, string> query)
    {
        if (item.ValueKind != JsonValueKind.Object)
        {
            throw StateErrors.MalformedBody("an item is not an object");
        }

        var metadata = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if (item.TryGetProperty("metadata", out var given) && given.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in given.EnumerateObject())
            {
                metadata[property.Name] = property.Value.ValueKind == JsonValueKind.String ? Text(property.Value) : property.Value.ToString();
            }
        }

        foreach (var (name, text) in query)
        {
            metadata[name] = text;
        }

        var value = item.TryGetProperty("value", out var element) ? JsonMarshal.GetRawUtf8Value(element).ToArray() : "null"u8.ToArray();
        return StateRequests.Set(RequiredKey(item), value, ETag(item), FirstWrite(item), metadata) with { Strong = HasOption(item, "consistency", "strong") };
    }

    private static bool Member(JsonDocument body, string name, out JsonElement member)
    {
        member = default;
        return body.RootElement.ValueKind == JsonValueKind.Object
            ? body.RootElement.TryGetProperty(name, out member)
            : throw StateErrors.MalformedBody("the body must be an object");
    }

    // Read as "no ETag" a number would make the write unconditional.
    private static string? ETag(JsonElement item) => !item.TryGetProperty("etag", out var value) ? null : value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => Text(value),
        _ => throw StateErrors.MalformedBody("an etag is not a text"),
    };

    private static string RequiredKey(JsonElement item) => Text(item, "key") is { Length: > 0 } key ? key : throw StateErrors.MissingKey();

    private static bool FirstWrite(JsonElement item) => HasOption(item, "concurrency", "first-write");

    private static bool HasOption(JsonElement item, string name, string value) =>
        item.TryGetProperty("options", out var options) && options.ValueKind == JsonValueKind.Object && Text(options, name) == value;

    private static string? Text(JsonElement item, string name) =>
        item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? Text(value) : null;

    private static string Text(JsonElement text)
    {
        try
        {
            return text.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // JSON can write half of a surrogate pair, which no text has.
            throw StateErrors.MalformedBody($"{text.GetRawText()} is not Unicode");
        }
    }

    private static async Task<JsonDocument> Parse(HttpContext context)
    {
        try
        {
            return JsonDocument.Parse(await RequestBody.ReadAsync(context));
        }
        catch (JsonException failure)
        {
            throw StateErrors.MalformedBody(failure.Message);
        }
    }

    private static string Store(HttpContext context) => RawPath.Segment(context.Request, 2);

    private static string Key(HttpContext context) => RawPath.Segment(context.Request, 3);
}
