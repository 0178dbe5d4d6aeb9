using System.Globalization;
using System.Text;

namespace Eventide.Sidecar.Expressions;

internal enum CelTokenKind
{
    End,
    Name,
    Int,
    Double,
    String,
    Symbol,
}

/// <summary>A word of an expression and where it starts, counted from 0.</summary>
internal readonly record struct CelToken(CelTokenKind Kind, string Text, int Position, long Int = 0, double Double = 0)
{
    public bool Is(string symbol) => Kind == CelTokenKind.Symbol && Text == symbol;
}

/// <summary>Splits an expression into words. One use per instance.</summary>
internal sealed class CelTokenizer(string text)
{
    private static readonly string[] Symbols =
        ["==", "!=", "<=", ">=", "&&", "||", "<", ">", "!", "?", ":", "+", "-", "*", "/", "%", "(", ")", "[", "]", "{", "}", ".", ","];

    private int _at;

    /// <summary>The next word; at the end, again and again the end.</summary>
    public CelToken Next()
    {
        SkipSpace();
        var start = _at;
        if (start == text.Length)
        {
            return new CelToken(CelTokenKind.End, "", start);
        }

        var first = text[start];
        if (first is '"' or '\'' || (first is 'r' or 'R' && start + 1 < text.Length && text[start + 1] is '"' or '\''))
        {
            return Text(start);
        }

        if (char.IsAsciiDigit(first) || (first == '.' && start + 1 < text.Length && char.IsAsciiDigit(text[start + 1])))
        {
            return Number(start);
        }

        if (char.IsAsciiLetter(first) || first == '_')
        {
            while (_at < text.Length && (char.IsAsciiLetterOrDigit(text[_at]) || text[_at] == '_'))
            {
                _at++;
            }

            return new CelToken(CelTokenKind.Name, text[start.._at], start);
        }

        foreach (var symbol in Symbols)
        {
            if (string.CompareOrdinal(text, start, symbol, 0, symbol.Length) == 0)
            {
                _at += symbol.Length;
                return new CelToken(CelTokenKind.Symbol, symbol, start);
            }
        }

        throw Fault(start, $"unexpected character '{first}'");
    }

    /// <summary>A fault of this expression.</summary>
    public CelException Fault(int position, string what) => new($"rule \"{text}\", position {position + 1}: {what}");

    private void SkipSpace()
    {
        while (_at < text.Length)
        {
            if (char.IsWhiteSpace(text[_at]))
            {
                _at++;
            }
            else if (text.AsSpan(_at).StartsWith("//"))
            {
                var end = text.IndexOf('\n', _at);
                _at = end < 0 ? text.Length : end;
            }
            else
            {
                return;
            }
        }
    }

    private CelToken Number(int start)
    {
        if (text.AsSpan(start).StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            _at += 2;
            while (_at < text.Length && char.IsAsciiHexDigit(text[_at]))
            {
                _at++;
            }

            return long.TryParse(text.AsSpan(start + 2, _at - start - 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var hex) && hex >= 0
                ? new CelToken(CelTokenKind.Int, text[start.._at], start, Int: hex)
                : throw Fault(start, "the number is not a 64-bit whole number");
        }

        SkipDigits();
        var isDouble = false;
        if (_at + 1 < text.Length && text[_at] == '.' && char.IsAsciiDigit(text[_at + 1]))
        {
            isDouble = true;
            _at++;
            SkipDigits();
        }

        if (_at < text.Length && text[_at] is 'e' or 'E')
        {
            isDouble = true;
            _at++;
            _at += _at < text.Length && text[_at] is '+' or '-' ? 1 : 0;
            SkipDigits();
        }

        var digits = text.AsSpan(start, _at - start);
        if (_at < text.Length && (char.IsAsciiLetter(text[_at]) || text[_at] == '_'))
        {
            throw Fault(_at, text[_at] is 'u' or 'U' ? "unsigned numbers are not known here; leave out the u" : "the number goes over into a name");
        }

        if (isDouble)
        {
            return double.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                ? new CelToken(CelTokenKind.Double, digits.ToString(), start, Double: number)
                : throw Fault(start, "the number is incomplete");
        }

        // 2^63 itself is let through as its negative: it is legal after a minus sign only, which the parser checks.
        return ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var whole) && whole <= 1ul << 63
            ? new CelToken(CelTokenKind.Int, digits.ToString(), start, Int: unchecked((long)whole))
            : throw Fault(start, "the number is not a 64-bit whole number");
    }

    private void SkipDigits()
    {
        while (_at < text.Length && char.IsAsciiDigit(text[_at]))
        {
            _at++;
        }
    }

    private CelToken Text(int start)
    {
        var raw = text[start] is 'r' or 'R';
        _at = raw ? start + 1 : start;
        var quote = text[_at];
        var closing = text.AsSpan(_at).StartsWith(new string(quote, 3)) ? new string(quote, 3) : quote.ToString();
        _at += closing.Length;
        var result = new StringBuilder();
        while (!text.AsSpan(_at).StartsWith(closing))
        {
            if (_at >= text.Length || (closing.Length == 1 && text[_at] is '\n' or '\r'))
            {
                throw Fault(start, "the text is not closed");
            }

            if (text[_at] == '\\' && !raw)
            {
                Escape(result);
            }
            else
            {
                result.Append(text[_at++]);
            }
        }

        _at += closing.Length;
        return new CelToken(CelTokenKind.String, result.ToString(), start);
    }

    private void Escape(StringBuilder result)
    {
        var start = _at++;
        var kind = _at < text.Length ? text[_at++] : '\0';
        switch (kind)
        {
            case '\\' or '"' or '\'' or '`' or '?':
                result.Append(kind);
                break;
            case 'a':
                result.Append('\a');
                break;
            case 'b':
                result.Append('\b');
                break;
            case 'f':
                result.Append('\f');
                break;
            case 'n':
                result.Append('\n');
                break;
            case 'r':
                result.Append('\r');
                break;
            case 't':
                result.Append('\t');
                break;
            case 'v':
                result.Append('\v');
                break;
            case 'x' or 'X':
                CodePoint(start, 2, 16, result);
                break;
            case 'u':
                CodePoint(start, 4, 16, result);
                break;
            case 'U':
                CodePoint(start, 8, 16, result);
                break;
            case >= '0' and <= '3':
                _at--;
                CodePoint(start, 3, 8, result);
                break;
            default:
                throw Fault(start, "unknown escape; a backslash itself is written \\\\, or take a raw text r\"…\"");
        }
    }

    private void CodePoint(int start, int digits, int radix, StringBuilder result)
    {
        var value = 0L;
        for (var i = 0; i < digits; i++, _at++)
        {
            var digit = _at < text.Length && char.IsAsciiHexDigit(text[_at]) ? Convert.ToInt32(text[_at].ToString(), 16) : radix;
            if (digit >= radix)
            {
                throw Fault(start, $"the escape needs {digits} digits");
            }

            value = value * radix + digit;
        }

        if (!Rune.IsValid((int)Math.Min(value, int.MaxValue)))
        {
            throw Fault(start, "the escape is not a character");
        }

        result.Append(new Rune((int)value).ToString());
    }
}
