namespace Dapr.Workflow.Client;

/// <summary>Limits in bytes; null, the default, sets none: a history has no natural size.</summary>
internal sealed class GrpcMessageSizeLimits
{
    public int? Receive { get; set; }

    public int? Send { get; set; }
}
