using Eventide.Inventory;
using Eventide.ServiceDefaults;
using Eventide.ServiceDefaults.Messaging;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults("inventory");
builder.AddGrpcSubscriptions();
builder.Services.AddInventory(builder.Configuration);

var app = builder.Build();
app.MapServiceDefaults();
app.MapGrpcSubscriptions();
app.MapInventory();
app.Run();
