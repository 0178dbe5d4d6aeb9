using System.Text.RegularExpressions;
using Eventide.Contracts;

namespace Eventide.Services.Tests;

public sealed class OrderIdTests
{
    [Fact]
    public void The_same_customer_and_key_mean_the_same_order() => Assert.Equal(OrderIds.Of("ada", "k"), OrderIds.Of("ada", "k"));

    [Fact]
    public void Where_the_customer_ends_and_the_key_begins_matters() => Assert.NotEqual(OrderIds.Of("ada", "bk"), OrderIds.Of("adab", "k"));

    [Fact]
    public void An_order_id_is_a_valid_workflow_id() => Assert.Matches(new Regex("^[A-Za-z0-9_-]{1,64}$"), OrderIds.Of("a customer / ü", "any key?"));

    [Fact]
    public void A_request_has_one_id_per_order_and_type() => Assert.Equal("o-1.refund-requested", OrderIds.Event(new RefundRequested("o-1")));

    [Fact]
    public void A_fact_has_one_id_per_version_of_the_order() => Assert.Equal("o-1.v7", OrderIds.Event(new OrderConfirmed("o-1", "ada", 7)));
}
