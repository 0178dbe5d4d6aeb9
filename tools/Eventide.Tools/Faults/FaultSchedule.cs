namespace Eventide.Tools.Faults;

/// <summary>Lets faults happen one after the other, evenly over the orders: the first one as soon as orders are under way, the last one before the last orders end.</summary>
/// <param name="orders">How many orders there will be.</param>
/// <param name="tell">Gets the description of each fault when it begins.</param>
internal sealed class FaultSchedule(IReadOnlyList<IFault> faults, int orders, Action<string> tell)
{
    private readonly SemaphoreSlim _endings = new(0);

    /// <summary>Tells that one more order has ended.</summary>
    public void OrderEnded() => _endings.Release();

    /// <summary>Completes when the last fault is over.</summary>
    /// <exception cref="ToolException">Something does not run again after a fault.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        // With fewer orders than faults the orders may all have ended before: the rest happens then, at rest.
        var (between, left) = (Math.Max(1, orders / (faults.Count + 2)), orders);
        foreach (var fault in faults)
        {
            for (var i = 0; i < between && left > 0; i++, left--)
            {
                await _endings.WaitAsync(cancellationToken);
            }

            tell(fault.Description);
            await fault.InjectAsync(cancellationToken);
        }
    }
}
