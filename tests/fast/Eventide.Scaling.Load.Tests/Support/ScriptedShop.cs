using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Eventide.Scaling.Load.Tests.Support;

/// <summary>A data folder with a run.json, and processes of apps that answer as a test says and keep what they were asked.</summary>
internal sealed class ScriptedShop : IAsyncDisposable
{
    private readonly List<WebApplication> _processes = [];
    private readonly List<(string App, int Port)> _apps = [];

    public string Data { get; } = Directory.CreateTempSubdirectory("eventide-load-").FullName;

    public ConcurrentQueue<Asked> Requests { get; } = new();

    /// <summary>Adds a process of an app; answers its port.</summary>
    public async Task<int> AddAsync(string app, Func<HttpContext, Task> answer)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var process = builder.Build();
        process.Run(async context =>
        {
            using var body = new StreamReader(context.Request.Body);
            Requests.Enqueue(new Asked(
                app, context.Connection.LocalPort, $"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}", context.Request.Headers.Authorization.ToString(),
                context.Request.Headers["Idempotency-Key"].ToString(), await body.ReadToEndAsync(context.RequestAborted)));
            await answer(context);
        });
        await process.StartAsync(TestContext.Current.CancellationToken);
        _processes.Add(process);
        var port = new Uri(process.Urls.Single()).Port;
        AddAt(app, port);
        return port;
    }

    /// <summary>Says that a process of an app is there.</summary>
    public void AddAt(string app, int port)
    {
        _apps.Add((app, port));
        Directory.CreateDirectory(Path.Combine(Data, "data"));
        File.WriteAllText(Path.Combine(Data, "data", "run.json"), JsonSerializer.Serialize(new
        {
            pid = 1,
            apps = _apps.Select((entry, index) => new { appId = entry.App, pid = 2, appPort = entry.Port, appProtocol = "http", daprHttpPort = 1, daprGrpcPort = 1, replica = index }),
        }));
    }

    /// <summary>An answer with this status and body.</summary>
    public static Func<HttpContext, Task> Answer(int status, string body = "") => context =>
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(body);
    };

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
        {
            await process.DisposeAsync();
        }

        Directory.Delete(Data, recursive: true);
    }

    /// <summary>A request as it came.</summary>
    internal sealed record Asked(string App, int Port, string What, string Authorization, string Key, string Body);
}
