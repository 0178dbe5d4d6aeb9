namespace Eventide.Tools.Demo;

/// <summary>
/// Lets so many orders be under way at a time, and counts those that the shop has accepted. The last orders can be held back for a moment that is still to come.
/// Thread-safe.
/// </summary>
internal sealed class OrderGate(int inFlight)
{
    private readonly SemaphoreSlim _free = new(inFlight);
    private readonly TaskCompletionSource _reserve = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _reserved;
    private int _accepted;

    /// <summary>How many orders the shop has accepted until now.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    /// <summary>Holds back so many of the last orders until <see cref="LetInReserve"/>; call it before the first order.</summary>
    public void Reserve(int orders) => _reserved = orders;

    /// <summary>Lets in the orders that were held back, beside those that are under way.</summary>
    public void LetInReserve()
    {
        if (_reserved > 0 && _reserve.TrySetResult())
        {
            _free.Release(_reserved);
        }
    }

    /// <summary>Waits until one more order may be placed.</summary>
    /// <param name="left">How many there are with this one.</param>
    public async Task EnterAsync(int left, CancellationToken cancellationToken)
    {
        if (left <= _reserved)
        {
            await _reserve.Task.WaitAsync(cancellationToken);
        }

        await _free.WaitAsync(cancellationToken);
    }

    /// <summary>An order has ended, or its time is over.</summary>
    public void Leave() => _free.Release();

    /// <summary>The shop has accepted an order.</summary>
    public void Accept() => Interlocked.Increment(ref _accepted);
}
