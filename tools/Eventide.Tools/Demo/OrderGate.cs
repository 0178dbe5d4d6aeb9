namespace Eventide.Tools.Demo;

/// <summary>Lets so many orders be under way at a time, and counts those that the shop has accepted. Thread-safe.</summary>
internal sealed class OrderGate(int inFlight)
{
    private readonly SemaphoreSlim _free = new(inFlight);
    private int _accepted;

    /// <summary>How many orders the shop has accepted until now.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    /// <summary>Waits until one more order may be placed.</summary>
    public Task EnterAsync(CancellationToken cancellationToken) => _free.WaitAsync(cancellationToken);

    /// <summary>An order has ended, or its time is over.</summary>
    public void Leave() => _free.Release();

    /// <summary>The shop has accepted an order.</summary>
    public void Accept() => Interlocked.Increment(ref _accepted);

    /// <summary>From now on so many more may be under way.</summary>
    public void LetIn(int more) => _free.Release(more);
}
