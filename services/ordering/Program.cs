using Eventide.Ordering;
using Eventide.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults("ordering");
builder.Services.AddOrdering(builder.Configuration);

var app = builder.Build();
app.MapServiceDefaults();
app.MapOrdering();
app.Run();
