namespace Eventide.Sidecar.Expressions;

/// <summary>A fault in an expression: at load time it names the expression and the position, while evaluating it says what had no value.</summary>
internal sealed class CelException(string message) : Exception(message);
