using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;

namespace Eventide.Sidecar.AppChannel;

/// <inheritdoc cref="IAppChannel"/>
internal sealed class AppChannel : IAppChannel, IDisposable
{
    private readonly SidecarOptions _options;
    private readonly HttpMessageInvoker _http;
    private readonly GrpcChannel? _channel;
    private readonly SemaphoreSlim? _limit;

    public AppChannel(SidecarOptions options)
    {
        _options = options;
        _limit = options.AppMaxConcurrency is > 0 and { } limit ? new SemaphoreSlim(limit) : null;
        BaseAddress = new Uri($"http://{options.AppChannelAddress}:{options.AppPort ?? 0}");
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(2),
            ConnectTimeout = TimeSpan.FromSeconds(5),
            EnableMultipleHttp2Connections = true,
        };
        _http = new HttpMessageInvoker(handler);
        if (IsGrpc)
        {
            _channel = GrpcChannel.ForAddress(BaseAddress, new GrpcChannelOptions
            {
                HttpHandler = handler,
                MaxReceiveMessageSize = (int)Math.Min(options.MaxBodySize, int.MaxValue),
                MaxSendMessageSize = null,
            });
        }
    }

    /// <summary>Where the app listens.</summary>
    public Uri BaseAddress { get; }

    /// <inheritdoc/>
    public bool Exists => _options.AppPort is not null;

    /// <inheritdoc/>
    public bool IsGrpc => _options.AppProtocol is AppProtocol.Grpc or AppProtocol.Grpcs;

    /// <inheritdoc/>
    public CallInvoker Grpc => (_channel ?? throw new InvalidOperationException("The app does not speak gRPC."))
        .Intercept(headers =>
        {
            if (_options.AppApiToken is { } token)
            {
                headers.Add("dapr-api-token", token);
            }

            return headers;
        });

    /// <inheritdoc/>
    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.RequestUri = new Uri(BaseAddress, request.RequestUri!);
        if (_options.AppProtocol == AppProtocol.H2C || IsGrpc)
        {
            request.Version = HttpVersion.Version20;
            request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        }

        if (_options.AppApiToken is { } token)
        {
            request.Headers.TryAddWithoutValidation("dapr-api-token", token);
        }

        if (_limit is null)
        {
            return await _http.SendAsync(request, cancellationToken);
        }

        await _limit.WaitAsync(cancellationToken);
        try
        {
            return await _http.SendAsync(request, cancellationToken);
        }
        finally
        {
            _limit.Release();
        }
    }

    /// <summary>Whether something accepts connections on the app's port.</summary>
    public async Task<bool> IsListeningAsync(CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(_options.AppChannelAddress, _options.AppPort!.Value, cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _channel?.Dispose();
        _http.Dispose();
        _limit?.Dispose();
    }
}
