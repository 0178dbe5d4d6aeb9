using Eventide.Payment;
using Eventide.ServiceDefaults;
using Eventide.ServiceDefaults.Messaging;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults("payment");
builder.Services.AddPayment(builder.Configuration);

var app = builder.Build();
app.MapServiceDefaults();
app.MapHttpSubscriptions();
app.MapPayment();
app.Run();
