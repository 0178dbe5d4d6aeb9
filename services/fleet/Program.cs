using Eventide.Fleet;
using Eventide.ServiceDefaults;
using Eventide.ServiceDefaults.Messaging;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults("fleet");
builder.Services.AddFleet(builder.Configuration);

var app = builder.Build();
app.MapServiceDefaults();
app.MapHttpSubscriptions();
app.MapFleet();
app.Run();
