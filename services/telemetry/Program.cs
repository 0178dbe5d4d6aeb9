using Eventide.ServiceDefaults;
using Eventide.ServiceDefaults.SignIn;
using Eventide.Telemetry;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults("telemetry", hasStore: false);
builder.AddBearerSignIn();
builder.AddTelemetryPorts();
builder.Services.AddTelemetry(builder.Configuration);

var app = builder.Build();
app.MapServiceDefaults();
app.MapTelemetry();
app.Run();
