using Eventide.Payment;
using Eventide.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults("payment");
builder.Services.AddPayment(builder.Configuration);

var app = builder.Build();
app.MapServiceDefaults();
app.MapPayment();
app.Run();
