using Eventide.Operations;
using Eventide.ServiceDefaults;
using Eventide.ServiceDefaults.Messaging;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults("operations");
builder.Services.AddOperations(builder.Configuration);

var app = builder.Build();
app.MapServiceDefaults();
app.MapHttpSubscriptions();
app.MapOperations();
app.Run();
