using System.Text.Json;

namespace Eventide.Sidecar.Expressions;

/// <summary>
/// A condition in the part of CEL that routing rules and circuit breakers use (https://github.com/google/cel-spec): literals, lists, maps, comparison,
/// logic, arithmetic, ternary, field and index access, <c>in</c>, <c>has()</c>, <c>size()</c>, <c>startsWith endsWith contains matches</c>. Everything
/// else is refused when it is compiled. Where the Go implementation refuses (an int added to a double), this one does too: a rule that works here works
/// on Dapr. Immutable and thread-safe.
/// </summary>
internal sealed class CelExpression
{
    private readonly CelNode _root;

    private CelExpression(string text, CelNode root) => (Text, _root) = (text, root);

    /// <summary>As written.</summary>
    public string Text { get; }

    /// <summary>Compiles a condition over the variable <c>event</c>.</summary>
    /// <exception cref="CelException">It cannot be read; the message names the expression and the position.</exception>
    public static CelExpression Compile(string text) => Compile(text, CelEnvironment.Message);

    /// <summary>Compiles a condition over the variables of <paramref name="environment"/>.</summary>
    /// <exception cref="CelException">It cannot be read; the message names the expression and the position.</exception>
    public static CelExpression Compile(string text, CelEnvironment environment) => new(text, new CelParser(text, environment).ParseCondition());

    /// <summary>Whether the condition is true of the message.</summary>
    /// <exception cref="CelException">It has no value, for example because a field is missing.</exception>
    public bool Matches(JsonElement message)
    {
        var variable = CelValue.Of(message);
        return Matches(new ReadOnlySpan<CelValue>(in variable));
    }

    /// <summary>Whether the condition is true of the variables, in the order of the environment.</summary>
    /// <exception cref="CelException">It has no value.</exception>
    public bool Matches(ReadOnlySpan<CelValue> variables)
    {
        var result = _root.Evaluate(variables);
        return result.Type switch
        {
            CelType.Bool => result.IsTrue,
            CelType.Error => throw new CelException($"rule \"{Text}\": {result.Text}"),
            _ => throw new CelException($"rule \"{Text}\" is a {result.Type.Name()}, not true or false"),
        };
    }
}
