using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Dapr.Client.Autogen.Grpc.v1;
using Dapr.Workflow;
using Eventide.Sidecar.Tests.Support;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.DependencyInjection;

namespace Eventide.Sidecar.Tests.Workflow;

/// <summary>The workflow management API as curl and the gRPC clients of any language see it.</summary>
[Conformance]
public sealed class ManagementTests : IAsyncDisposable
{
    private readonly Sidecars _sidecars = new Sidecars().WithWorkflows();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("v1.0")]
    [InlineData("v1.0-beta1")]
    [InlineData("v1.0-alpha1")]
    public async Task An_instance_is_started_fed_described_and_removed_over_http(string version)
    {
        using var http = await StartAsync();
        var started = await PostAsync(http, $"{version}/workflows/dapr/Greet/start?instanceID=greet-1", "\"Ada\"");
        Assert.Equal(HttpStatusCode.Accepted, started.StatusCode);
        Assert.Equal("application/json", started.Content.Headers.ContentType?.ToString());
        Assert.Equal("greet-1", (await JsonAsync(started)).GetProperty("instanceID").GetString());

        await UntilAsync(http, $"{version}/workflows/dapr/greet-1", "RUNNING");
        var raised = await PostAsync(http, $"{version}/workflows/dapr/greet-1/raiseEvent/greeting", "\"Hello\"");
        Assert.Equal((HttpStatusCode.Accepted, ""), (raised.StatusCode, await raised.Content.ReadAsStringAsync(Cancellation)));

        var state = await UntilAsync(http, $"{version}/workflows/dapr/greet-1", "COMPLETED");
        Assert.Equal(("greet-1", "Greet"), (state.GetProperty("instanceID").GetString(), state.GetProperty("workflowName").GetString()));
        Assert.True(state.GetProperty("createdAt").GetDateTimeOffset() <= state.GetProperty("lastUpdatedAt").GetDateTimeOffset());
        var properties = state.GetProperty("properties");
        Assert.Equal("\"Ada\"", properties.GetProperty("dapr.workflow.input").GetString());
        Assert.Equal("\"Hello, Ada\"", properties.GetProperty("dapr.workflow.output").GetString());
        Assert.Equal("\"greeted\"", properties.GetProperty("dapr.workflow.custom_status").GetString());

        Assert.Equal(HttpStatusCode.Accepted, (await PostAsync(http, $"{version}/workflows/dapr/greet-1/purge")).StatusCode);
        await HttpAssert.IsErrorAsync(
            await http.GetAsync($"{version}/workflows/dapr/greet-1", Cancellation), 404, "ERR_INSTANCE_ID_NOT_FOUND",
            "unable to find workflow with the provided instance ID: greet-1");
    }

    [Fact]
    public async Task A_start_without_an_id_makes_one()
    {
        using var http = await StartAsync();
        var id = (await JsonAsync(await PostAsync(http, "v1.0/workflows/dapr/Greet/start"))).GetProperty("instanceID").GetString();

        Assert.True(Guid.TryParse(id, out _));
        await UntilAsync(http, $"v1.0/workflows/dapr/{id}", "RUNNING");
    }

    [Fact]
    public async Task A_paused_instance_keeps_what_arrives_and_goes_on_when_it_is_resumed()
    {
        using var http = await StartAsync();
        await PostAsync(http, "v1.0/workflows/dapr/Greet/start?instanceID=paused", "\"Ada\"");
        Assert.Equal(HttpStatusCode.Accepted, (await PostAsync(http, "v1.0/workflows/dapr/paused/pause")).StatusCode);
        await UntilAsync(http, "v1.0/workflows/dapr/paused", "SUSPENDED");
        await PostAsync(http, "v1.0/workflows/dapr/paused/raiseEvent/greeting", "\"Hi\"");
        Assert.Equal(HttpStatusCode.Accepted, (await PostAsync(http, "v1.0/workflows/dapr/paused/resume")).StatusCode);

        Assert.Equal("\"Hi, Ada\"", (await UntilAsync(http, "v1.0/workflows/dapr/paused", "COMPLETED")).GetProperty("properties").GetProperty("dapr.workflow.output").GetString());
    }

    [Fact]
    public async Task A_termination_ends_the_children_too()
    {
        using var http = await StartAsync();
        await PostAsync(http, "v1.0/workflows/dapr/Parent/start?instanceID=parent", "\"Ada\"");
        await UntilAsync(http, "v1.0/workflows/dapr/child", "RUNNING");
        Assert.Equal(HttpStatusCode.Accepted, (await PostAsync(http, "v1.0/workflows/dapr/parent/terminate")).StatusCode);

        await UntilAsync(http, "v1.0/workflows/dapr/parent", "TERMINATED");
        await UntilAsync(http, "v1.0/workflows/dapr/child", "TERMINATED");
        await PostAsync(http, "v1.0/workflows/dapr/parent/purge");
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync("v1.0/workflows/dapr/child", Cancellation)).StatusCode);
    }

    [Fact]
    public async Task A_failed_instance_shows_its_failure_and_no_output()
    {
        using var http = await StartAsync();
        await PostAsync(http, "v1.0/workflows/dapr/Fails/start?instanceID=failed");
        var properties = (await UntilAsync(http, "v1.0/workflows/dapr/failed", "FAILED")).GetProperty("properties");

        Assert.Equal("out of paper", properties.GetProperty("dapr.workflow.failure.error_message").GetString());
        Assert.Equal("System.IO.IOException", properties.GetProperty("dapr.workflow.failure.error_type").GetString());
        Assert.False(properties.TryGetProperty("dapr.workflow.output", out _));
    }

    [Fact]
    public async Task Wrong_requests_are_told_what_is_wrong()
    {
        using var http = await StartAsync();
        var tooLong = new string('a', 65);
        await HttpAssert.IsErrorAsync(
            await PostAsync(http, $"v1.0/workflows/dapr/Greet/start?instanceID={tooLong}"), 400, "ERR_INSTANCE_ID_TOO_LONG",
            "workflow instance ID exceeds the max length of 64 characters");
        await HttpAssert.IsErrorAsync(
            await PostAsync(http, "v1.0/workflows/dapr/Greet/start?instanceID=a.b"), 400, "ERR_INSTANCE_ID_INVALID",
            "workflow instance ID 'a.b' is invalid: only alphanumeric and underscore characters are allowed");
        await HttpAssert.IsErrorAsync(
            await PostAsync(http, "v1.0/workflows/dapr/nobody/raiseEvent/x"), 500, "ERR_RAISE_EVENT_WORKFLOW",
            "error raising event on workflow 'nobody': no such instance exists");
        await HttpAssert.IsErrorAsync(
            await PostAsync(http, "v1.0/workflows/dapr/nobody/terminate"), 404, "ERR_INSTANCE_ID_NOT_FOUND",
            "unable to find workflow with the provided instance ID: nobody");
        await PostAsync(http, "v1.0/workflows/dapr/Greet/start?instanceID=busy");
        await HttpAssert.IsErrorAsync(
            await PostAsync(http, "v1.0/workflows/dapr/Greet/start?instanceID=busy"), 500, "ERR_START_WORKFLOW",
            "error starting workflow 'Greet': failed to create workflow instance: an active workflow with ID 'busy' already exists");
        await HttpAssert.IsErrorAsync(
            await PostAsync(http, "v1.0/workflows/dapr/busy/purge"), 500, "ERR_PURGE_WORKFLOW", "error purging workflow 'busy': orchestration has not yet completed");
    }

    [Theory]
    [InlineData("Beta1")]
    [InlineData("Alpha1")]
    public async Task The_same_operations_are_served_over_grpc(string version)
    {
        using var http = await StartAsync();
        using var channel = GrpcChannel.ForAddress(_sidecars.Running[0].GrpcEndpoint);
        Task<TResponse> CallAsync<TRequest, TResponse>(string operation, TRequest request)
            where TRequest : class, IMessage<TRequest>, new()
            where TResponse : class, IMessage<TResponse>, new() => GrpcCall.UnaryAsync<TRequest, TResponse>(channel, $"{operation}Workflow{version}", request);

        await CallAsync<StartWorkflowRequest, StartWorkflowResponse>(
            "Start", new() { WorkflowComponent = "dapr", WorkflowName = "Greet", InstanceId = "over-grpc", Input = ByteString.CopyFromUtf8("\"Ada\"") });
        await CallAsync<RaiseEventWorkflowRequest, Empty>(
            "RaiseEvent", new() { InstanceId = "over-grpc", EventName = "greeting", EventData = ByteString.CopyFromUtf8("\"Hello\"") });
        GetWorkflowResponse state = new();
        await Wait.UntilAsync(async () =>
            (state = await CallAsync<GetWorkflowRequest, GetWorkflowResponse>("Get", new() { InstanceId = "over-grpc" })).RuntimeStatus == "COMPLETED");
        Assert.Equal("\"Hello, Ada\"", state.Properties["dapr.workflow.output"]);

        await CallAsync<PurgeWorkflowRequest, Empty>("Purge", new() { InstanceId = "over-grpc" });
        Assert.Equal(
            new GetWorkflowResponse { InstanceId = "over-grpc" }, await CallAsync<GetWorkflowRequest, GetWorkflowResponse>("Get", new() { InstanceId = "over-grpc" }));
        var error = await Assert.ThrowsAsync<RpcException>(() => CallAsync<PauseWorkflowRequest, Empty>("Pause", new() { InstanceId = "over-grpc" }));
        Assert.Equal(
            (StatusCode.Internal, "error pausing workflow 'over-grpc': no such instance exists"), (error.StatusCode, error.Status.Detail));
    }

    [Fact]
    public async Task Without_an_actor_state_store_every_operation_says_so()
    {
        await using var bare = new Sidecars();
        var sidecar = await bare.StartAsync();
        using var http = new HttpClient { BaseAddress = sidecar.HttpEndpoint };
        await HttpAssert.IsErrorAsync(
            await PostAsync(http, "v1.0/workflows/dapr/Greet/start"), 500, "ERR_ACTOR_RUNTIME_NOT_FOUND",
            "the state store is not configured to use the actor runtime. Have you set the - name: actorStateStore value: \"true\" in your state store component file?");
    }

    private async Task<HttpClient> StartAsync()
    {
        var sidecar = await _sidecars.StartAsync("app");
        await _sidecars.ClientAppAsync(
            builder =>
            {
                builder.Configuration["DAPR_GRPC_ENDPOINT"] = sidecar.GrpcEndpoint.ToString();
                builder.Services.AddDaprWorkflow(options =>
                {
                    options.RegisterWorkflow<string, string>("Greet", async (context, name) =>
                    {
                        var greeting = await context.WaitForExternalEventAsync<string>("greeting");
                        context.SetCustomStatus("greeted");
                        return $"{greeting}, {name}";
                    });
                    options.RegisterWorkflow<string, string>("Parent", (context, name) =>
                        context.CallChildWorkflowAsync<string>("Greet", name, new ChildWorkflowTaskOptions("child")));
                    options.RegisterWorkflow<object?, string>("Fails", (_, _) => throw new IOException("out of paper"));
                });
            });
        return new HttpClient { BaseAddress = sidecar.HttpEndpoint };
    }

    private static Task<HttpResponseMessage> PostAsync(HttpClient http, string path, string body = "") =>
        http.PostAsync(path, new StringContent(body, Encoding.UTF8, "application/json"), Cancellation);

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage response) => await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation);

    private static async Task<JsonElement> UntilAsync(HttpClient http, string path, string status)
    {
        JsonElement state = default;
        await Wait.UntilAsync(async () =>
        {
            var response = await http.GetAsync(path, Cancellation);
            return response.IsSuccessStatusCode && (state = await JsonAsync(response)).GetProperty("runtimeStatus").GetString() == status;
        });
        return state;
    }

    public ValueTask DisposeAsync() => _sidecars.DisposeAsync();
}
