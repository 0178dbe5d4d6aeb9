using Eventide.Sidecar.Components.PubSub.RabbitMq;

namespace Eventide.Sidecar.Tests.Components.PubSub;

/// <summary>Which message a confirmation of RabbitMQ is for.</summary>
public sealed class ConfirmWindowTests
{
    private readonly ConfirmWindow _window = new();

    [Fact]
    public void An_answer_to_one_message_leaves_the_others_waiting()
    {
        var messages = Next(3);

        _window.Answer(2, multiple: false, null);

        Assert.Equal([false, true, false], messages.Select(message => message.IsCompletedSuccessfully));
    }

    [Fact]
    public async Task An_answer_to_all_up_to_a_message_is_none_to_those_that_were_answered_before_or_come_after()
    {
        var messages = Next(5);

        _window.Answer(2, multiple: false, new InvalidOperationException("full"));
        _window.Answer(4, multiple: true, null);
        _window.Answer(3, multiple: true, new InvalidOperationException("late"));

        Assert.Equal("full", (await Assert.ThrowsAsync<InvalidOperationException>(() => messages[1])).Message);
        Assert.Equal([true, false, true, true, false], messages.Select(message => message.IsCompletedSuccessfully));
        _window.Answer(5, multiple: true, null);
        await messages[4];
    }

    [Fact]
    public async Task The_end_of_the_channel_fails_what_waits_and_what_comes_after_it()
    {
        var before = Next(2);
        _window.Answer(1, multiple: false, null);

        _window.End(new InvalidOperationException("lost"));
        var after = Next(1)[0];

        await before[0];
        await Assert.ThrowsAsync<InvalidOperationException>(() => before[1]);
        await Assert.ThrowsAsync<InvalidOperationException>(() => after);
    }

    [Fact]
    public async Task What_was_given_up_is_still_counted()
    {
        var given = Next(2);
        _window.GiveUp(new InvalidOperationException("blocked"));
        var next = Next(1)[0];

        _window.Answer(2, multiple: true, null);
        Assert.False(next.IsCompleted);
        _window.Answer(3, multiple: false, null);

        await next;
        await Assert.ThrowsAsync<InvalidOperationException>(() => given[0]);
    }

    private Task[] Next(int count) => [.. Enumerable.Range(0, count).Select(_ => _window.Next())];
}
