namespace Eventide.Contracts;

/// <summary>How the shop is cut into apps: one per service, or one process that hosts the same modules. Everything that depends on which app runs a module asks here.</summary>
public sealed class ShopShape
{
    /// <summary>The app that hosts the modules together.</summary>
    public const string MonolithId = "monolith";

    // Notification is written in Node.js: it is an app beside either of them.
    private static readonly string[] Hosted =
        ["catalog", "basket", "ordering", "inventory", "payment", "shipping", Contracts.Subscriptions.Observer, "telemetry", "fleet"];

    private readonly IReadOnlySet<string> _hosted;

    private ShopShape(string[] hosted)
    {
        _hosted = hosted.ToHashSet(StringComparer.Ordinal);
        Subscriptions =
        [
            .. Contracts.Subscriptions.All.GroupBy(subscription => (App: AppOf(subscription.App), subscription.Topic))
                .Select(together => new Subscription(together.Key.App, together.Key.Topic, [.. together.SelectMany(subscription => subscription.Types).Distinct()])),
        ];
        DeadLetterTopics = Subscriptions.Select(subscription => (subscription.App, subscription.Topic))
            .Concat(Contracts.Subscriptions.ObservedTopics.Select(topic => (App: AppOf(Contracts.Subscriptions.Observer), Topic: topic))).Distinct()
            .ToDictionary(origin => Topics.DeadLetter(origin.App, origin.Topic));
    }

    /// <summary>An app per service.</summary>
    public static ShopShape Services { get; } = new([]);

    /// <summary>One app for all that is .NET.</summary>
    public static ShopShape Monolith { get; } = new(Hosted);

    /// <summary>The modules that run in one process here; none when each is an app.</summary>
    public IReadOnlySet<string> HostedTogether => _hosted;

    /// <summary>One per app and topic, with the types of all modules that the app hosts; without those of the observer of whole topics.</summary>
    public IReadOnlyList<Subscription> Subscriptions { get; }

    /// <summary>Every dead-letter topic, with the app that could not handle a message and the topic on which it came.</summary>
    public IReadOnlyDictionary<string, (string App, string Topic)> DeadLetterTopics { get; }

    /// <summary>The app that runs a module.</summary>
    public string AppOf(string module) => _hosted.Contains(module) ? MonolithId : module;
}
