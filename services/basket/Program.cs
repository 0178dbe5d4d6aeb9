using Eventide.Basket;
using Eventide.ServiceDefaults;
using Eventide.ServiceDefaults.Messaging;
using Eventide.ServiceDefaults.SignIn;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults("basket");
builder.AddBearerSignIn();
builder.Services.AddBasket(builder.Configuration);

var app = builder.Build();
app.MapServiceDefaults();
app.MapHttpSubscriptions();
app.MapBasket();
app.Run();
