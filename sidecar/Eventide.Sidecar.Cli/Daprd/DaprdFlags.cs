using Eventide.Sidecar.Components;
using Eventide.Sidecar.Resources;
using Microsoft.Extensions.Logging;

namespace Eventide.Sidecar.Cli.Daprd;

/// <summary>
/// daprd's command line. As with daprd (pflag), one dash does as well as two, and a value follows after a space or "=". System.CommandLine reads one dash as a
/// bundle of letters, so this is read here.
/// </summary>
internal static class DaprdFlags
{
    /// <summary>Every flag of daprd.</summary>
    public static IReadOnlyList<Flag> All { get; } =
    [
        Text("app-id", "the id of the app (required)", (o, v) => o with { AppId = v.Text }),
        Text("app-port", "the port that the app listens on", (o, v) => o with { AppPort = v.Port() }),
        Text("app-protocol", "http, https, h2c, grpc or grpcs", (o, v) => o with
        {
            AppProtocol = Enum.Parse<AppProtocol>(v.OneOf("http", "https", "h2c", "grpc", "grpcs"), ignoreCase: true),
        }),
        Text("app-channel-address", "the address that the app listens on (127.0.0.1)", (o, v) => o with { AppChannelAddress = v.Text }),
        Text("app-max-concurrency", "at most so many calls to the app at once (-1: no limit)", (o, v) => o with
        {
            AppMaxConcurrency = v.Number() is > 0 and { } limit ? limit : null,
        }),
        new("app-ssl", "", true, (settings, v) => settings.AppSsl = v.Switch()),
        Text("dapr-http-port", "the port of the HTTP API (3500)", (o, v) => o with { HttpPort = v.Port() ?? o.HttpPort }),
        Text("dapr-grpc-port", "the port of the gRPC API (50001)", (o, v) => o with { GrpcPort = v.Port() ?? o.GrpcPort }),
        Text("dapr-internal-grpc-port", "the port for calls from other sidecars (a free one)", (o, v) => o with { InternalGrpcPort = v.Port() ?? 0 }),
        Text("dapr-listen-addresses", "the address that both APIs listen on (127.0.0.1)", (o, v) => o with { ListenAddress = Address(v) ?? o.ListenAddress }),
        Text("metrics-port", "the port of the Prometheus metrics (9090)", (o, v) => o with { MetricsPort = v.Port() ?? o.MetricsPort }),
        new("enable-metrics", "whether metrics are served (true)", true, (settings, v) => settings.Metrics = v.Switch()),
        Text("resources-path", "a folder of resource files (repeatable)", (o, v) => o with { ResourcesPaths = [.. o.ResourcesPaths, .. v.List()] }),
        Text("components-path", "", (o, v) => o with { ResourcesPaths = [.. o.ResourcesPaths, .. v.List()] }),
        Text("config", "a Configuration file (repeatable)", (o, v) => o with { ConfigPaths = [.. o.ConfigPaths, .. v.List()] }),
        new("enable-app-health-check", "probe the app; deliver only while it is healthy", true, (s, v) => s.Options = s.Options with { AppHealthCheck = v.Switch() }),
        Text("app-health-check-path", "the path that is probed (/healthz)", (o, v) => o with { AppHealthCheckPath = v.Text.StartsWith('/') ? v.Text : "/" + v.Text }),
        Text("app-health-probe-interval", "seconds between probes (5)", (o, v) => o with
        {
            AppHealthProbeInterval = v.Number() is > 0 and { } seconds ? TimeSpan.FromSeconds(seconds) : o.AppHealthProbeInterval,
        }),
        Text("app-health-probe-timeout", "milliseconds that a probe may take (500)", (o, v) => o with
        {
            AppHealthProbeTimeout = v.Number() is > 0 and { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : o.AppHealthProbeTimeout,
        }),
        Text("app-health-threshold", "failed probes in a row that make the app unhealthy (3)", (o, v) => o with
        {
            AppHealthThreshold = v.Number() is > 0 and { } count ? count : o.AppHealthThreshold,
        }),
        Text("max-body-size", "the largest body, such as 4Mi; 0 is no limit (4Mi)", (o, v) => o with { MaxBodySize = v.Quantity() }),
        Text("dapr-http-max-request-size", "", (o, v) => o with { MaxBodySize = v.Number() <= 0 ? 0 : v.Number() * 1024L * 1024 }),
        Text("dapr-graceful-shutdown-seconds", "how long a clean stop may take (5)", (o, v) => o with
        {
            GracefulShutdown = TimeSpan.FromSeconds(v.Number() is >= 0 and { } seconds ? seconds : 5),
        }),
        Text("dapr-block-shutdown-duration", "how long a stop waits for the app to become unhealthy", (o, v) => o with
        {
            BlockShutdown = GoDuration.TryParse(v.Text, TimeSpan.FromSeconds(1), out var duration)
                ? duration : throw new FlagException($"--dapr-block-shutdown-duration is \"{v.Text}\"; allowed: a duration such as 10s."),
        }),
        new("log-level", "debug, info, warn or error (info)", false, (settings, v) => settings.LogLevel = v.OneOf("debug", "info", "warn", "error", "fatal") switch
        {
            "debug" => LogLevel.Debug, "info" => LogLevel.Information, "warn" => LogLevel.Warning, "error" => LogLevel.Error, _ => LogLevel.Critical,
        }),
        new("log-as-json", "one JSON object per log line", true, (settings, v) => settings.LogAsJson = v.Switch()),
        new("version", "print the version", true, (settings, v) => settings.Version = v.Switch()),
        new("build-info", "print what was built", true, (settings, v) => settings.BuildInfo = v.Switch()),
        new("wait", "wait until the sidecar on this HTTP port is ready, and end", true, (settings, v) => settings.Wait = v.Switch()),
        new("mode", "", false, (_, v) => Refuse(v, v.Text is "" or "standalone", "this sidecar is for one machine; on Kubernetes use Dapr itself")),
        new("enable-mtls", "", true, (_, v) => Refuse(v, !v.Switch(), "this sidecar is for one machine and has no mTLS; leave the flag out, or use daprd")),
        new("unix-domain-socket", "", false, (_, v) => Refuse(v, v.Text.Length == 0, "this sidecar listens on TCP ports only; leave the flag out, or use daprd")),
        .. Ineffective(isSwitch: true, "disable-builtin-k8s-secret-store", "enable-api-logging", "enable-profiling"),
        .. Ineffective(isSwitch: false,
            "actors-disseminate-timeout", "actors-service", "allowed-origins", "app-binding-options-timeout", "control-plane-address", "control-plane-namespace",
            "control-plane-trust-domain", "dapr-http-read-buffer-size", "dapr-internal-grpc-listen-address", "dapr-public-listen-address", "dapr-public-port",
            "disable-init-endpoints", "hot-reload-reconcile-interval", "metrics-listen-address", "placement-host-address", "profile-port", "read-buffer-size",
            "reminders-service", "scheduler-host-address", "scheduler-job-streams", "sentry-address", "sentry-request-jwt-audiences"),
    ];

    /// <summary>Reads the command line. Throws <see cref="FlagException"/> with the sentence for the user.</summary>
    public static DaprdSettings Parse(IReadOnlyList<string> arguments)
    {
        var settings = new DaprdSettings();
        for (var i = 0; i < arguments.Count; i++)
        {
            var argument = arguments[i];
            var dashes = argument.StartsWith("--", StringComparison.Ordinal) ? 2 : argument.StartsWith('-') ? 1
                : throw new FlagException($"\"{argument}\" is no flag; flags start with --, a command is \"run\".");
            var (name, value) = argument[dashes..].Split('=', 2) is [var left, var right] ? (left, right) : (argument[dashes..], null);
            var flag = All.FirstOrDefault(flag => flag.Name == name) ?? throw Unknown(name);
            value ??= flag.IsSwitch ? "true"
                : ++i < arguments.Count ? arguments[i]
                : throw new FlagException($"--{name} needs a value.");
            if (flag.Apply is { } apply)
            {
                apply(settings, new FlagValue(name, value));
            }
            else
            {
                settings.Ineffective.Add("--" + name);
            }
        }

        return Complete(settings);
    }

    private static DaprdSettings Complete(DaprdSettings settings)
    {
        if (settings.Version || settings.BuildInfo || settings.Wait)
        {
            return settings;
        }

        if (settings.Options.AppId.Length == 0)
        {
            throw new FlagException("--app-id is missing; it names the app that this sidecar serves.");
        }

        var options = settings.Options;
        settings.Options = options with
        {
            MetricsPort = settings.Metrics ? options.MetricsPort : null,
            AppProtocol = (settings.AppSsl, options.AppProtocol) switch
            {
                (true, AppProtocol.Http) => AppProtocol.Https,
                (true, AppProtocol.Grpc) => AppProtocol.Grpcs,
                var (_, protocol) => protocol,
            },
        };
        return settings;
    }

    private static Flag Text(string name, string help, Func<SidecarOptions, FlagValue, SidecarOptions> set) =>
        new(name, help, false, (settings, value) => settings.Options = set(settings.Options, value));

    private static IEnumerable<Flag> Ineffective(bool isSwitch, params string[] names) => names.Select(name => new Flag(name, "", isSwitch, null));

    // daprd may listen on several addresses; both of ours are on the first one that is IPv4.
    private static string? Address(FlagValue value)
    {
        var addresses = value.List().Select(address => address.Trim('[', ']')).ToList();
        foreach (var address in addresses)
        {
            if (!System.Net.IPAddress.TryParse(address, out _))
            {
                throw new FlagException($"--{value.Flag} has \"{address}\"; allowed: IP addresses, comma-separated.");
            }
        }

        return addresses.Find(address => !address.Contains(':')) ?? addresses.FirstOrDefault();
    }

    private static void Refuse(FlagValue value, bool harmless, string reason)
    {
        if (!harmless)
        {
            throw new FlagException($"--{value.Flag} {value.Text}: {reason}.");
        }
    }

    private static FlagException Unknown(string name)
    {
        var near = Spelling.Nearest(name, All.Select(flag => flag.Name));
        return new FlagException($"unknown flag: --{name}.{(near is null ? " eventide --help lists all." : $" Did you mean --{near}?")}");
    }
}
