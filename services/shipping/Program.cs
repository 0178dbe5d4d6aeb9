using Eventide.ServiceDefaults;
using Eventide.ServiceDefaults.Messaging;
using Eventide.Shipping;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults("shipping");
builder.Services.AddShipping(builder.Configuration);

var app = builder.Build();
app.MapServiceDefaults();
app.MapHttpSubscriptions();
app.MapShipping();
app.Run();
