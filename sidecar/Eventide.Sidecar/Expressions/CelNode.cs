using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Eventide.Sidecar.Expressions;

/// <summary>One operation of a compiled expression. Immutable and thread-safe; a fault is returned, never thrown.</summary>
internal abstract class CelNode(CelType type)
{
    /// <summary>What is known of the result before evaluating.</summary>
    public CelType Type => type;

    public abstract CelValue Evaluate(ReadOnlySpan<CelValue> variables);
}

internal sealed class LiteralNode(CelValue value) : CelNode(value.Type)
{
    public CelValue Value => value;

    public override CelValue Evaluate(ReadOnlySpan<CelValue> variables) => value;
}

internal sealed class VariableNode(int index, CelType type) : CelNode(type)
{
    public int Index => index;

    public override CelValue Evaluate(ReadOnlySpan<CelValue> variables) => variables[index];
}

/// <summary>a.b</summary>
internal sealed class FieldNode(CelNode subject, string name) : CelNode(CelType.Dyn)
{
    private readonly CelValue _key = CelValue.Of(name);

    public CelNode Subject => subject;

    public string Name => name;

    public override CelValue Evaluate(ReadOnlySpan<CelValue> variables)
    {
        var value = subject.Evaluate(variables);
        return value.Type switch
        {
            CelType.Map => value.Find(_key) ?? CelValue.Fault($"no such key: {name}"),
            CelType.Error => value,
            _ => CelValue.Fault($"no such overload: a {value.Type.Name()} has no field {name}"),
        };
    }
}

/// <summary>
/// a.b.c == "text", what nearly every routing rule is: compares the bytes of the message with the bytes of the text, without making a value of either.
/// </summary>
internal sealed class FieldEqualsTextNode(VariableFields fields, string text, CelNode general) : CelNode(CelType.Bool)
{
    private readonly byte[] _text = Encoding.UTF8.GetBytes(text);

    public override CelValue Evaluate(ReadOnlySpan<CelValue> variables) =>
        fields.TryFind(variables, out var element) ? CelValue.Of(element.ValueKind == JsonValueKind.String && element.ValueEquals(_text)) : general.Evaluate(variables);
}

/// <summary>A path of fields below a variable, such as event.data.kind.</summary>
internal sealed class VariableFields(int variable, byte[][] names)
{
    /// <summary>The path of a node, or null when it is something else.</summary>
    public static VariableFields? Of(CelNode node)
    {
        var names = new Stack<byte[]>();
        while (node is FieldNode field)
        {
            names.Push(Encoding.UTF8.GetBytes(field.Name));
            node = field.Subject;
        }

        return node is VariableNode variable && names.Count > 0 ? new VariableFields(variable.Index, [.. names]) : null;
    }

    /// <summary>Walks the message; false when it is not JSON or the path ends early.</summary>
    public bool TryFind(ReadOnlySpan<CelValue> variables, out JsonElement element)
    {
        if (!variables[variable].TryGetJson(out element))
        {
            return false;
        }

        foreach (var name in names)
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element))
            {
                return false;
            }
        }

        return true;
    }
}

/// <summary>has(a.b)</summary>
internal sealed class HasNode(FieldNode field) : CelNode(CelType.Bool)
{
    private readonly CelValue _key = CelValue.Of(field.Name);

    public override CelValue Evaluate(ReadOnlySpan<CelValue> variables)
    {
        var value = field.Subject.Evaluate(variables);
        return value.Type switch
        {
            CelType.Map => CelValue.Of(value.Find(_key) is not null),
            CelType.Error => value,
            _ => CelValue.False,
        };
    }
}

/// <summary>a[b]</summary>
internal sealed class IndexNode(CelNode subject, CelNode index) : CelNode(CelType.Dyn)
{
    public override CelValue Evaluate(ReadOnlySpan<CelValue> variables)
    {
        var (value, key) = (subject.Evaluate(variables), index.Evaluate(variables));
        return (value.Type, key.Type) switch
        {
            (CelType.Error, _) => value,
            (_, CelType.Error) => key,
            (CelType.Map, _) => value.Find(key) ?? CelValue.Fault("no such key"),
            (CelType.List, CelType.Int) => value.At(key.Int),
            (CelType.List, CelType.Double) when key.Double == Math.Floor(key.Double) && Math.Abs(key.Double) < int.MaxValue => value.At((long)key.Double),
            _ => CelValue.Fault($"no such overload: a {value.Type.Name()} has no member at a {key.Type.Name()}"),
        };
    }
}

/// <summary>a &amp;&amp; b, a || b: the side that decides wins even when the other one is a fault (cel-spec, logical operators).</summary>
internal sealed class LogicNode(CelNode left, CelNode right, bool decisive) : CelNode(CelType.Bool)
{
    public override CelValue Evaluate(ReadOnlySpan<CelValue> variables)
    {
        var first = left.Evaluate(variables);
        if (Decides(first))
        {
            return first;
        }

        var second = right.Evaluate(variables);
        return Decides(second) ? second
            : first.Type != CelType.Bool ? NotLogical(first)
            : second.Type != CelType.Bool ? NotLogical(second)
            : CelValue.Of(!decisive);
    }

    private static CelValue NotLogical(CelValue value) =>
        value.IsError ? value : CelValue.Fault($"no such overload: a {value.Type.Name()} is neither true nor false");

    private bool Decides(CelValue value) => value.Type == CelType.Bool && value.IsTrue == decisive;
}

/// <summary>!a</summary>
internal sealed class NotNode(CelNode operand) : CelNode(CelType.Bool)
{
    public override CelValue Evaluate(ReadOnlySpan<CelValue> variables)
    {
        var value = operand.Evaluate(variables);
        return value.Type switch
        {
            CelType.Bool => CelValue.Of(!value.IsTrue),
            CelType.Error => value,
            _ => CelValue.Fault($"no such overload: !{value.Type.Name()}"),
        };
    }
}

/// <summary>a ? b : c</summary>
internal sealed class ConditionalNode(CelNode condition, CelNode whenTrue, CelNode whenFalse)
    : CelNode(whenTrue.Type == whenFalse.Type ? whenTrue.Type : CelType.Dyn)
{
    public override CelValue Evaluate(ReadOnlySpan<CelValue> variables)
    {
        var value = condition.Evaluate(variables);
        return value.Type switch
        {
            CelType.Bool => (value.IsTrue ? whenTrue : whenFalse).Evaluate(variables),
            CelType.Error => value,
            _ => CelValue.Fault($"no such overload: a {value.Type.Name()} before ? is neither true nor false"),
        };
    }
}

/// <summary>An operator or function that needs all its operands.</summary>
internal sealed class OperationNode(CelType type, CelNode[] operands, Func<CelValue, CelValue, CelValue> operation) : CelNode(type)
{
    public override CelValue Evaluate(ReadOnlySpan<CelValue> variables)
    {
        var first = operands[0].Evaluate(variables);
        if (first.IsError)
        {
            return first;
        }

        var second = operands.Length > 1 ? operands[1].Evaluate(variables) : CelValue.Null;
        return second.IsError ? second : operation(first, second);
    }
}

/// <summary>[a, b]</summary>
internal sealed class ListNode(CelNode[] items) : CelNode(CelType.List)
{
    public override CelValue Evaluate(ReadOnlySpan<CelValue> variables)
    {
        var values = new CelValue[items.Length];
        for (var i = 0; i < items.Length; i++)
        {
            values[i] = items[i].Evaluate(variables);
            if (values[i].IsError)
            {
                return values[i];
            }
        }

        return CelValue.Of(values);
    }
}

/// <summary>{a: b}</summary>
internal sealed class MapNode((CelNode Key, CelNode Value)[] entries) : CelNode(CelType.Map)
{
    public override CelValue Evaluate(ReadOnlySpan<CelValue> variables)
    {
        var values = new KeyValuePair<CelValue, CelValue>[entries.Length];
        for (var i = 0; i < entries.Length; i++)
        {
            var (key, value) = (entries[i].Key.Evaluate(variables), entries[i].Value.Evaluate(variables));
            if (key.IsError || value.IsError)
            {
                return key.IsError ? key : value;
            }

            values[i] = KeyValuePair.Create(key, value);
        }

        return CelValue.Of(values);
    }
}

/// <summary>a.matches(b) with a pattern that is known when the expression is compiled.</summary>
internal sealed class MatchesNode(CelNode subject, Regex pattern) : CelNode(CelType.Bool)
{
    public override CelValue Evaluate(ReadOnlySpan<CelValue> variables)
    {
        var value = subject.Evaluate(variables);
        return value.Type switch
        {
            CelType.String => CelValue.Of(pattern.IsMatch(value.Text)),
            CelType.Error => value,
            _ => CelValue.Fault($"no such overload: {value.Type.Name()}.matches(string)"),
        };
    }
}
