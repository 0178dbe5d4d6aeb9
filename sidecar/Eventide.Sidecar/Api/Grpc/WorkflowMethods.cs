using Dapr.Client.Autogen.Grpc.v1;
using Eventide.Sidecar.BuildingBlocks.Workflow;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Eventide.Sidecar.Api.Grpc;

/// <summary>The workflow management API over gRPC, under each of its names (Dapr: pkg/api/universal/workflow.go).</summary>
internal sealed class WorkflowMethods(WorkflowManagement workflows) : IGrpcMethods
{
    /// <inheritdoc/>
    public void Register(GrpcMethodRegistrar registrar)
    {
        foreach (var version in new[] { "Beta1", "Alpha1" })
        {
            registrar.Unary<StartWorkflowRequest, StartWorkflowResponse>($"StartWorkflow{version}", (request, call) =>
                workflows.StartAsync(request, call.CancellationToken));
            registrar.Unary<GetWorkflowRequest, GetWorkflowResponse>($"GetWorkflow{version}", (request, call) =>
                workflows.GetAsync(request, call.CancellationToken));
            Command<RaiseEventWorkflowRequest>($"RaiseEventWorkflow{version}", workflows.RaiseEventAsync);
            Command<PauseWorkflowRequest>($"PauseWorkflow{version}", workflows.PauseAsync);
            Command<ResumeWorkflowRequest>($"ResumeWorkflow{version}", workflows.ResumeAsync);
            Command<TerminateWorkflowRequest>($"TerminateWorkflow{version}", workflows.TerminateAsync);
            Command<PurgeWorkflowRequest>($"PurgeWorkflow{version}", workflows.PurgeAsync);
        }

        void Command<TRequest>(string name, Func<TRequest, CancellationToken, Task> operation) where TRequest : class, Google.Protobuf.IMessage<TRequest>, new() =>
            registrar.Unary<TRequest, Empty>(name, async (request, call) =>
            {
                await operation(request, call.CancellationToken);
                return new Empty();
            });
    }
}
