using Eventide.Catalog;
using Eventide.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults("catalog");
builder.Services.AddCatalog(builder.Configuration);

var app = builder.Build();
app.MapServiceDefaults();
app.MapCatalog();
app.Run();
