using Eventide.Catalog;
using Eventide.ServiceDefaults;
using Eventide.ServiceDefaults.Messaging;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults("catalog");
builder.Services.AddCatalog(builder.Configuration);

var app = builder.Build();
app.MapServiceDefaults();
app.MapHttpSubscriptions();
app.MapCatalog();
app.Run();
