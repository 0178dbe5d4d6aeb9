using Eventide.Sidecar.Hosting;

namespace Eventide.Sidecar.Components.State;

/// <summary>A store that can keep other processes away from a part of it.</summary>
internal interface IOwnedByProcess
{
    /// <summary>
    /// Makes <paramref name="part"/> this process's own until the result is disposed, the process ends, however it ends, or the store is out of reach. Waits as
    /// long as an owner that was killed may still seem to be there. Throws <see cref="SidecarStartException"/> when another one owns it after that.
    /// </summary>
    /// <param name="part">What is owned, as the user reads it, such as "the workflows of ordering".</param>
    ValueTask<IOwnership> OwnAsync(string part, CancellationToken cancellationToken);
}

/// <summary>A part of a store that belongs to this process. Disposing it waits for what is being written and gives the part up.</summary>
internal interface IOwnership : IAsyncDisposable
{
    /// <summary>
    /// The store as its owner uses it. A write through it succeeds only while the part is owned, whatever this process believes: a process that was paused, or cut
    /// off from the store, cannot change what another one owns by now.
    /// </summary>
    IStateStore Store { get; }

    /// <summary>Cancelled when the ownership is lost. What was read may be out of date from then on; the part has to be owned and read anew.</summary>
    CancellationToken Lost { get; }
}
