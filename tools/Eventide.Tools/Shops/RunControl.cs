using System.Net.Sockets;
using System.Text.Json;

namespace Eventide.Tools.Shops;

/// <summary>Asks a run for something at its socket, as the command `eventide scale` does.</summary>
internal static class RunControl
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>Gives apps another number of processes; returns when the new ones are healthy and the others have ended.</summary>
    /// <exception cref="ToolException">The run did not do it, or is not there any more.</exception>
    public static async Task ScaleAsync(RunState run, IReadOnlyDictionary<string, int> processes, CancellationToken cancellationToken)
    {
        var path = run.Control ?? throw new ToolException("This shop was not started by `make run`, so it cannot be told to scale.");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
            await using var stream = new NetworkStream(socket);
            await stream.WriteAsync((byte[])[.. JsonSerializer.SerializeToUtf8Bytes(new { Scale = processes }, Json), (byte)'\n'], cancellationToken);
            using var reader = new StreamReader(stream);
            var line = await reader.ReadLineAsync(cancellationToken) ?? throw new IOException("The run ended before it answered.");
            if (JsonSerializer.Deserialize<Answer>(line, Json)?.Error is { } error)
            {
                throw new ToolException($"The shop could not be scaled. {error}");
            }
        }
        catch (Exception failure) when (failure is SocketException or IOException)
        {
            throw new ToolException($"The shop could not be scaled. {failure.Message}", failure);
        }
    }

    private sealed record Answer(string? Error);
}
