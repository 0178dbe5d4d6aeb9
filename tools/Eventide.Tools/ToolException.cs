namespace Eventide.Tools;

/// <summary>Something that the user can put right; the message says what is wrong and what to do.</summary>
internal sealed class ToolException(string message, Exception? cause = null) : Exception(message, cause);
