namespace Eventide.Charts.Tests.Support;

/// <summary>The renders that are checked: every file of ci/ with every broker and mode, and the ends of it with every version of Kubernetes.</summary>
internal static class Matrix
{
    private static readonly Lazy<Task<IReadOnlyList<Render>>> Rendered = new(RenderAllAsync);

    public static IReadOnlyList<string> Brokers { get; } = ["redis", "rabbitmq", "kafka", "servicebus", "snssqs"];

    public static IReadOnlyList<string> Modes { get; } = ["none", "hpa", "keda"];

    /// <summary>All of them.</summary>
    public static IEnumerable<RenderOptions> All() =>
    [
        .. from file in Helm.CiFiles() from broker in Brokers from mode in Modes select new RenderOptions(file, broker, mode),
        .. from file in Helm.CiFiles() from version in Helm.KubernetesVersions where version != Helm.AnyVersion select new RenderOptions(file) { KubernetesVersion = version },
        .. from broker in Brokers select new RenderOptions(Broker: broker),
    ];

    /// <summary>All of them, rendered once.</summary>
    public static Task<IReadOnlyList<Render>> RenderAsync()
    {
        Helm.Require();
        return Rendered.Value;
    }

    private static async Task<IReadOnlyList<Render>> RenderAllAsync()
    {
        var all = All().ToList();
        var renders = new Render[all.Count];
        await Parallel.ForAsync(0, all.Count, new ParallelOptions { MaxDegreeOfParallelism = 2 }, async (index, _) => renders[index] = await Helm.RenderAsync(all[index]));
        return renders;
    }
}
