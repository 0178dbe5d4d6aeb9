using System.Text.Json;
using CsCheck;
using Eventide.Sidecar.Expressions;

namespace Eventide.Sidecar.Tests.Expressions;

public sealed class CelExpressionTests
{
    private static readonly JsonElement Message = JsonDocument.Parse(
        """
        {"type":"order.v1","subject":"größe","data":{"total":120,"tags":["a","b"],"name":"Ada","paid":true,"none":null,"lines":[{"sku":"x","q":2}],"ü":1,"esc":"q\"\u0041"}}
        """).RootElement;

    private static readonly string[] Words =
    [
        "event", ".", "type", "==", "&&", "||", "!", "(", ")", "[", "]", "'a'", "1", "1.5", "in", "has", "size", "?", ":", "{", "}", ",", "-", "%", "matches",
    ];

    [Theory]
    [InlineData("event.type == \"order.v1\"", true)]
    [InlineData("\"order.v1\" == event.type", true)]
    [InlineData("event.type != 'order.v1'", false)]
    [InlineData("event.data.name == 'Bob'", false)]
    [InlineData("event.data.total == 'Bob'", false)]
    [InlineData("event.data.esc == 'q\"A'", true)]
    [InlineData("event.data.total > 100 && event.data.total <= 120", true)]
    [InlineData("event.data.total == 120", true)]
    [InlineData("event.data.total == 120.0", true)]
    [InlineData("120 == event.data.total", true)]
    [InlineData("event.data.none == null", true)]
    [InlineData("event.data.name == null", false)]
    [InlineData("!event.data.paid", false)]
    [InlineData("!!event.data.paid", true)]
    [InlineData("has(event.data.total)", true)]
    [InlineData("has(event.data.missing)", false)]
    [InlineData("has(event.data.missing) && event.data.missing > 1", false)]
    [InlineData("event.type in ['x', 'order.v1']", true)]
    [InlineData("event.type in {'order.v1': 1}", true)]
    [InlineData("'b' in event.data.tags", true)]
    [InlineData("'c' in event.data.tags", false)]
    [InlineData("'name' in event.data", true)]
    [InlineData("event.data.tags == ['a', 'b']", true)]
    [InlineData("event.data.tags + ['c'] == ['a', 'b', 'c']", true)]
    [InlineData("event.data.tags[0] == \"a\"", true)]
    [InlineData("event.data.lines[0].sku == 'x'", true)]
    [InlineData("event.data.lines[0] == {'q': 2, 'sku': 'x'}", true)]
    [InlineData("event['type'] == 'order.v1'", true)]
    [InlineData("event.data['ü'] == 1", true)]
    [InlineData("size(event.data.tags) == 2", true)]
    [InlineData("event.subject.size() == 5", true)]
    [InlineData("size(event.data.lines[0]) == 2", true)]
    [InlineData("size('😀') == 1", true)]
    [InlineData("event.type.startsWith(\"order\") && event.data.name.endsWith('a')", true)]
    [InlineData("event.subject.contains('öß')", true)]
    [InlineData("event.type.matches('^order[.]v[0-9]+$')", true)]
    [InlineData(@"event.type.matches(r'^order\.v\d$')", true)]
    [InlineData("event.data.name.matches('^' + 'A')", true)]
    [InlineData("event.data.total * 2.0 + 1.0 == 241.0", true)]
    [InlineData("7 / 2 == 3 && 7 % 2 == 1 && -7 / 2 == -3 && 1 + 2 * 3 == 7 && (1 + 2) * 3 == 9", true)]
    [InlineData("7.0 / 2.0 == 3.5 && 1e3 == 1000.0 && 0x1F == 31", true)]
    [InlineData("10 - 2 - 3 == 5", true)]
    [InlineData("-9223372036854775808 < 9223372036854775807", true)]
    [InlineData("'a' < 'b' && false < true", true)]
    [InlineData("(event.data.total > 1 ? 'big' : 'small') == 'big'", true)]
    [InlineData("event.data.paid ? event.data.total > 1 : event.data.missing", true)]
    [InlineData("'\\u0041\\x42\\103\\t' == 'ABC\t'", true)]
    [InlineData("'''it's''' == \"it's\"", true)]
    [InlineData("event.data.total >= 100 // big ones\n && true", true)]
    public void A_rule_is_true_or_false_of_a_message(string rule, bool expected) => Assert.Equal(expected, CelExpression.Compile(rule).Matches(Message));

    [Theory]
    [InlineData("event.data.missing || event.data.paid")]
    [InlineData("event.data.paid || event.data.missing")]
    [InlineData("!(event.data.missing && false)")]
    [InlineData("!(false && event.data.missing)")]
    [InlineData("event.data.missing == 'x' || event.type == 'order.v1'")]
    public void The_side_that_decides_wins_over_a_fault_on_the_other(string rule) => Assert.True(CelExpression.Compile(rule).Matches(Message));

    [Theory]
    [InlineData("event.data.missing == 1", "no such key: missing")]
    [InlineData("event.missing == 'x'", "no such key: missing")]
    [InlineData("event.type.x == 'x'", "a string has no field x")]
    [InlineData("has(event.missing.x)", "no such key: missing")]
    [InlineData("event.data.missing || event.data.none == 1", "no such key: missing")]
    [InlineData("event.data.tags[2] == 'x'", "index out of bounds: 2")]
    [InlineData("event.data.total * 2 == 240", "double * int; numbers of a message are doubles, so write 2.0")]
    [InlineData("event.data.name > 1", "string > int")]
    [InlineData("event.data.name && true", "neither true nor false")]
    [InlineData("event.data.total.startsWith('1')", "double.startsWith(string)")]
    [InlineData("1 / 0 == 1", "division by zero")]
    [InlineData("9223372036854775807 + 1 == 0", "integer overflow")]
    [InlineData("event.data.name", "is a string, not true or false")]
    [InlineData("event.data.name.matches('(' + event.data.name)", "the pattern cannot be read")]
    public void A_rule_without_a_value_is_a_fault_that_names_the_rule(string rule, string expected)
    {
        var failure = Assert.Throws<CelException>(() => CelExpression.Compile(rule).Matches(Message));
        Assert.Contains(expected, failure.Message);
        Assert.Contains(rule, failure.Message);
    }

    [Theory]
    [InlineData("event.type ==", "position 14: the expression ends too early")]
    [InlineData("event.type == \"x", "position 15: the text is not closed")]
    [InlineData("evnt.type == \"x\"", "position 1: unknown name \"evnt\"; known: event")]
    [InlineData("event.type.upper() == 'X'", "position 12: unknown function \"upper\"")]
    [InlineData("event.data.tags.exists(t, t == 'a')", "unknown name \"t\"")]
    [InlineData("int(event.data.total) == 1", "position 1: unknown function \"int\"")]
    [InlineData("event.type = 'x'", "position 12: unexpected character '='")]
    [InlineData("event.type == 'x' event", "position 19: unexpected \"event\"")]
    [InlineData("(event.type == 'x'", "position 19: \")\" is expected, not end")]
    [InlineData("event.type == 'x' && 'a' == 1", "position 26: no such overload: string == int")]
    [InlineData("1 + 1.0 == 2.0", "position 3: no such overload: int + double")]
    [InlineData("'a' && true", "position 1: the left side of && is a string")]
    [InlineData("true || 1", "position 9: the right side of || is a int")]
    [InlineData("!1", "position 2: what follows ! is a int")]
    [InlineData("-'a' == 'b'", "position 1: no such overload: -string")]
    [InlineData("'a' + 'b'", "the result is a string, not true or false")]
    [InlineData("has(event)", "position 1: has is used as has(a.b)")]
    [InlineData("size(1) == 1", "position 1: size takes one text, list or map")]
    [InlineData("event.type.matches('(') ", "position 12: the pattern cannot be read")]
    [InlineData("event.type == '\\q'", "position 16: unknown escape")]
    [InlineData("1u == 1", "position 2: unsigned numbers are not known here")]
    [InlineData("9223372036854775808 == 1", "position 1: the number is not a 64-bit whole number")]
    [InlineData("", "position 1: the expression ends too early")]
    public void A_rule_that_cannot_be_read_is_refused_with_its_position(string rule, string expected)
    {
        var failure = Assert.Throws<CelException>(() => CelExpression.Compile(rule));
        Assert.Contains(expected, failure.Message);
        Assert.StartsWith($"rule \"{rule}\", position ", failure.Message);
    }

    [Theory]
    [InlineData("(")]
    [InlineData("!")]
    [InlineData("-")]
    [InlineData("[")]
    public void A_rule_with_thousands_of_levels_is_refused_and_the_process_lives(string opening) =>
        Assert.Contains("more than 100 levels", Assert.Throws<CelException>(() => CelExpression.Compile(string.Concat(Enumerable.Repeat(opening, 50_000)))).Message);

    [Fact]
    public void Variables_of_other_environments_are_passed_in_order()
    {
        var rule = CelExpression.Compile("failures >= 3 && requests > failures", new CelEnvironment(("requests", CelType.Int), ("failures", CelType.Int)));
        Assert.True(rule.Matches([CelValue.Of(5L), CelValue.Of(3L)]));
        Assert.False(rule.Matches([CelValue.Of(3L), CelValue.Of(3L)]));
    }

    [Fact]
    public void Any_text_either_compiles_or_is_refused_with_a_position() => Gen.OneOf(
            Gen.String,
            Gen.Int[0, Words.Length - 1].Array[0, 12].Select(words => string.Join(' ', words.Select(index => Words[index]))))
        .Sample(text =>
        {
            try
            {
                CelExpression.Compile(text).Matches(Message);
            }
            catch (CelException failure)
            {
                Assert.StartsWith("rule \"", failure.Message);
            }
        });

    [Fact]
    public void Arithmetic_agrees_with_the_machine() => Gen.Select(Gen.Long[-1_000_000, 1_000_000], Gen.Long[-1_000_000, 1_000_000].Where(b => b != 0)).Sample((a, b) =>
    {
        var rule = $"({a}) + ({b}) == {a + b} && ({a}) * ({b}) == {a * b} && ({a}) / ({b}) == {a / b} && ({a}) % ({b}) == {a % b} && (({a}) < ({b})) == {(a < b ? "true" : "false")}";
        Assert.True(CelExpression.Compile(rule).Matches(Message), rule);
    });
}
