using System.Text;
using Microsoft.Extensions.Logging;

namespace Eventide.Sidecar.Cli.Logging;

/// <summary>Turns each log entry into text and hands it on.</summary>
/// <param name="format">Makes the text of an entry: level, category, message, exception.</param>
/// <param name="write">Takes it; called by any thread.</param>
internal sealed class LineLoggerProvider(Func<LogLevel, string, string, Exception?, string> format, Action<LogLevel, string> write) : ILoggerProvider
{
    /// <summary>"warn AppHealth: message", and below it the exception.</summary>
    public static string Plain(LogLevel level, string category, string message, Exception? exception)
    {
        var name = level switch { LogLevel.Warning => "warn", LogLevel.Error => "error", LogLevel.Critical => "fatal", LogLevel.Information => "info", _ => "debug" };
        var text = new StringBuilder($"{name} {category[(category.LastIndexOf('.') + 1)..]}: {message}");
        return exception is null ? text.ToString() : text.Append(": ").Append(exception).ToString();
    }

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new LineLogger(this, categoryName);

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private sealed class LineLogger(LineLoggerProvider provider, string category) : ILogger
    {
        private readonly Func<LogLevel, string, string, Exception?, string> _format = provider.Format;
        private readonly Action<LogLevel, string> _write = provider.Write;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                _write(logLevel, _format(logLevel, category, formatter(state, exception), exception));
            }
        }
    }

    private Func<LogLevel, string, string, Exception?, string> Format => format;

    private Action<LogLevel, string> Write => write;
}
