using Eventide.Ordering;
using Eventide.ServiceDefaults;
using Eventide.ServiceDefaults.Messaging;
using Eventide.ServiceDefaults.SignIn;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults("ordering");
builder.AddBearerSignIn();
builder.Services.AddOrdering(builder.Configuration);

var app = builder.Build();
app.MapServiceDefaults();
app.MapHttpSubscriptions();
app.MapOrdering();
app.Run();
