using Dapr.Common.Serialization;
using Eventide.Workflow.Protocol;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Logging;

namespace Dapr.Workflow.Replay;

/// <summary>
/// The context that workflow code runs with. It turns calls into actions and gives them outcomes from history; what drives it is <see cref="WorkflowExecution"/>.
/// Calls are in ReplayContext.Calls.cs, waits in ReplayContext.Waits.cs.
/// </summary>
internal sealed partial class ReplayContext : WorkflowContext
{
    private readonly DeterministicGuids _guids;
    private readonly IDaprSerializer _serializer;
    private readonly ILoggerFactory _loggers;
    private readonly PropagatedHistory? _propagatedHistory;
    private readonly string? _appId;
    private bool _isReplaying;
    private DateTime _clock;

    public ReplayContext(ExecutionIdentity identity, PatchLog patches, IDaprSerializer serializer, ILoggerFactory loggers, bool recordSites)
    {
        Name = identity.WorkflowName;
        InstanceId = identity.InstanceId;
        Patches = patches;
        Turn = new Turn(identity.InstanceId, loggers.CreateLogger<Turn>());
        Calls = new DurableCalls(recordSites);
        _guids = new DeterministicGuids(identity.InstanceId, identity.ExecutionId);
        _appId = identity.AppId;
        _propagatedHistory = identity.PropagatedHistory;
        _serializer = serializer;
        _loggers = loggers;
    }

    public override string Name { get; }

    public override string InstanceId { get; }

    public override DateTime CurrentUtcDateTime => _clock;

    public override bool IsReplaying => _isReplaying;

    public Turn Turn { get; }

    public DurableCalls Calls { get; }

    public ExternalEvents Events { get; } = new();

    public PatchLog Patches { get; }

    /// <summary>What the code shows of itself; null shows nothing.</summary>
    public object? CustomStatus { get; private set; }

    /// <summary>Set once the code asked to start over.</summary>
    public NextRun? Next { get; private set; }

    /// <summary>What the code sees of the moment that is replayed.</summary>
    public void SetReplaying(bool isReplaying) => _isReplaying = isReplaying;

    public void SetClock(DateTime utc) => _clock = utc;

    public override bool IsPatched(string patchName)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(patchName);
        Turn.Guard(nameof(IsPatched));
        return Patches.IsPatched(patchName, IsReplaying);
    }

    public override void SetCustomStatus(object? customStatus)
    {
        Turn.Guard(nameof(SetCustomStatus));
        CustomStatus = customStatus;
    }

    public override void ContinueAsNew(object? newInput = null, bool preserveUnprocessedEvents = true)
    {
        Turn.Guard(nameof(ContinueAsNew));
        Next = new NextRun(_serializer.Serialize(newInput, null), preserveUnprocessedEvents);
    }

    public override Guid NewGuid()
    {
        Turn.Guard(nameof(NewGuid));
        return _guids.Next();
    }

    public override ILogger CreateReplaySafeLogger(string categoryName) => new ReplaySafeLogger(_loggers.CreateLogger(categoryName), this);

    public override ILogger CreateReplaySafeLogger(System.Type type) => new ReplaySafeLogger(_loggers.CreateLogger(type), this);

    public override ILogger CreateReplaySafeLogger<T>() => new ReplaySafeLogger(_loggers.CreateLogger<T>(), this);

    public override PropagatedHistory? GetPropagatedHistory() => _propagatedHistory;

    private string Serialize(object? value) => value is null ? string.Empty : _serializer.Serialize(value, null);

    private T Deserialize<T>(string? json) => string.IsNullOrEmpty(json) ? default! : _serializer.Deserialize<T>(json)!;

    private static Timestamp ToTimestamp(DateTime time) => time.Kind switch
    {
        DateTimeKind.Utc => Timestamp.FromDateTime(time),
        DateTimeKind.Local => Timestamp.FromDateTime(time.ToUniversalTime()),
        _ => throw new ArgumentException($"{time:O} does not say whether it is UTC: add the delay to context.CurrentUtcDateTime, or use DateTime.SpecifyKind.", nameof(time)),
    };
}
