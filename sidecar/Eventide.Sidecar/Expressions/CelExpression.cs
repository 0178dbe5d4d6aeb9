using System.Text.Json;

namespace Eventide.Sidecar.Expressions;

/// <summary>
/// A compiled expression of the part of CEL that routing rules use (https://github.com/google/cel-spec): literals, comparison, logic, arithmetic, ternary,
/// field and index access, <c>in</c>, <c>has()</c>, <c>size()</c>, <c>startsWith endsWith contains matches</c>, lists. Immutable and thread-safe.
/// </summary>
internal sealed class CelExpression
{
    private readonly Func<CelScope, object?> _evaluate;

    private CelExpression(string text, Func<CelScope, object?> evaluate) => (Text, _evaluate) = (text, evaluate);

    /// <summary>As written.</summary>
    public string Text { get; }

    /// <summary>Compiles <paramref name="text"/>. Throws <see cref="CelException"/> with the position of the fault.</summary>
    public static CelExpression Compile(string text) => new(text, new CelParser(text).Parse());

    /// <summary>Whether the expression is true of the variable <c>event</c>. Throws <see cref="CelException"/> when it cannot be evaluated or is no truth value.</summary>
    public bool Matches(JsonElement @event) =>
        _evaluate(new CelScope(@event)) as bool? ?? throw new CelException($"the rule \"{Text}\" is neither true nor false");
}

/// <summary>The variables of one evaluation.</summary>
internal readonly record struct CelScope(JsonElement Event);

/// <summary>A fault in an expression, at load time or while it is evaluated.</summary>
internal sealed class CelException(string message) : Exception(message);
