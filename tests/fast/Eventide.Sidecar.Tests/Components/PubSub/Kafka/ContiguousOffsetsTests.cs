using CsCheck;
using Eventide.Sidecar.Components.PubSub.Kafka;

namespace Eventide.Sidecar.Tests.Components.PubSub.Kafka;

/// <summary>What is acknowledged of a partition whose handlers end in any order.</summary>
public sealed class ContiguousOffsetsTests
{
    [Fact]
    public void Never_more_than_what_was_handled_without_a_gap_and_in_the_end_all() =>
        Gen.Int[1, 3].Array[1, 20].SelectMany(steps => Gen.Shuffle(Enumerable.Range(0, steps.Length).ToArray()).Select(order => (steps, order))).Sample(run =>
        {
            var (handled, offset) = (new ContiguousOffsets(), 0L);
            var offsets = run.steps.Select(step => offset += step).ToArray();
            var entries = Array.ConvertAll(offsets, handled.Begin);
            var done = new bool[offsets.Length];
            var taken = 0;
            foreach (var index in run.order)
            {
                handled.Done(entries[index]);
                done[index] = true;
                var without = done.TakeWhile(isDone => isDone).Count();
                Assert.Equal(without > taken, handled.TryTake(out var next));
                Assert.Equal(without == 0 ? -1 : offsets[without - 1] + 1, next);
                taken = without;
            }

            Assert.Equal(offsets.Length, taken);
        });
}
