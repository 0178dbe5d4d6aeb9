namespace Eventide.Sidecar.Expressions;

/// <summary>Recursive descent over the precedence levels of CEL (cel-spec, syntax); refuses what can never have a value. One use per instance.</summary>
internal sealed class CelParser
{
    /// <summary>A rule comes from an app: without a bound, a few thousand brackets would end the process by its stack.</summary>
    private const int MaxDepth = 100;

    private readonly CelTokenizer _tokens;
    private readonly CelEnvironment _environment;
    private CelToken _next;
    private int _depth;

    public CelParser(string text, CelEnvironment environment)
    {
        (_tokens, _environment) = (new CelTokenizer(text), environment);
        _next = _tokens.Next();
    }

    /// <summary>Parses the whole text, which must be true or false. Throws <see cref="CelException"/>.</summary>
    public CelNode ParseCondition()
    {
        var root = Expression();
        if (_next.Kind != CelTokenKind.End)
        {
            throw Fault(_next, $"unexpected {Shown(_next)}");
        }

        return root.Type is CelType.Bool or CelType.Dyn ? root : throw _tokens.Fault(0, $"the result is a {root.Type.Name()}, not true or false");
    }

    private static string Shown(CelToken token) => token.Kind == CelTokenKind.End ? "end" : $"\"{token.Text}\"";

    private CelNode Expression()
    {
        if (++_depth > MaxDepth)
        {
            throw Fault(_next, $"more than {MaxDepth} levels of brackets");
        }

        var start = _next;
        var result = Or();
        if (TryTake("?", out _))
        {
            Require(CelType.Bool, result, start, "the condition before ?");
            var whenTrue = Or();
            Take(":");
            result = new ConditionalNode(result, whenTrue, Expression());
        }

        _depth--;
        return result;
    }

    private CelNode Or() => Logic("||", decisive: true, And);

    private CelNode And() => Logic("&&", decisive: false, Relation);

    private CelNode Logic(string symbol, bool decisive, Func<CelNode> operand)
    {
        var start = _next;
        var left = operand();
        while (TryTake(symbol, out _))
        {
            Require(CelType.Bool, left, start, $"the left side of {symbol}");
            start = _next;
            var right = operand();
            Require(CelType.Bool, right, start, $"the right side of {symbol}");
            left = new LogicNode(left, right, decisive);
        }

        return left;
    }

    private CelNode Relation()
    {
        var left = Sum();
        while (_next is { Kind: CelTokenKind.Symbol, Text: "==" or "!=" or "<" or "<=" or ">" or ">=" } or { Kind: CelTokenKind.Name, Text: "in" })
        {
            left = Binary(left, Advance(), Sum());
        }

        return left;
    }

    private CelNode Sum()
    {
        var left = Product();
        while (_next is { Kind: CelTokenKind.Symbol, Text: "+" or "-" })
        {
            left = Binary(left, Advance(), Product());
        }

        return left;
    }

    private CelNode Product()
    {
        var left = Unary();
        while (_next is { Kind: CelTokenKind.Symbol, Text: "*" or "/" or "%" })
        {
            left = Binary(left, Advance(), Unary());
        }

        return left;
    }

    private CelNode Binary(CelNode left, CelToken operation, CelNode right)
    {
        if (!CelOperators.Accepts(operation.Text, left.Type, right.Type))
        {
            throw Fault(operation, $"no such overload: {left.Type.Name()} {operation.Text} {right.Type.Name()}");
        }

        var node = new OperationNode(
            CelOperators.ResultOf(operation.Text, left.Type, right.Type), [left, right], CelOperators.Find(operation.Text));
        if (operation.Text != "==")
        {
            return node;
        }

        return (left, right) switch
        {
            (_, LiteralNode { Type: CelType.String } text) when VariableFields.Of(left) is { } fields => new FieldEqualsTextNode(fields, text.Value.Text, node),
            (LiteralNode { Type: CelType.String } text, _) when VariableFields.Of(right) is { } fields => new FieldEqualsTextNode(fields, text.Value.Text, node),
            _ => node,
        };
    }

    private CelNode Unary()
    {
        if (_next.Is("!"))
        {
            Advance();
            var start = _next;
            var operand = Nested(Unary);
            Require(CelType.Bool, operand, start, "what follows !");
            return new NotNode(operand);
        }

        if (!_next.Is("-"))
        {
            return Member();
        }

        var minus = Advance();
        if (_next.Kind is CelTokenKind.Int && _next.Int == long.MinValue)
        {
            return new LiteralNode(CelValue.Of(Advance().Int));
        }

        var value = Nested(Unary);
        return value.Type is CelType.Int or CelType.Double or CelType.Dyn
            ? new OperationNode(value.Type, [value], CelOperators.Negate)
            : throw Fault(minus, $"no such overload: -{value.Type.Name()}");
    }

    private CelNode Nested(Func<CelNode> parse)
    {
        if (++_depth > MaxDepth)
        {
            throw Fault(_next, $"more than {MaxDepth} levels of operators");
        }

        var result = parse();
        _depth--;
        return result;
    }

    private CelNode Member()
    {
        var value = Primary();
        while (true)
        {
            if (TryTake(".", out _))
            {
                var name = _next.Kind == CelTokenKind.Name ? Advance() : throw Fault(_next, $"a name is expected, not {Shown(_next)}");
                value = TryTake("(", out _) ? Method(value, name, Items(")")) : Field(value, name);
            }
            else if (TryTake("[", out var bracket))
            {
                var index = Expression();
                Take("]");
                value = value.Type is CelType.Dyn or CelType.List or CelType.Map
                    ? new IndexNode(value, index)
                    : throw Fault(bracket, $"a {value.Type.Name()} has no members");
            }
            else
            {
                return value;
            }
        }
    }

    private FieldNode Field(CelNode subject, CelToken name) => subject.Type is CelType.Dyn or CelType.Map
        ? new FieldNode(subject, name.Text)
        : throw Fault(name, $"a {subject.Type.Name()} has no fields");

    private CelNode Method(CelNode subject, CelToken name, CelNode[] arguments)
    {
        if (name.Text == "size")
        {
            return Size(name, [subject, .. arguments]);
        }

        if (name.Text is not ("startsWith" or "endsWith" or "contains" or "matches"))
        {
            throw Fault(name, $"unknown function \"{name.Text}\"; known are startsWith, endsWith, contains, matches, size, has");
        }

        if (arguments is not [var argument] || argument.Type is not (CelType.String or CelType.Dyn) || subject.Type is not (CelType.String or CelType.Dyn))
        {
            throw Fault(name, $"{name.Text} is used as text.{name.Text}(text)");
        }

        if (name.Text != "matches" || argument is not LiteralNode literal)
        {
            return new OperationNode(CelType.Bool, [subject, argument], CelOperators.TextTest(name.Text));
        }

        return CelOperators.TryPattern(literal.Value.Text, out var pattern, out var fault) ? new MatchesNode(subject, pattern!) : throw Fault(name, fault!);
    }

    private OperationNode Size(CelToken name, CelNode[] arguments) =>
        arguments is [{ Type: CelType.Dyn or CelType.String or CelType.List or CelType.Map }]
            ? new OperationNode(CelType.Int, arguments, CelOperators.Size)
            : throw Fault(name, "size takes one text, list or map");

    private CelNode Primary()
    {
        var token = Advance();
        switch (token.Kind)
        {
            case CelTokenKind.Int when token.Int == long.MinValue:
                throw Fault(token, "the number is not a 64-bit whole number");
            case CelTokenKind.Int:
                return new LiteralNode(CelValue.Of(token.Int));
            case CelTokenKind.Double:
                return new LiteralNode(CelValue.Of(token.Double));
            case CelTokenKind.String:
                return new LiteralNode(CelValue.Of(token.Text));
            case CelTokenKind.Name:
                return Named(token);
            case CelTokenKind.Symbol when token.Text == "(":
                var inner = Expression();
                Take(")");
                return inner;
            case CelTokenKind.Symbol when token.Text == "[":
                return new ListNode(Items("]"));
            case CelTokenKind.Symbol when token.Text == "{":
                return new MapNode(Entries());
            case CelTokenKind.End:
                throw Fault(token, "the expression ends too early");
            default:
                throw Fault(token, $"unexpected {Shown(token)}");
        }
    }

    private CelNode Named(CelToken name)
    {
        switch (name.Text)
        {
            case "true":
                return new LiteralNode(CelValue.True);
            case "false":
                return new LiteralNode(CelValue.False);
            case "null":
                return new LiteralNode(CelValue.Null);
            case "has" when TryTake("(", out _):
                return Items(")") is [FieldNode field] ? new HasNode(field) : throw Fault(name, "has is used as has(a.b)");
            case "size" when TryTake("(", out _):
                return Size(name, Items(")"));
        }

        if (_environment.TryFind(name.Text, out var index, out var type))
        {
            return new VariableNode(index, type);
        }

        throw Fault(name, _next.Is("(")
            ? $"unknown function \"{name.Text}\"; known are startsWith, endsWith, contains, matches, size, has"
            : $"unknown name \"{name.Text}\"; known: {_environment.Names}");
    }

    private CelNode[] Items(string end)
    {
        var items = new List<CelNode>();
        while (!_next.Is(end))
        {
            items.Add(Expression());
            if (!TryTake(",", out _))
            {
                break;
            }
        }

        Take(end);
        return [.. items];
    }

    private (CelNode Key, CelNode Value)[] Entries()
    {
        var entries = new List<(CelNode, CelNode)>();
        while (!_next.Is("}"))
        {
            var key = Expression();
            Take(":");
            entries.Add((key, Expression()));
            if (!TryTake(",", out _))
            {
                break;
            }
        }

        Take("}");
        return [.. entries];
    }

    private void Require(CelType expected, CelNode node, CelToken start, string what)
    {
        if (node.Type != expected && node.Type != CelType.Dyn)
        {
            throw Fault(start, $"{what} is a {node.Type.Name()}, not true or false");
        }
    }

    private CelToken Advance()
    {
        var token = _next;
        _next = _tokens.Next();
        return token;
    }

    private bool TryTake(string symbol, out CelToken token)
    {
        token = _next;
        if (!_next.Is(symbol))
        {
            return false;
        }

        Advance();
        return true;
    }

    private void Take(string symbol)
    {
        if (!TryTake(symbol, out _))
        {
            throw Fault(_next, $"\"{symbol}\" is expected, not {Shown(_next)}");
        }
    }

    private CelException Fault(CelToken at, string what) => _tokens.Fault(at.Position, what);
}
