using System.Text.Json;
using Eventide.Sidecar.Expressions;

namespace Eventide.Sidecar.Tests.Expressions;

public sealed class CelExpressionTests
{
    private static readonly JsonElement Event = JsonDocument.Parse(
        """{"type":"order.v1","data":{"total":120,"tags":["a","b"],"name":"Ada","paid":true}}""").RootElement;

    [Theory]
    [InlineData("event.type == \"order.v1\"", true)]
    [InlineData("event.type != 'order.v1'", false)]
    [InlineData("event.data.total > 100 && event.data.total <= 120", true)]
    [InlineData("event.data.paid || event.data.missing", true)]
    [InlineData("!event.data.paid", false)]
    [InlineData("has(event.data.total)", true)]
    [InlineData("has(event.data.missing)", false)]
    [InlineData("event.type in ['x', 'order.v1']", true)]
    [InlineData("'b' in event.data.tags", true)]
    [InlineData("event.data.tags[0] == \"a\"", true)]
    [InlineData("size(event.data.tags) == 2", true)]
    [InlineData("event.type.startsWith(\"order\") && event.data.name.endsWith('a')", true)]
    [InlineData("event.type.matches('^order[.]v[0-9]+$')", true)]
    [InlineData("event.data.total * 2 + 1 == 241", true)]
    [InlineData("(event.data.total > 1 ? 'big' : 'small') == 'big'", true)]
    public void A_rule_is_true_or_false_of_an_event(string rule, bool expected) => Assert.Equal(expected, CelExpression.Compile(rule).Matches(Event));

    [Theory]
    [InlineData("event.type ==", "position 14")]
    [InlineData("event.type == \"x", "position 15")]
    [InlineData("evnt.type == \"x\"", "position 1: unknown name \"evnt\"")]
    [InlineData("event.type.upper() == 'X'", "unknown function \"upper\"")]
    public void A_rule_that_cannot_be_read_names_itself_and_the_position(string rule, string expected)
    {
        var failure = Assert.Throws<CelException>(() => CelExpression.Compile(rule));
        Assert.Contains(expected, failure.Message);
        Assert.Contains(rule, failure.Message);
    }
}
