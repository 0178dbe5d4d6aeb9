using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

// What a test wants of this app, it says in the environment:
//   TEST_EXIT=3        print two lines and end with code 3 at once
//   TEST_CHILD=FILE    start a child process and write its id there
//   TEST_STUBBORN=1    ignore SIGTERM
//   TEST_SLOW_STOP=3   take so many seconds to stop
//   TEST_TOPIC=NAME    subscribe to this topic of the component "pubsub"
//   TEST_SLOW_EVENT=1  take so many seconds for a message
//   TEST_RECEIVED=DIR  make a file there for each message that was handled, with the process id in it
if (Environment.GetEnvironmentVariable("TEST_EXIT") is { Length: > 0 } code)
{
    Console.WriteLine("reading the settings");
    Console.Error.WriteLine("the setting COLOR is missing");
    return int.Parse(code);
}

if (Environment.GetEnvironmentVariable("TEST_CHILD") is { Length: > 0 } file)
{
    File.WriteAllText(file, Process.Start("sleep", "600").Id.ToString());
}

var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders().AddSimpleConsole(console => console.SingleLine = true).SetMinimumLevel(LogLevel.Warning);
builder.WebHost.UseUrls($"http://127.0.0.1:{Environment.GetEnvironmentVariable("APP_PORT")}");
if (Environment.GetEnvironmentVariable("TEST_STUBBORN") == "1")
{
    builder.Services.AddSingleton<IHostLifetime, StubbornLifetime>();
}

var topic = Environment.GetEnvironmentVariable("TEST_TOPIC");
var slowEvent = int.Parse(Environment.GetEnvironmentVariable("TEST_SLOW_EVENT") ?? "0");
var received = new ConcurrentQueue<string>();
var app = builder.Build();
if (Environment.GetEnvironmentVariable("TEST_SLOW_STOP") is { Length: > 0 } seconds)
{
    app.Lifetime.ApplicationStopping.Register(() => Thread.Sleep(TimeSpan.FromSeconds(int.Parse(seconds))));
}

app.MapGet("/healthz", () => Results.Ok());
app.MapGet("/dapr/subscribe", () => Results.Json(
    topic is { Length: > 0 } ? [new { pubsubname = "pubsub", topic, route = "/events" }] : Array.Empty<object>()));
app.MapPost("/events", async (HttpRequest request) =>
{
    using var reader = new StreamReader(request.Body);
    received.Enqueue(await reader.ReadToEndAsync());
    await Task.Delay(TimeSpan.FromSeconds(slowEvent));
    if (Environment.GetEnvironmentVariable("TEST_RECEIVED") is { Length: > 0 } handled)
    {
        await File.WriteAllTextAsync(Path.Combine(handled, Path.GetRandomFileName()), $"{Environment.ProcessId}");
    }
});
app.MapGet("/token", (HttpRequest request) => request.Headers["dapr-api-token"].ToString());
app.MapGet("/received", () => Results.Json(received));
app.MapGet("/whoami", () => $"{Environment.GetEnvironmentVariable("APP_ID")} {Environment.ProcessId}");
Console.WriteLine("the test app starts");
await app.RunAsync();
return 0;

// Nothing ends it but SIGKILL.
internal sealed class StubbornLifetime : IHostLifetime
{
    private readonly PosixSignalRegistration _ignored = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => signal.Cancel = true);

    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _ignored.Dispose();
        return Task.CompletedTask;
    }
}
