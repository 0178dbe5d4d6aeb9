using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Eventide.Sidecar.Cli.Daprd;

/// <summary>
/// daprd's log lines, as text or JSON (Dapr: kit/logger, which is logrus): people and tools search for <c>msg="…"</c>.
/// </summary>
internal sealed class LogrusFormat(string appId, string version, bool json, TimeProvider time)
{
    private readonly string _instance = Environment.MachineName;

    /// <summary>One line.</summary>
    public string Format(LogLevel level, string category, string message, Exception? exception)
    {
        var text = exception is null ? message : $"{message}: {exception.Message}";
        var now = time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffffff00Z", CultureInfo.InvariantCulture);
        var scope = Scope(category);
        if (json)
        {
            return JsonSerializer.Serialize(new Dictionary<string, string>
            {
                ["app_id"] = appId,
                ["instance"] = _instance,
                ["level"] = Level(level),
                ["msg"] = text,
                ["scope"] = scope,
                ["time"] = now,
                ["type"] = "log",
                ["ver"] = version,
            });
        }

        return new StringBuilder($"time=\"{now}\" level={Level(level)} msg=").Append(Quote(text))
            .Append($" app_id={Bare(appId)} instance={Bare(_instance)} scope={scope} type=log ver={Bare(version)}").ToString();
    }

    private static string Level(LogLevel level) => level switch
    {
        LogLevel.Trace or LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warning",
        LogLevel.Error => "error",
        _ => "fatal",
    };

    private static string Scope(string category) =>
        category.StartsWith("dapr.", StringComparison.Ordinal) ? category : "dapr.runtime." + category[(category.LastIndexOf('.') + 1)..].ToLowerInvariant();

    private static string Bare(string text) => text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' or '/' or '@' or '^' or '+') ? text : Quote(text);

    private static string Quote(string text) =>
        $"\"{text.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n").Replace("\r", "\\r").Replace("\t", "\\t")}\"";
}
