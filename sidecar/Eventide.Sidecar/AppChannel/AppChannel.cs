using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;

namespace Eventide.Sidecar.AppChannel;

/// <inheritdoc cref="IAppChannel"/>
internal sealed class AppChannel : IAppChannel, IDisposable
{
    private readonly SidecarOptions _options;
    private readonly HttpMessageInvoker _http;
    private readonly GrpcChannel? _channel;
    private readonly string _authority;

    public AppChannel(SidecarOptions options)
    {
        _options = options;
        var scheme = options.AppProtocol is AppProtocol.Https or AppProtocol.Grpcs ? Uri.UriSchemeHttps : Uri.UriSchemeHttp;
        _authority = $"{scheme}://{options.AppChannelAddress}:{options.AppPort ?? 0}";
        var handler = new AppCallHandler(options, new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(2),
            ConnectTimeout = TimeSpan.FromSeconds(5),
            EnableMultipleHttp2Connections = true,

            // The app is on this machine with a certificate of its own making; daprd does not check it either.
            SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true },
        });
        _http = new HttpMessageInvoker(handler);
        if (IsGrpc)
        {
            _channel = GrpcChannel.ForAddress(_authority, new GrpcChannelOptions
            {
                HttpHandler = handler,
                MaxReceiveMessageSize = options.MaxBodySize is > 0 and < int.MaxValue ? (int)options.MaxBodySize : null,
                MaxSendMessageSize = null,
            });
        }
    }

    /// <inheritdoc/>
    public bool Exists => _options.AppPort is not null;

    /// <inheritdoc/>
    public bool IsGrpc => _options.AppProtocol is AppProtocol.Grpc or AppProtocol.Grpcs;

    /// <inheritdoc/>
    public CallInvoker Grpc => (_channel ?? throw new InvalidOperationException("The app does not speak gRPC.")).CreateCallInvoker();

    /// <inheritdoc/>
    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // Put together as text: resolved as a relative reference, a path such as //host/x would lead away from the app.
        request.RequestUri = new Uri(_authority + request.RequestUri!.OriginalString);
        if (_options.AppProtocol == AppProtocol.H2C || IsGrpc)
        {
            request.Version = HttpVersion.Version20;
            request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        }

        return _http.SendAsync(request, cancellationToken);
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
    }
}
