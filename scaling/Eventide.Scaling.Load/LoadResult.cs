namespace Eventide.Scaling.Load;

/// <summary>What a virtual person or device does.</summary>
public enum ActionKind
{
    /// <summary>GET of a page of the catalog.</summary>
    BrowsePage,

    /// <summary>A product into the basket.</summary>
    FillBasket,

    /// <summary>POST of an order.</summary>
    PlaceOrder,

    /// <summary>A look at the order, until it has ended.</summary>
    FollowOrder,

    /// <summary>One reading, by the vehicle itself.</summary>
    SendReading,

    /// <summary>Readings of several vehicles, by their gateway; or what a vehicle has kept.</summary>
    SendBatch,
}

/// <summary>What came of a run.</summary>
public sealed record LoadResult
{
    /// <summary>What stands before all its ids.</summary>
    public required string RunId { get; init; }

    /// <summary>False when it was stopped; it then says what had happened until that moment.</summary>
    public required bool IsComplete { get; init; }

    /// <summary>When it began.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>How long actions were sent, without the wait for what they led to.</summary>
    public required double SendingSeconds { get; init; }

    /// <summary>How much simulated time that was.</summary>
    public required double SimulatedSeconds { get; init; }

    /// <summary>Each kind of action that was intended.</summary>
    public required IReadOnlyList<ActionResult> Actions { get; init; }

    /// <summary>Each simulated minute in which something was intended.</summary>
    public required IReadOnlyList<MinuteResult> Minutes { get; init; }

    /// <summary>Null when there was no demand for orders.</summary>
    public required OrderResult? Orders { get; init; }

    /// <summary>Null when there was no fleet.</summary>
    public required FleetResult? Fleet { get; init; }

    /// <summary>How well the generator itself kept up.</summary>
    public required GeneratorResult Generator { get; init; }

    /// <summary>Whether every order that was accepted has ended, and every reading that was accepted is counted.</summary>
    public bool NothingIsLost => Orders is null or { Pending: 0, Lost: 0 } && Fleet is null or { Lost: 0, Unsent: 0 };
}

/// <summary>One kind of action. What was sent and is in none of the other numbers had no answer when the run was stopped.</summary>
/// <param name="Intended">By the schedule, until the end or the stop.</param>
/// <param name="Sent">Less than intended when too many were without an answer.</param>
/// <param name="Answered">As it should be (2xx).</param>
/// <param name="Refused">By a rule of the shop (4xx).</param>
/// <param name="Failed">Errors (5xx), broken connections, no answer in time.</param>
/// <param name="Late">Of those answered, how many later than the plan allows.</param>
/// <param name="Latency">From the intended time to the answer.</param>
public sealed record ActionResult(ActionKind Kind, long Intended, long Sent, long Answered, long Refused, long Failed, long Late, LatencyResult Latency)
{
    /// <summary>Of those intended.</summary>
    public long NotSent => Intended - Sent;
}

/// <summary>A simulated minute.</summary>
/// <param name="Time">When it began, since midnight.</param>
/// <param name="Intended">Actions of every kind.</param>
/// <param name="Late">Of those, how many were answered later than the plan allows, failed, or were not sent.</param>
/// <param name="SlowestMs">The slowest answer to one of them.</param>
public sealed record MinuteResult(TimeSpan Time, long Intended, long Late, double SlowestMs);

/// <summary>In milliseconds; each at most 1.6 % above what was measured, the largest exact. Null when nothing was measured.</summary>
public sealed record LatencyResult(double? P50Ms, double? P90Ms, double? P99Ms, double? P999Ms, double? MaxMs);

/// <summary>What became of the orders.</summary>
/// <param name="Accepted">The shop said so, or was found to have it though its answer did not come.</param>
/// <param name="Pending">Had not ended when the patience was over.</param>
/// <param name="Lost">Accepted, and the shop does not know them any more.</param>
/// <param name="TimeToEnd">From the time at which it was to be placed; seen by looking, so up to a quarter too long.</param>
/// <param name="Unended">Some of those pending or lost, to look for.</param>
public sealed record OrderResult(long Accepted, long Confirmed, long Cancelled, long Pending, long Lost, LatencyResult TimeToEnd, IReadOnlyList<string> Unended);

/// <summary>What became of the readings.</summary>
/// <param name="Vehicles">That took part.</param>
/// <param name="Readings">That they made.</param>
/// <param name="Accepted">That telemetry took, each counted once.</param>
/// <param name="Unsent">That it refused, or did not take however often they were sent.</param>
/// <param name="Duplicates">Sent a second time on purpose.</param>
/// <param name="HeldBack">Sent after newer ones on purpose.</param>
/// <param name="Counted">That the service fleet has counted, each once; null when the run was stopped before it was asked.</param>
/// <param name="Lost">Accepted and not counted.</param>
/// <param name="Missing">Gaps that fleet sees in the sequences.</param>
/// <param name="OutOfOrder">That fleet saw after a newer one: those held back, and those that were overtaken on the way.</param>
/// <param name="VehiclesWithLosses">Some of those with readings that are lost.</param>
public sealed record FleetResult(
    int Vehicles, long Readings, long Accepted, long Unsent, long Duplicates, long HeldBack, long? Counted, long Lost, long? Missing, long? OutOfOrder,
    IReadOnlyList<string> VehiclesWithLosses);

/// <summary>How well the generator itself kept up.</summary>
/// <param name="Lateness">From the time at which an action could have been sent to when it was.</param>
/// <param name="MostUnanswered">The most actions that were without an answer at a time.</param>
/// <param name="CpuMicrosecondsPerAction">Processor time of this process for each action sent.</param>
public sealed record GeneratorResult(LatencyResult Lateness, int MostUnanswered, double CpuMicrosecondsPerAction)
{
    /// <summary>So late that its latencies are those of the generator as well.</summary>
    public bool IsOverloaded => Lateness.P99Ms > 50;
}

/// <summary>How a run is going.</summary>
/// <param name="Time">The simulated time of day; past 24 hours it is the next day.</param>
/// <param name="Done">From 0 to 1, of the sending.</param>
/// <param name="Orders">As far as they are known.</param>
/// <param name="Unanswered">Actions without an answer now.</param>
public sealed record LoadProgress(TimeSpan Time, double Done, IReadOnlyList<ActionResult> Actions, OrderResult? Orders, GeneratorResult Generator, int Unanswered);
