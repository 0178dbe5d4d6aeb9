namespace Eventide.Sidecar.Components.PubSub.Redis;

/// <summary>
/// The token that ends the attempts of a message: at the stop, and when it has been out for the processing timeout. That is counted by the real clock, as Redis does.
/// For one message after the other.
/// </summary>
internal sealed class Attempts(CancellationToken stopping, TimeSpan timeout) : IDisposable
{
    private CancellationTokenSource _source = CancellationTokenSource.CreateLinkedTokenSource(stopping);

    /// <summary>The token for the next message.</summary>
    public CancellationToken Begin()
    {
        if (_source.IsCancellationRequested)
        {
            _source.Dispose();
            _source = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        }

        _source.CancelAfter(timeout);
        return _source.Token;
    }

    /// <inheritdoc/>
    public void Dispose() => _source.Dispose();
}
