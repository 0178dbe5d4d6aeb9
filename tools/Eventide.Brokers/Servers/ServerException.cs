namespace Eventide.Brokers.Servers;

/// <summary>A server cannot be used; the message is for the person who asked for it: what is wrong, and the remedy.</summary>
internal sealed class ServerException(string message, Exception? inner = null) : Exception(message, inner);
