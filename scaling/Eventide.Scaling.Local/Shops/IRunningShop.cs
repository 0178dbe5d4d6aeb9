namespace Eventide.Scaling.Local.Shops;

/// <summary>A shop whose apps can be given more and fewer processes while it runs. Safe for concurrent callers.</summary>
internal interface IRunningShop
{
    /// <summary>The ready processes of an app, the first one first.</summary>
    IReadOnlyList<Replica> Replicas(string appId);

    /// <summary>Returns when the new processes are ready and the others have ended what they had in hand.</summary>
    /// <exception cref="Tools.ToolException">It could not be done; what runs goes on.</exception>
    Task ScaleAsync(string appId, int processes, CancellationToken cancellationToken);
}

/// <summary>A ready process.</summary>
/// <param name="StartedAt">When it was begun to be started.</param>
/// <param name="ReadyAt">When it could take work.</param>
internal sealed record Replica(int Pid, DateTimeOffset StartedAt, DateTimeOffset ReadyAt);
