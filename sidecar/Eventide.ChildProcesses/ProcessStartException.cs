namespace Eventide.ChildProcesses;

/// <summary>There is nothing to start, or no port to start it on; the message is a sentence that says what is missing, without its full stop.</summary>
public sealed class ProcessStartException(string message) : Exception(message);
