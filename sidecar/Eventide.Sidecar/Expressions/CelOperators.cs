using System.Text.RegularExpressions;

namespace Eventide.Sidecar.Expressions;

/// <summary>
/// What operators and functions do, and which operands they accept. An int and a double are compared but never added: CEL converts nothing by itself
/// (cel-spec, arithmetic).
/// </summary>
internal static class CelOperators
{
    /// <summary>Whether operands of these types can ever work; unknown types can.</summary>
    public static bool Accepts(string operation, CelType left, CelType right)
    {
        if (left == CelType.Dyn || right == CelType.Dyn)
        {
            return operation switch
            {
                "in" => right is CelType.Dyn or CelType.List or CelType.Map,
                "==" or "!=" => true,
                _ => AcceptsOne(operation, left) && AcceptsOne(operation, right),
            };
        }

        return operation switch
        {
            "in" => right is CelType.List or CelType.Map,
            "==" or "!=" => left == right || left == CelType.Null || right == CelType.Null,
            _ => left == right && AcceptsOne(operation, left),
        };
    }

    /// <summary>What an operator results in, as far as its operands tell.</summary>
    public static CelType ResultOf(string operation, CelType left, CelType right) => operation switch
    {
        "+" or "-" or "*" or "/" or "%" => left != CelType.Dyn ? left : right,
        _ => CelType.Bool,
    };

    /// <summary>The operation behind an operator.</summary>
    public static Func<CelValue, CelValue, CelValue> Find(string operation) => operation switch
    {
        "==" => static (a, b) => CelValue.Of(a.Equal(b)),
        "!=" => static (a, b) => CelValue.Of(!a.Equal(b)),
        "<" => static (a, b) => Ordered(a, b, "<", static order => order < 0),
        "<=" => static (a, b) => Ordered(a, b, "<=", static order => order <= 0),
        ">" => static (a, b) => Ordered(a, b, ">", static order => order > 0),
        ">=" => static (a, b) => Ordered(a, b, ">=", static order => order >= 0),
        "in" => In,
        "+" => Add,
        _ => (a, b) => Calculate(operation, a, b),
    };

    public static CelValue Negate(CelValue value, CelValue unused) => value.Type switch
    {
        CelType.Int when value.Int == long.MinValue => CelValue.Fault("integer overflow"),
        CelType.Int => CelValue.Of(-value.Int),
        CelType.Double => CelValue.Of(-value.Double),
        _ => CelValue.Fault($"no such overload: -{value.Type.Name()}"),
    };

    public static CelValue Size(CelValue value, CelValue unused) => value.Type switch
    {
        CelType.String => CelValue.Of((long)value.Text.EnumerateRunes().Count()),
        CelType.List or CelType.Map => CelValue.Of((long)value.Count),
        _ => CelValue.Fault($"no such overload: size({value.Type.Name()})"),
    };

    /// <summary>startsWith, endsWith, contains, and matches with a pattern that is computed.</summary>
    public static Func<CelValue, CelValue, CelValue> TextTest(string name) => (subject, argument) =>
    {
        if (subject.Type != CelType.String || argument.Type != CelType.String)
        {
            return CelValue.Fault($"no such overload: {subject.Type.Name()}.{name}({argument.Type.Name()})");
        }

        var (text, part) = (subject.Text, argument.Text);
        return name switch
        {
            "startsWith" => CelValue.Of(text.StartsWith(part, StringComparison.Ordinal)),
            "endsWith" => CelValue.Of(text.EndsWith(part, StringComparison.Ordinal)),
            "contains" => CelValue.Of(text.Contains(part, StringComparison.Ordinal)),
            _ => TryPattern(part, out var pattern, out var fault) ? CelValue.Of(pattern!.IsMatch(text)) : CelValue.Fault(fault!),
        };
    };

    /// <summary>Reads a pattern; linear in the text like RE2, so that a message cannot stall a subscription.</summary>
    public static bool TryPattern(string text, out Regex? pattern, out string? fault)
    {
        try
        {
            (pattern, fault) = (new Regex(text, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant), null);
            return true;
        }
        catch (Exception failure) when (failure is ArgumentException or NotSupportedException)
        {
            (pattern, fault) = (null, $"the pattern cannot be read: {failure.Message}");
            return false;
        }
    }

    private static bool AcceptsOne(string operation, CelType type) => type == CelType.Dyn || operation switch
    {
        "+" => type is CelType.Int or CelType.Double or CelType.String or CelType.List,
        "-" or "*" or "/" => type is CelType.Int or CelType.Double,
        "%" => type == CelType.Int,
        _ => type is CelType.Int or CelType.Double or CelType.String or CelType.Bool,
    };

    private static CelValue Ordered(CelValue a, CelValue b, string operation, Func<int, bool> holds) => (a.Type, b.Type) switch
    {
        (CelType.Int, CelType.Int) => CelValue.Of(holds(a.Int.CompareTo(b.Int))),
        (CelType.Int or CelType.Double, CelType.Int or CelType.Double) => CelValue.Of(
            !double.IsNaN(a.Double) && !double.IsNaN(b.Double) && holds(a.Double.CompareTo(b.Double))),
        (CelType.String, CelType.String) => CelValue.Of(holds(string.CompareOrdinal(a.Text, b.Text))),
        (CelType.Bool, CelType.Bool) => CelValue.Of(holds(a.IsTrue.CompareTo(b.IsTrue))),
        _ => NoOverload(operation, a, b),
    };

    private static CelValue In(CelValue value, CelValue list)
    {
        switch (list.Type)
        {
            case CelType.Map:
                return CelValue.Of(list.Find(value) is not null);
            case CelType.List:
                foreach (var item in list.Items)
                {
                    if (item.Equal(value))
                    {
                        return CelValue.True;
                    }
                }

                return CelValue.False;
            default:
                return NoOverload("in", value, list);
        }
    }

    private static CelValue Add(CelValue a, CelValue b) => (a.Type, b.Type) switch
    {
        (CelType.String, CelType.String) => CelValue.Of(a.Text + b.Text),
        (CelType.List, CelType.List) => CelValue.Of(a.Items.Concat(b.Items).ToArray()),
        _ => Calculate("+", a, b),
    };

    private static CelValue Calculate(string operation, CelValue a, CelValue b)
    {
        if (a.Type == CelType.Double && b.Type == CelType.Double && operation != "%")
        {
            return CelValue.Of(operation switch { "+" => a.Double + b.Double, "-" => a.Double - b.Double, "*" => a.Double * b.Double, _ => a.Double / b.Double });
        }

        if (a.Type != CelType.Int || b.Type != CelType.Int)
        {
            return NoOverload(operation, a, b);
        }

        try
        {
            return CelValue.Of(operation switch
            {
                "+" => checked(a.Int + b.Int),
                "-" => checked(a.Int - b.Int),
                "*" => checked(a.Int * b.Int),
                "/" => a.Int / b.Int,
                _ => b.Int == -1 ? 0 : a.Int % b.Int,
            });
        }
        catch (DivideByZeroException)
        {
            return CelValue.Fault(operation == "%" ? "modulus by zero" : "division by zero");
        }
        catch (OverflowException)
        {
            return CelValue.Fault("integer overflow");
        }
    }

    private static CelValue NoOverload(string operation, CelValue a, CelValue b) => CelValue.Fault(
        $"no such overload: {a.Type.Name()} {operation} {b.Type.Name()}"
        + (a.IsNumber && b.IsNumber ? "; numbers of a message are doubles, so write 2.0 rather than 2" : ""));
}
