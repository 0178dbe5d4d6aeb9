using Dapr.Client.Autogen.Grpc.v1;
using Eventide.Sidecar.BuildingBlocks.Workflow;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Eventide.Sidecar.Api.Http;

/// <summary>
/// The workflow management API over HTTP, under each of its versions. The component segment is not looked at, as in daprd; inputs and event data are the raw body
/// (Dapr: pkg/api/http/workflow.go).
/// </summary>
internal sealed class WorkflowRoutes(WorkflowManagement workflows) : IHttpRoutes
{
    /// <inheritdoc/>
    public void Map(IEndpointRouteBuilder routes)
    {
        foreach (var version in new[] { "v1.0", "v1.0-beta1", "v1.0-alpha1" })
        {
            var workflow = $"/{version}/workflows/{{component}}/{{id}}";
            routes.MapMethods(workflow, ["GET"], Get);
            routes.MapMethods($"/{version}/workflows/{{component}}/{{name}}/start", ["POST"], Start);
            routes.MapMethods($"{workflow}/raiseEvent/{{event}}", ["POST"], RaiseEvent);
            Command($"{workflow}/pause", (id, token) => workflows.PauseAsync(new PauseWorkflowRequest { InstanceId = id }, token));
            Command($"{workflow}/resume", (id, token) => workflows.ResumeAsync(new ResumeWorkflowRequest { InstanceId = id }, token));
            Command($"{workflow}/terminate", (id, token) => workflows.TerminateAsync(new TerminateWorkflowRequest { InstanceId = id }, token));
            Command($"{workflow}/purge", (id, token) => workflows.PurgeAsync(new PurgeWorkflowRequest { InstanceId = id }, token));
        }

        void Command(string pattern, Func<string, CancellationToken, Task> operation) => routes.MapMethods(pattern, ["POST"], async context =>
        {
            await operation(Value(context, "id"), context.RequestAborted);
            context.Response.StatusCode = StatusCodes.Status202Accepted;
        });
    }

    private async Task Get(HttpContext context)
    {
        var response = await workflows.GetAsync(new GetWorkflowRequest { InstanceId = Value(context, "id") }, context.RequestAborted);
        if (response.RuntimeStatus.Length == 0)
        {
            throw WorkflowErrors.NotFound(response.InstanceId);
        }

        await WriteAsync(context, StatusCodes.Status200OK, response);
    }

    private async Task Start(HttpContext context)
    {
        var request = new StartWorkflowRequest
        {
            WorkflowName = Value(context, "name"),
            InstanceId = context.Request.Query["instanceID"].ToString(),
            Input = await ByteString.FromStreamAsync(context.Request.Body, context.RequestAborted),
        };
        await WriteAsync(context, StatusCodes.Status202Accepted, await workflows.StartAsync(request, context.RequestAborted));
    }

    private async Task RaiseEvent(HttpContext context)
    {
        await workflows.RaiseEventAsync(
            new RaiseEventWorkflowRequest
            {
                InstanceId = Value(context, "id"),
                EventName = Value(context, "event"),
                EventData = await ByteString.FromStreamAsync(context.Request.Body, context.RequestAborted),
            },
            context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status202Accepted;
    }

    private static string Value(HttpContext context, string name) => context.GetRouteValue(name) as string ?? "";

    private static Task WriteAsync(HttpContext context, int status, IMessage message)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(JsonFormatter.Default.Format(message), context.RequestAborted);
    }
}
