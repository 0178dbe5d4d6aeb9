using Eventide.Sidecar.Hosting;

namespace Eventide.Sidecar.Components.State;

/// <summary>A store that can keep other processes away from a part of it.</summary>
internal interface IOwnedByProcess
{
    /// <summary>
    /// Makes <paramref name="part"/> this process's own until the result is disposed or the process ends, however it ends. Throws
    /// <see cref="SidecarStartException"/> when another one owns it.
    /// </summary>
    /// <param name="part">What is owned, as the user reads it, such as "the workflows of ordering".</param>
    IDisposable Own(string part);
}
