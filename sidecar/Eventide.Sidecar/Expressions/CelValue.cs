using System.Text.Json;

namespace Eventide.Sidecar.Expressions;

/// <summary>
/// A value while an expression is evaluated. Texts, lists and maps of a message stay where they are in the parsed JSON: comparing them copies nothing.
/// A fault is a value too, because <c>||</c> and <c>&amp;&amp;</c> may absorb it. Immutable.
/// </summary>
internal readonly struct CelValue
{
    private readonly long _bits;
    private readonly object? _object;
    private readonly JsonElement _json;

    private CelValue(CelType type, long bits = 0, object? value = null, JsonElement json = default) => (Type, _bits, _object, _json) = (type, bits, value, json);

    /// <summary>Never <see cref="CelType.Dyn"/>.</summary>
    public CelType Type { get; }

    public static CelValue Null { get; } = new(CelType.Null);

    public static CelValue True { get; } = new(CelType.Bool, 1);

    public static CelValue False { get; } = new(CelType.Bool, 0);

    public bool IsTrue => _bits != 0;

    public bool IsError => Type == CelType.Error;

    public bool IsNumber => Type is CelType.Int or CelType.Double;

    public long Int => _bits;

    public double Double => Type == CelType.Int ? _bits : BitConverter.Int64BitsToDouble(_bits);

    /// <summary>The text; or, for an error, what is wrong.</summary>
    public string Text => (string?)_object ?? _json.GetString()!;

    /// <summary>The members of a list.</summary>
    public IEnumerable<CelValue> Items => _object is CelValue[] items ? items : _json.EnumerateArray().Select(Of);

    /// <summary>The entries of a map.</summary>
    public IEnumerable<KeyValuePair<CelValue, CelValue>> Entries => _object is KeyValuePair<CelValue, CelValue>[] entries
        ? entries
        : _json.EnumerateObject().Select(property => KeyValuePair.Create(Of(property.Name), Of(property.Value)));

    /// <summary>How many members or entries a list or map has.</summary>
    public int Count => _object is Array items ? items.Length : Type == CelType.List ? _json.GetArrayLength() : _json.GetPropertyCount();

    public static CelValue Of(bool value) => value ? True : False;

    public static CelValue Of(long value) => new(CelType.Int, value);

    public static CelValue Of(double value) => new(CelType.Double, BitConverter.DoubleToInt64Bits(value));

    public static CelValue Of(string value) => new(CelType.String, 0, value);

    public static CelValue Of(CelValue[] items) => new(CelType.List, 0, items);

    public static CelValue Of(KeyValuePair<CelValue, CelValue>[] entries) => new(CelType.Map, 0, entries);

    /// <summary>A piece of a message. Every JSON number is a double, as it is for the Go runtime.</summary>
    public static CelValue Of(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.True => True,
        JsonValueKind.False => False,
        JsonValueKind.Number => Of(json.GetDouble()),
        JsonValueKind.String => new CelValue(CelType.String, 0, null, json),
        JsonValueKind.Array => new CelValue(CelType.List, 0, null, json),
        JsonValueKind.Object => new CelValue(CelType.Map, 0, null, json),
        _ => Null,
    };

    public static CelValue Fault(string message) => new(CelType.Error, 0, message);

    /// <summary>The JSON that the value stands for; false for a value that an expression made.</summary>
    public bool TryGetJson(out JsonElement json)
    {
        json = _json;
        return _object is null && Type is CelType.String or CelType.List or CelType.Map;
    }

    /// <summary>The member of a list at a position; its absence is a fault.</summary>
    public CelValue At(long index) =>
        index < 0 || index >= Count ? Fault($"index out of bounds: {index}")
        : _object is CelValue[] items ? items[index] : Of(_json[(int)index]);

    /// <summary>The value of a map under a key, or null.</summary>
    public CelValue? Find(CelValue key)
    {
        if (_object is not KeyValuePair<CelValue, CelValue>[] entries)
        {
            return key.Type == CelType.String && _json.TryGetProperty(key.Text, out var value) ? Of(value) : null;
        }

        foreach (var (candidate, value) in entries)
        {
            if (candidate.Equal(key))
            {
                return value;
            }
        }

        return null;
    }

    /// <summary>CEL's equality: numbers compare across their types, values of different types are unequal.</summary>
    public bool Equal(CelValue other)
    {
        if (Type != other.Type)
        {
            return IsNumber && other.IsNumber && Double.Equals(other.Double);
        }

        return Type switch
        {
            CelType.Double => Double == other.Double,
            CelType.String => EqualText(other),
            CelType.List => Count == other.Count && Items.Zip(other.Items).All(pair => pair.First.Equal(pair.Second)),
            CelType.Map => EqualEntries(other),
            _ => _bits == other._bits,
        };
    }

    private bool EqualText(CelValue other) => (_object, other._object) switch
    {
        (null, string text) => _json.ValueEquals(text),
        (string text, null) => other._json.ValueEquals(text),
        _ => Text == other.Text,
    };

    private bool EqualEntries(CelValue other)
    {
        if (Count != other.Count)
        {
            return false;
        }

        foreach (var (key, value) in Entries)
        {
            if (other.Find(key) is not { } counterpart || !counterpart.Equal(value))
            {
                return false;
            }
        }

        return true;
    }
}
