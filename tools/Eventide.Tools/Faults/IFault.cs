namespace Eventide.Tools.Faults;

/// <summary>Something that goes wrong, or changes, while orders are under way.</summary>
internal interface IFault
{
    /// <summary>As the person at the terminal reads it when it happens.</summary>
    string Description { get; }

    /// <summary>Lets it happen; returns when everything runs again.</summary>
    /// <exception cref="ToolException">Something does not run again.</exception>
    Task InjectAsync(CancellationToken cancellationToken);
}
