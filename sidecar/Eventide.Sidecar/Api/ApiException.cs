using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Status = Grpc.Core.Status;

namespace Eventide.Sidecar.Api;

/// <summary>
/// An error as Dapr's callers know it: one object, rendered to a JSON body on HTTP and to a status on gRPC (Dapr: pkg/messages, kit/errors). With a
/// <see cref="Reason"/> it takes the rich form with details.
/// </summary>
internal sealed class ApiException(int httpStatus, StatusCode grpcCode, string errorCode, string message) : Exception(message)
{
    /// <summary>The HTTP status.</summary>
    public int HttpStatus => httpStatus;

    /// <summary>Such as ERR_STATE_SAVE.</summary>
    public string ErrorCode => errorCode;

    /// <summary>Such as DAPR_PUBSUB_NOT_FOUND; null for the plain form.</summary>
    public string? Reason { get; init; }

    /// <summary>Metadata of the ErrorInfo detail.</summary>
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary>The kind of resource at fault, such as pubsub; null leaves the detail out.</summary>
    public string? ResourceType { get; init; }

    /// <summary>The name of the resource at fault.</summary>
    public string ResourceName { get; init; } = "";

    /// <summary>The gRPC form.</summary>
    public RpcException ToRpcException()
    {
        if (Reason is null)
        {
            return new RpcException(new Status(grpcCode, Message));
        }

        var status = new Google.Rpc.Status { Code = (int)grpcCode, Message = Message };
        if (ResourceType is not null)
        {
            status.Details.Add(Any.Pack(new ResourceInfo { ResourceType = ResourceType, ResourceName = ResourceName }));
        }

        var info = new ErrorInfo { Reason = Reason, Domain = "dapr.io" };
        foreach (var (name, value) in Metadata ?? new Dictionary<string, string>())
        {
            info.Metadata.Add(name, value);
        }

        status.Details.Add(Any.Pack(info));
        return new RpcException(new Status(grpcCode, Message), new Metadata { { "grpc-status-details-bin", status.ToByteArray() } });
    }
}
