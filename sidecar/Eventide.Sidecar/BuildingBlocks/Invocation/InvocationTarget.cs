using Eventide.Sidecar.AppChannel;

namespace Eventide.Sidecar.BuildingBlocks.Invocation;

/// <summary>Whom an invocation reaches, and how.</summary>
/// <param name="Channel">To the app itself, or to the sidecar of another process, which passes the call on.</param>
/// <param name="IsRemote">The other sidecar knows what its app speaks; here both kinds of call are sent as they are.</param>
internal sealed record InvocationTarget(string AppId, IAppChannel Channel, bool IsRemote)
{
    /// <summary>An HTTP call must be turned into OnInvoke.</summary>
    public bool NeedsOnInvoke => !IsRemote && Channel.IsGrpc;

    /// <summary>A gRPC call can be passed on.</summary>
    public bool TakesGrpc => IsRemote || Channel.IsGrpc;
}
