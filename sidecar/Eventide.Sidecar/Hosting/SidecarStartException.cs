namespace Eventide.Sidecar.Hosting;

/// <summary>
/// The start cannot go on. The message is one sentence for the person who started it: what is wrong, where (file and field), and the remedy.
/// </summary>
public sealed class SidecarStartException : Exception
{
    /// <summary>Creates the exception with the sentence that the user reads.</summary>
    public SidecarStartException(string message) : base(message)
    {
    }

    /// <summary>Creates the exception with the sentence that the user reads and what caused it.</summary>
    public SidecarStartException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
