using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization;
using Eventide.Sidecar.Hosting;

namespace Eventide.Sidecar.Cli.Run;

/// <summary>What is asked of a run: how many processes an app is to have, by app id.</summary>
internal sealed record ControlRequest(Dictionary<string, int> Scale);

/// <summary>What a run answers when it has done it.</summary>
/// <param name="Error">Why it has not, in a sentence; null when all went well.</param>
internal sealed record ControlAnswer(string? Error);

/// <summary>
/// Takes requests to a run at a Unix socket that only its user may open: a line of JSON in, a line of JSON out when it is done. One request per connection;
/// several connections are served together.
/// </summary>
internal sealed class ControlServer : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Func<ControlRequest, CancellationToken, Task> _handle;
    private readonly string _path;
    private readonly Task _listening;

    private ControlServer(string path, Func<ControlRequest, CancellationToken, Task> handle)
    {
        (_path, _handle) = (path, handle);

        // Of a run that was killed; this one has the lock of the data folder.
        File.Delete(path);
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        _listener.Listen();
        _listening = ListenAsync();
    }

    /// <summary>Listens at <paramref name="path"/>, which is gone after the end.</summary>
    /// <param name="handle">Does what is asked; a <see cref="SidecarStartException"/> is the answer.</param>
    public static ControlServer Start(string path, Func<ControlRequest, CancellationToken, Task> handle) => new(path, handle);

    /// <summary>Asks the run whose socket is at <paramref name="path"/>; returns when it is done.</summary>
    /// <exception cref="IOException">Nobody answers there.</exception>
    public static async Task<ControlAnswer> AskAsync(string path, ControlRequest request, CancellationToken cancellationToken)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
        }
        catch (SocketException failure)
        {
            throw new IOException(failure.Message, failure);
        }

        await using var stream = new NetworkStream(socket);
        await WriteAsync(stream, JsonSerializer.SerializeToUtf8Bytes(request, ControlJson.Default.ControlRequest), cancellationToken);
        using var reader = new StreamReader(stream);
        var line = await reader.ReadLineAsync(cancellationToken) ?? throw new IOException("The run ended before it answered.");
        return JsonSerializer.Deserialize(line, ControlJson.Default.ControlAnswer)!;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _listening;
        _listener.Dispose();
        File.Delete(_path);
        _stopping.Dispose();
    }

    private async Task ListenAsync()
    {
        var serving = new List<Task>();
        try
        {
            while (true)
            {
                var connection = await _listener.AcceptAsync(_stopping.Token);
                serving.RemoveAll(served => served.IsCompleted);
                serving.Add(ServeAsync(connection));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(serving);
        }
    }

    private async Task ServeAsync(Socket connection)
    {
        try
        {
            await using var stream = new NetworkStream(connection, ownsSocket: true);
            using var reader = new StreamReader(stream);
            if (await reader.ReadLineAsync(_stopping.Token) is { } line)
            {
                await WriteAsync(stream, JsonSerializer.SerializeToUtf8Bytes(await AnswerAsync(line), ControlJson.Default.ControlAnswer), _stopping.Token);
            }
        }
        catch (Exception failure) when (failure is IOException or OperationCanceledException)
        {
            // Whoever asked has gone, or the run stops.
        }
    }

    private async Task<ControlAnswer> AnswerAsync(string line)
    {
        try
        {
            await _handle(JsonSerializer.Deserialize(line, ControlJson.Default.ControlRequest)!, _stopping.Token);
            return new ControlAnswer(null);
        }
        catch (JsonException)
        {
            return new ControlAnswer("The request is not one that this run knows; use the `eventide` of the same version.");
        }
        catch (SidecarStartException failure)
        {
            return new ControlAnswer(failure.Message);
        }
    }

    private static async Task WriteAsync(NetworkStream stream, byte[] json, CancellationToken cancellationToken) =>
        await stream.WriteAsync((byte[])[.. json, (byte)'\n'], cancellationToken);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ControlRequest))]
[JsonSerializable(typeof(ControlAnswer))]
internal sealed partial class ControlJson : JsonSerializerContext;
