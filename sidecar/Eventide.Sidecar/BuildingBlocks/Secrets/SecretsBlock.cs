using System.Text.Json;
using Dapr.Client.Autogen.Grpc.v1;
using Eventide.Sidecar.Api;
using Eventide.Sidecar.Api.Grpc;
using Eventide.Sidecar.Api.Http;
using Eventide.Sidecar.Components;
using Eventide.Sidecar.Components.Secrets;
using Eventide.Sidecar.Hosting;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Eventide.Sidecar.BuildingBlocks.Secrets;

/// <summary>Secrets over both surfaces. Opens first: other components refer to secrets. Thread-safe.</summary>
internal sealed class SecretsBlock(ComponentRegistry<ISecretStore> registry, SecretStores stores) : IBuildingBlock, IHttpRoutes, IGrpcMethods
{
    /// <inheritdoc/>
    public async Task InitializeAsync(CancellationToken cancellationToken)
    {
        await registry.OpenAsync("secretstores.", async (store, token) => await store.InitializeAsync(token), cancellationToken);
        foreach (var (store, definition) in registry.All)
        {
            stores.Add(definition.Name, store);
        }
    }

    /// <inheritdoc/>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1.0/secrets/{store}/bulk", async context =>
            await Json(context, await Find(RawPath.Segment(context.Request, 2)).GetAllAsync(context.RequestAborted)));
        routes.MapGet("/v1.0/secrets/{store}/{key}", async context =>
            await Json(context, await GetAsync(RawPath.Segment(context.Request, 2), RawPath.Segment(context.Request, 3), context.RequestAborted)));
    }

    /// <inheritdoc/>
    public void Register(GrpcMethodRegistrar registrar)
    {
        registrar.Unary<GetSecretRequest, GetSecretResponse>("GetSecret", async (request, call) =>
        {
            var response = new GetSecretResponse();
            response.Data.Add(Copy(await GetAsync(request.StoreName, request.Key, call.CancellationToken)));
            return response;
        });
        registrar.Unary<GetBulkSecretRequest, GetBulkSecretResponse>("GetBulkSecret", async (request, call) =>
        {
            var response = new GetBulkSecretResponse();
            foreach (var (name, values) in await Find(request.StoreName).GetAllAsync(call.CancellationToken))
            {
                var secret = new SecretResponse();
                secret.Secrets.Add(Copy(values));
                response.Data.Add(name, secret);
            }

            return response;
        });
    }

    private async Task<IReadOnlyDictionary<string, string>> GetAsync(string store, string key, CancellationToken cancellationToken) =>
        await Find(store).GetAsync(key, cancellationToken) ?? throw new ApiException(
            500, StatusCode.Internal, "ERR_SECRET_GET", $"failed getting secret with key {key} from secret store {store}: secret {key} not found");

    private ISecretStore Find(string name) => stores.Find(name) ?? throw (stores.Names.Count == 0
        ? new ApiException(500, StatusCode.FailedPrecondition, "ERR_SECRET_STORES_NOT_CONFIGURED", "secret store is not configured")
        : new ApiException(401, StatusCode.InvalidArgument, "ERR_SECRET_STORE_NOT_FOUND", $"failed finding secret store with key {name}"));

    private static Dictionary<string, string> Copy(IReadOnlyDictionary<string, string> values) => new(values);

    private static async Task Json<T>(HttpContext context, T value)
    {
        context.Response.ContentType = "application/json";
        await JsonSerializer.SerializeAsync(context.Response.Body, value, cancellationToken: context.RequestAborted);
    }
}
