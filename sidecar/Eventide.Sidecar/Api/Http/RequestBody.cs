using Microsoft.AspNetCore.Http;

namespace Eventide.Sidecar.Api.Http;

/// <summary>Reads whole bodies; the server has limited their size already.</summary>
internal static class RequestBody
{
    /// <summary>All bytes.</summary>
    public static async ValueTask<ReadOnlyMemory<byte>> ReadAsync(HttpContext context)
    {
        if (context.Request.ContentLength is { } length and <= int.MaxValue)
        {
            var body = new byte[length];
            await context.Request.Body.ReadExactlyAsync(body, context.RequestAborted);
            return body;
        }

        using var buffer = new MemoryStream();
        await context.Request.Body.CopyToAsync(buffer, context.RequestAborted);
        return buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
    }
}
