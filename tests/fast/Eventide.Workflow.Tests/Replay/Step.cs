using CsCheck;
using Dapr.Workflow;

namespace Eventide.Workflow.Tests.Replay;

/// <summary>A random workflow as data, which one workflow interprets: every durable call, in sequence, in parallel and in races.</summary>
internal abstract record Step
{
    /// <summary>Steps of all kinds, nested up to <paramref name="depth"/> deep.</summary>
    public static Gen<Step> Generate(int depth)
    {
        var leaf = Gen.OneOf<Step>(
            Gen.Select(Gen.Int[0, 9], Gen.Int[0, 3], (value, failures) => (Step)new Activity(value, failures)),
            Gen.Int[1, 100].Select(seconds => (Step)new Timer(seconds)),
            Gen.Int[0, 2].Select(name => (Step)new Event(name)),
            Gen.Select(Gen.Int[0, 2], Gen.Int[1, 100], (name, seconds) => (Step)new TimedEvent(name, seconds)),
            Gen.Int[0, 9].Select(value => (Step)new Send(value)),
            Gen.Const((Step)new Identifier()),
            Gen.Int[0, 3].Select(patch => (Step)new Patch(patch)));
        if (depth == 0)
            return leaf;

        var inner = Generate(depth - 1);
        return Gen.Frequency(
            (4, leaf),
            (1, inner.List[0, 4].Select(steps => (Step)new Sequence(steps))),
            (1, inner.List[0, 4].Select(steps => (Step)new Parallel(steps))),
            (1, inner.List[1, 3].Select(steps => (Step)new Race(steps))),
            (1, Gen.Select(Gen.Int[0, 9], Gen.Bool, (value, fails) => (Step)new Child(value, fails))));
    }

    /// <summary>Runs the step; the text says all that it came to see.</summary>
    public abstract Task<string> RunAsync(WorkflowContext context);

    public sealed record Activity(int Value, int Failures) : Step
    {
        public override async Task<string> RunAsync(WorkflowContext context)
        {
            var options = Value % 2 == 0 ? new WorkflowTaskOptions(new WorkflowRetryPolicy(3, TimeSpan.FromSeconds(1))) : null;
            try
            {
                return "a" + await context.CallActivityAsync<string>("A", $"{Value}:{Failures}", options);
            }
            catch (WorkflowTaskFailedException exception)
            {
                return "!" + exception.FailureDetails.ErrorMessage;
            }
        }
    }

    public sealed record Timer(int Seconds) : Step
    {
        public override async Task<string> RunAsync(WorkflowContext context)
        {
            await context.CreateTimer(TimeSpan.FromSeconds(Seconds));
            return "t";
        }
    }

    public sealed record Event(int Name) : Step
    {
        public override async Task<string> RunAsync(WorkflowContext context) => "e" + await context.WaitForExternalEventAsync<int>($"event{Name}");
    }

    public sealed record TimedEvent(int Name, int Seconds) : Step
    {
        public override async Task<string> RunAsync(WorkflowContext context)
        {
            try
            {
                return "E" + await context.WaitForExternalEventAsync<int>($"EVENT{Name}", TimeSpan.FromSeconds(Seconds));
            }
            catch (TaskCanceledException)
            {
                return "T";
            }
        }
    }

    public sealed record Send(int Value) : Step
    {
        public override Task<string> RunAsync(WorkflowContext context)
        {
            context.SendEvent("elsewhere", "sent", Value);
            return Task.FromResult("s");
        }
    }

    public sealed record Identifier : Step
    {
        public override Task<string> RunAsync(WorkflowContext context) => Task.FromResult(context.NewGuid().ToString("N")[..4]);
    }

    public sealed record Patch(int Name) : Step
    {
        public override async Task<string> RunAsync(WorkflowContext context) =>
            context.IsPatched($"patch{Name}") ? "p" + await context.CallActivityAsync<string>("Patched", "0:0") : "-";
    }

    public sealed record Child(int Value, bool Fails) : Step
    {
        public override async Task<string> RunAsync(WorkflowContext context)
        {
            try
            {
                return "c" + await context.CallChildWorkflowAsync<int>(Fails ? "FailingChild" : "Child", Value);
            }
            catch (WorkflowTaskFailedException)
            {
                return "C";
            }
        }
    }

    public sealed record Sequence(List<Step> Steps) : Step
    {
        public override async Task<string> RunAsync(WorkflowContext context)
        {
            var text = "";
            foreach (var step in Steps)
                text += await step.RunAsync(context);

            return $"({text})";
        }
    }

    public sealed record Parallel(List<Step> Steps) : Step
    {
        public override async Task<string> RunAsync(WorkflowContext context) =>
            $"[{string.Join(',', await Task.WhenAll(Steps.Select(step => step.RunAsync(context))))}]";
    }

    public sealed record Race(List<Step> Steps) : Step
    {
        public override async Task<string> RunAsync(WorkflowContext context)
        {
            var runners = Steps.Select(step => step.RunAsync(context)).ToList();
            var first = await Task.WhenAny(runners);
            return $"<{runners.IndexOf(first)}{await first}>";
        }
    }
}
