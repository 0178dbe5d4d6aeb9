using System.Text.Json;
using System.Text.RegularExpressions;

namespace Eventide.Sidecar.Expressions;

/// <summary>What CEL's operators do with values: JsonElement, text, number, truth value, list, null.</summary>
internal static class CelValues
{
    public static bool Truth(object? value) => Plain(value) as bool? ?? throw new CelException("true or false is expected");

    public static object? Field(object? subject, string name) =>
        subject is JsonElement { ValueKind: JsonValueKind.Object } element && element.TryGetProperty(name, out var field)
            ? field
            : throw new CelException($"no such key: {name}");

    public static object? Index(object? subject, object? index) => (subject, Plain(index)) switch
    {
        (JsonElement { ValueKind: JsonValueKind.Array } list, double at) when at >= 0 && at < list.GetArrayLength() => list[(int)at],
        (List<object?> list, double at) when at >= 0 && at < list.Count => list[(int)at],
        (_, string name) => Field(subject, name),
        _ => throw new CelException("index out of range"),
    };

    public static bool Exists(Func<object?> member)
    {
        try
        {
            member();
            return true;
        }
        catch (CelException)
        {
            return false;
        }
    }

    public static object? Size(object? value) => Plain(value) switch
    {
        string text => (double)text.Length,
        List<object?> list => (double)list.Count,
        JsonElement { ValueKind: JsonValueKind.Array } list => (double)list.GetArrayLength(),
        JsonElement { ValueKind: JsonValueKind.Object } map => (double)map.EnumerateObject().Count(),
        _ => throw new CelException("size() needs a text, a list or a map"),
    };

    public static object? TextTest(string name, object? subject, object? argument)
    {
        if (Plain(subject) is not string text || Plain(argument) is not string part)
        {
            throw new CelException($"{name}() needs texts");
        }

        return name switch
        {
            "startsWith" => text.StartsWith(part, StringComparison.Ordinal),
            "endsWith" => text.EndsWith(part, StringComparison.Ordinal),
            "contains" => text.Contains(part, StringComparison.Ordinal),
            _ => Regex.IsMatch(text, part, RegexOptions.NonBacktracking),
        };
    }

    public static object? Relate(string operation, object? left, object? right)
    {
        var (l, r) = (Plain(left), Plain(right));
        return operation switch
        {
            "==" => Same(l, r),
            "!=" => !Same(l, r),
            "in" => r switch
            {
                List<object?> list => list.Any(item => Same(l, Plain(item))),
                JsonElement { ValueKind: JsonValueKind.Array } list => list.EnumerateArray().Any(item => Same(l, Plain(item))),
                JsonElement { ValueKind: JsonValueKind.Object } map => l is string name && map.TryGetProperty(name, out _),
                _ => throw new CelException("\"in\" needs a list or a map"),
            },
            _ => Ordered(operation, (l, r) switch
            {
                (double a, double b) => a.CompareTo(b),
                (string a, string b) => string.CompareOrdinal(a, b),
                _ => throw new CelException($"\"{operation}\" needs two numbers or two texts"),
            }),
        };
    }

    public static object? Calculate(char operation, object? left, object? right) => (Plain(left), Plain(right)) switch
    {
        (string a, string b) when operation == '+' => a + b,
        (double a, double b) => operation switch { '+' => a + b, '-' => a - b, '*' => a * b, '/' => a / b, _ => a % b },
        _ => throw new CelException($"\"{operation}\" needs two numbers"),
    };

    private static bool Ordered(string operation, int order) => operation switch
    {
        "<" => order < 0,
        "<=" => order <= 0,
        ">" => order > 0,
        _ => order >= 0,
    };

    private static bool Same(object? left, object? right) => (left, right) switch
    {
        (JsonElement a, JsonElement b) => JsonElement.DeepEquals(a, b),
        _ => Equals(left, right),
    };

    private static object? Plain(object? value) => value is not JsonElement element ? value : element.ValueKind switch
    {
        JsonValueKind.String => element.GetString(),
        JsonValueKind.Number => element.GetDouble(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Null => null,
        _ => element,
    };
}
