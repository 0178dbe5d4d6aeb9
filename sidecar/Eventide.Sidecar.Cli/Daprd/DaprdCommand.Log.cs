using Microsoft.Extensions.Logging;

namespace Eventide.Sidecar.Cli.Daprd;

/// <summary>The lines that people and tools look for in daprd's log: their text is daprd's.</summary>
internal static partial class DaprdCommand
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Starting Dapr Runtime -- version {Version}; app id: {AppId}")]
    private static partial void Starting(ILogger log, string version, string appId);

    [LoggerMessage(Level = LogLevel.Information, Message = "HTTP server is running on port {Port}")]
    private static partial void HttpRuns(ILogger log, int port);

    [LoggerMessage(Level = LogLevel.Information, Message = "API gRPC server is running on port {Port}")]
    private static partial void GrpcRuns(ILogger log, int port);

    [LoggerMessage(Level = LogLevel.Information, Message = "Internal gRPC server is running on {Address}")]
    private static partial void InternalRuns(ILogger log, string address);

    [LoggerMessage(Level = LogLevel.Information, Message = "waiting on port {Port}. This will block until the app is listening on that port.")]
    private static partial void Waiting(ILogger log, int port);

    [LoggerMessage(Level = LogLevel.Information, Message = "dapr initialized. Status: Running. Init Elapsed {Milliseconds}ms")]
    private static partial void Initialized(ILogger log, long milliseconds);

    [LoggerMessage(Level = LogLevel.Information, Message = "Shutdown requested via API")]
    private static partial void ShutdownByApi(ILogger log);

    [LoggerMessage(Level = LogLevel.Information, Message = "Blocking graceful shutdown for {Period} or until app reports unhealthy...")]
    private static partial void Blocking(ILogger log, TimeSpan period);

    [LoggerMessage(Level = LogLevel.Information, Message = "App reported unhealthy, entering shutdown...")]
    private static partial void BlockEnded(ILogger log);

    [LoggerMessage(Level = LogLevel.Information, Message = "Block shutdown period expired, entering shutdown...")]
    private static partial void BlockExpired(ILogger log);

    [LoggerMessage(Level = LogLevel.Information, Message = "Daprd shutdown gracefully")]
    private static partial void ShutDown(ILogger log);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Graceful shutdown timeout exceeded, forcing shutdown")]
    private static partial void ForcedByTime(ILogger log);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Force shutdown requested, exiting immediately without graceful shutdown")]
    private static partial void ForcedByUser(ILogger log);

    [LoggerMessage(Level = LogLevel.Critical, Message = "Fatal error from runtime: {Reason}")]
    private static partial void Fatal(ILogger log, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "These flags have no effect in this sidecar: {Flags}")]
    private static partial void Ineffective(ILogger log, string flags);
}
