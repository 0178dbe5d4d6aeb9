namespace Eventide.Tools.Faults;

/// <summary>What was done to a shop while orders were under way; the end of the line of JSON that chaos prints.</summary>
internal sealed class InjectedFaults
{
    /// <summary>The services all of whose processes were killed.</summary>
    public List<string> Killed { get; init; } = [];

    /// <summary>How often the sidecars were killed with all services.</summary>
    public int Crashes { get; set; }

    public int BrokerStops { get; set; }

    /// <summary>From the end of the broker's process until it answered again.</summary>
    public double BrokerDownSeconds { get; set; }

    /// <summary>Orders that the shop accepted in that time.</summary>
    public int AcceptedWhileBrokerDown { get; set; }

    /// <summary>The share of messages that were delivered twice.</summary>
    public double DeliveredTwice { get; set; }

    /// <summary>How many processes a service had, one after the other.</summary>
    public Dictionary<string, List<int>> Scaled { get; init; } = [];

    /// <summary>What could not be done, with the reason.</summary>
    public List<string> LeftOut { get; init; } = [];
}
