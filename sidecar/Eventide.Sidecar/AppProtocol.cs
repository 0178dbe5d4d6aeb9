namespace Eventide.Sidecar;

/// <summary>How a sidecar speaks to its app (daprd's --app-protocol).</summary>
public enum AppProtocol
{
    /// <summary>HTTP/1.1 in clear text.</summary>
    Http,

    /// <summary>HTTP/1.1 or HTTP/2 over TLS.</summary>
    Https,

    /// <summary>HTTP/2 in clear text.</summary>
    H2C,

    /// <summary>gRPC in clear text.</summary>
    Grpc,

    /// <summary>gRPC over TLS.</summary>
    Grpcs,
}
