using Eventide.Shipping;
using Eventide.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults("shipping");
builder.Services.AddShipping(builder.Configuration);

var app = builder.Build();
app.MapServiceDefaults();
app.MapShipping();
app.Run();
