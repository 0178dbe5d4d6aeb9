using System.Globalization;

namespace Eventide.Sidecar.Expressions;

/// <summary>Recursive descent over the precedence levels of CEL; each level compiles to a delegate. One use per instance.</summary>
internal sealed class CelParser(string text)
{
    private int _at;

    /// <summary>Parses the whole text.</summary>
    public Func<CelScope, object?> Parse()
    {
        var result = Ternary();
        Space();
        return _at == text.Length ? result : throw Fault("unexpected text");
    }

    private Func<CelScope, object?> Ternary()
    {
        var condition = Or();
        if (!Take("?"))
        {
            return condition;
        }

        var whenTrue = Ternary();
        Expect(":");
        var whenFalse = Ternary();
        return scope => CelValues.Truth(condition(scope)) ? whenTrue(scope) : whenFalse(scope);
    }

    private Func<CelScope, object?> Or()
    {
        var left = And();
        while (Take("||"))
        {
            var (l, r) = (left, And());
            left = scope => CelValues.Truth(l(scope)) || CelValues.Truth(r(scope));
        }

        return left;
    }

    private Func<CelScope, object?> And()
    {
        var left = Relation();
        while (Take("&&"))
        {
            var (l, r) = (left, Relation());
            left = scope => CelValues.Truth(l(scope)) && CelValues.Truth(r(scope));
        }

        return left;
    }

    private Func<CelScope, object?> Relation()
    {
        var left = Sum();
        while (true)
        {
            Space();
            var operation = Take("==") ? "==" : Take("!=") ? "!=" : Take("<=") ? "<=" : Take(">=") ? ">=" : Take("<") ? "<" : Take(">") ? ">" : TakeWord("in") ? "in" : null;
            if (operation is null)
            {
                return left;
            }

            var (l, r) = (left, Sum());
            left = scope => CelValues.Relate(operation, l(scope), r(scope));
        }
    }

    private Func<CelScope, object?> Sum()
    {
        var left = Product();
        while (true)
        {
            var operation = Take("+") ? '+' : Take("-") ? '-' : '\0';
            if (operation == '\0')
            {
                return left;
            }

            var (l, r) = (left, Product());
            left = scope => CelValues.Calculate(operation, l(scope), r(scope));
        }
    }

    private Func<CelScope, object?> Product()
    {
        var left = Unary();
        while (true)
        {
            var operation = Take("*") ? '*' : Take("/") ? '/' : Take("%") ? '%' : '\0';
            if (operation == '\0')
            {
                return left;
            }

            var (l, r) = (left, Unary());
            left = scope => CelValues.Calculate(operation, l(scope), r(scope));
        }
    }

    private Func<CelScope, object?> Unary()
    {
        if (Take("!", notBefore: '='))
        {
            var operand = Unary();
            return scope => !CelValues.Truth(operand(scope));
        }

        if (Take("-"))
        {
            var operand = Unary();
            return scope => CelValues.Calculate('-', 0d, operand(scope));
        }

        return Member();
    }

    private Func<CelScope, object?> Member()
    {
        var value = Primary();
        while (true)
        {
            if (Take("."))
            {
                var name = Identifier();
                var subject = value;
                if (Take("("))
                {
                    var arguments = Arguments(")");
                    value = Method(name, subject, arguments);
                }
                else
                {
                    value = scope => CelValues.Field(subject(scope), name);
                }
            }
            else if (Take("["))
            {
                var (subject, index) = (value, Ternary());
                Expect("]");
                value = scope => CelValues.Index(subject(scope), index(scope));
            }
            else
            {
                return value;
            }
        }
    }

    private Func<CelScope, object?> Method(string name, Func<CelScope, object?> subject, List<Func<CelScope, object?>> arguments)
    {
        if (name is not ("startsWith" or "endsWith" or "contains" or "matches" or "size"))
        {
            throw Fault($"unknown function \"{name}\"; known are startsWith, endsWith, contains, matches, size");
        }

        if (arguments.Count != (name == "size" ? 0 : 1))
        {
            throw Fault($"wrong number of arguments for \"{name}\"");
        }

        return name == "size" ? scope => CelValues.Size(subject(scope)) : scope => CelValues.TextTest(name, subject(scope), arguments[0](scope));
    }

    private Func<CelScope, object?> Primary()
    {
        Space();
        if (_at == text.Length)
        {
            throw Fault("the expression ends too early");
        }

        if (Take("("))
        {
            var inner = Ternary();
            Expect(")");
            return inner;
        }

        if (Take("["))
        {
            var items = Arguments("]");
            return scope => items.Select(item => item(scope)).ToList();
        }

        if (text[_at] is '"' or '\'')
        {
            var literal = Text();
            return _ => literal;
        }

        if (char.IsAsciiDigit(text[_at]))
        {
            var number = Number();
            return _ => number;
        }

        return Name();
    }

    private Func<CelScope, object?> Name()
    {
        var start = _at;
        var name = Identifier();
        switch (name)
        {
            case "true":
                return _ => true;
            case "false":
                return _ => false;
            case "null":
                return _ => null;
            case "event":
                return scope => scope.Event;
            case "has" when Take("("):
                var member = Member();
                Expect(")");
                return scope => CelValues.Exists(() => member(scope));
            case "size" when Take("("):
                var subject = Ternary();
                Expect(")");
                return scope => CelValues.Size(subject(scope));
            default:
                _at = start;
                throw Fault($"unknown name \"{name}\"; the message is \"event\"");
        }
    }

    private List<Func<CelScope, object?>> Arguments(string end)
    {
        var arguments = new List<Func<CelScope, object?>>();
        if (Take(end))
        {
            return arguments;
        }

        do
        {
            arguments.Add(Ternary());
        }
        while (Take(","));
        Expect(end);
        return arguments;
    }

    private string Text()
    {
        var quote = text[_at++];
        var start = _at;
        while (_at < text.Length && text[_at] != quote)
        {
            _at += text[_at] == '\\' ? 2 : 1;
        }

        if (_at >= text.Length)
        {
            _at = start - 1;
            throw Fault("a text is not closed");
        }

        return System.Text.RegularExpressions.Regex.Unescape(text[start.._at++]);
    }

    private double Number()
    {
        var start = _at;
        while (_at < text.Length && (char.IsAsciiDigit(text[_at]) || text[_at] == '.'))
        {
            _at++;
        }

        return double.Parse(text.AsSpan(start, _at - start), CultureInfo.InvariantCulture);
    }

    private string Identifier()
    {
        Space();
        var start = _at;
        while (_at < text.Length && (char.IsAsciiLetterOrDigit(text[_at]) || text[_at] == '_'))
        {
            _at++;
        }

        return _at > start ? text[start.._at] : throw Fault("a name is expected");
    }

    private bool Take(string token, char notBefore = '\0')
    {
        Space();
        if (string.CompareOrdinal(text, _at, token, 0, token.Length) != 0 || (notBefore != '\0' && _at + 1 < text.Length && text[_at + 1] == notBefore))
        {
            return false;
        }

        _at += token.Length;
        return true;
    }

    private bool TakeWord(string word)
    {
        Space();
        var end = _at + word.Length;
        return (end >= text.Length || !char.IsAsciiLetterOrDigit(text[end])) && Take(word);
    }

    private void Expect(string token)
    {
        if (!Take(token))
        {
            throw Fault($"\"{token}\" is expected");
        }
    }

    private void Space()
    {
        while (_at < text.Length && char.IsWhiteSpace(text[_at]))
        {
            _at++;
        }
    }

    private CelException Fault(string what) => new($"rule \"{text}\", position {_at + 1}: {what}");
}
