namespace Eventide.ServiceDefaults.Problems;

/// <summary>What the request needs is away for now. Whoever asked is told to come back: 503 with Retry-After and this message.</summary>
public sealed class ServiceUnavailableException(string message, Exception? cause = null) : Exception(message, cause);
