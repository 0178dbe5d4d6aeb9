#:sdk Aspire.AppHost.Sdk@13.6.4
#:package CommunityToolkit.Aspire.Hosting.Dapr@13.*-*
#:project ../services/inventory/Eventide.Inventory.csproj
#:project ../services/payment/Eventide.Payment.csproj
#:project ../services/shipping/Eventide.Shipping.csproj
#:project ../services/catalog/Eventide.Catalog.csproj
#:project ../services/basket/Eventide.Basket.csproj
#:project ../services/ordering/Eventide.Ordering.csproj
#:project ../services/operations/Eventide.Operations.csproj
#:project ../services/telemetry/Eventide.Telemetry.csproj
#:project ../services/fleet/Eventide.Fleet.csproj
#:property ManagePackageVersionsCentrally=false

// The shop of dapr.yaml under Aspire: `make aspire`. Needs Docker or Podman and `dapr init`, whose Redis is the broker and the store. It is outside of the solution,
// because its packages are not in every package feed; a test compares it with dapr.yaml.
using System.Collections.Immutable;
using CommunityToolkit.Aspire.Hosting.Dapr;

// Relative paths, also those in component files, begin at the repository, as with dapr.yaml.
var root = Path.GetDirectoryName((string)AppContext.GetData("EntryPointFileDirectoryPath")!)!;
var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions { Args = args, ProjectDirectory = root });
string[] resources = ["components/brokers/redis", "components/stores/redis", "components/shared"];

Service(builder.AddProject<Projects.Eventide_Inventory>("inventory"), app: 5104, http: 3604, grpc: 4604, protocol: "grpc");
Service(builder.AddProject<Projects.Eventide_Payment>("payment"), app: 5105, http: 3605, grpc: 4605);
Service(builder.AddProject<Projects.Eventide_Shipping>("shipping"), app: 5106, http: 3606, grpc: 4606);
Service(builder.AddExecutable("notification", "node", "services/notification", "main.mjs"), app: 5107, http: 3607, grpc: 4607);
Service(builder.AddProject<Projects.Eventide_Catalog>("catalog"), app: 5101, http: 3601, grpc: 4601);
Service(builder.AddProject<Projects.Eventide_Basket>("basket"), app: 5102, http: 3602, grpc: 4602);
Service(builder.AddProject<Projects.Eventide_Ordering>("ordering"), app: 5103, http: 3603, grpc: 4603);
Service(builder.AddProject<Projects.Eventide_Operations>("operations"), app: 5108, http: 3608, grpc: 4608);
Service(builder.AddProject<Projects.Eventide_Telemetry>("telemetry"), app: 5109, http: 3609, grpc: 4609);
Service(builder.AddProject<Projects.Eventide_Fleet>("fleet"), app: 5110, http: 3610, grpc: 4610);
builder.Build().Run();

void Service<T>(IResourceBuilder<T> service, int app, int http, int grpc, string protocol = "http")
    where T : IResourceWithEndpoints, IResourceWithEnvironment => service
    // No proxy in between: the sidecar and the service's own settings speak of the same port.
    .WithEndpoint(port: app, scheme: "http", name: protocol, env: "APP_PORT", isProxied: false)
    .WithEnvironment("SignIn__DevelopmentTokens", "true")
    .WithDaprSidecar(new DaprSidecarOptions
    {
        AppId = service.Resource.Name,
        AppPort = app,
        AppProtocol = protocol,
        DaprHttpPort = http,
        DaprGrpcPort = grpc,
        ResourcesPaths = [.. resources],
        EnableAppHealthCheck = true,
        AppHealthCheckPath = "/healthz",
        AppHealthProbeInterval = 1,
        AppHealthThreshold = 3,
    });
