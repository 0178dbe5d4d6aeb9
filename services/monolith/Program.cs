using Eventide.Contracts;
using Eventide.Monolith;
using Eventide.ServiceDefaults;
using Eventide.ServiceDefaults.Messaging;
using Eventide.ServiceDefaults.SignIn;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults(ShopShape.MonolithId);
builder.AddBearerSignIn();
builder.Services.AddMonolith(builder.Configuration);

var app = builder.Build();
app.MapServiceDefaults();
app.MapHttpSubscriptions();
app.MapMonolith();
app.Run();
