using Eventide.Ordering;
using Eventide.ServiceDefaults;
using Eventide.ServiceDefaults.Messaging;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults("ordering");
builder.Services.AddOrdering(builder.Configuration);

var app = builder.Build();
app.MapServiceDefaults();
app.MapHttpSubscriptions();
app.MapOrdering();
app.Run();
