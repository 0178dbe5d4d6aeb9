namespace Eventide.Sidecar.AppChannel;

/// <summary>What every call to the app gets, whatever its protocol: the app's token, and a place among the concurrent calls.</summary>
internal sealed class AppCallHandler(SidecarOptions options, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private readonly SemaphoreSlim? _limit = options.AppMaxConcurrency is > 0 and { } limit ? new SemaphoreSlim(limit) : null;

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (options.AppApiToken is { } token)
        {
            request.Headers.Remove("dapr-api-token");
            request.Headers.TryAddWithoutValidation("dapr-api-token", token);
        }

        if (_limit is null)
        {
            return await base.SendAsync(request, cancellationToken);
        }

        // The place is held until the app answers; what it streams afterwards does not count.
        await _limit.WaitAsync(cancellationToken);
        try
        {
            return await base.SendAsync(request, cancellationToken);
        }
        finally
        {
            _limit.Release();
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _limit?.Dispose();
        }

        base.Dispose(disposing);
    }
}
