using Eventide.Inventory;
using Eventide.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults("inventory");
builder.Services.AddInventory(builder.Configuration);

var app = builder.Build();
app.MapServiceDefaults();
app.MapInventory();
app.Run();
