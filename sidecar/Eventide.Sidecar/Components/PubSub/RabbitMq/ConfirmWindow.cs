namespace Eventide.Sidecar.Components.PubSub.RabbitMq;

/// <summary>
/// The messages of one channel that the broker has neither confirmed nor refused. The client can keep this itself, but writes a header of its own into every message
/// for it; Dapr's messages have none. Thread-safe, except that numbers are taken by one writer at a time.
/// </summary>
internal sealed class ConfirmWindow
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ulong, TaskCompletionSource> _waiting = [];
    private ulong _last;
    private ulong _lowest = 1;
    private Exception? _end;

    /// <summary>The broker counts the messages of a channel from 1; so does this. Completes with the broker's answer to the next message.</summary>
    public Task Next()
    {
        var confirmation = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            _last++;
            if (_end is not null)
            {
                Complete(confirmation, _end);
            }
            else
            {
                _waiting.Add(_last, confirmation);
            }
        }

        return confirmation.Task;
    }

    /// <summary>The broker's answer to one message, or to all up to it.</summary>
    /// <param name="refusal">Null: it has them.</param>
    public void Answer(ulong number, bool multiple, Exception? refusal)
    {
        lock (_lock)
        {
            for (var answered = multiple ? _lowest : number; answered <= number; answered++)
            {
                if (_waiting.Remove(answered, out var confirmation))
                {
                    Complete(confirmation, refusal);
                }
            }

            if (multiple && number >= _lowest)
            {
                _lowest = number + 1;
            }
        }
    }

    /// <summary>There will be no more answers.</summary>
    public void End(Exception reason)
    {
        lock (_lock)
        {
            _end ??= reason;
            FailAll_NeedsLock(reason);
        }
    }

    /// <summary>Nobody waits any longer for what is on its way; a late answer is of no interest.</summary>
    public void GiveUp(Exception reason)
    {
        lock (_lock)
        {
            FailAll_NeedsLock(reason);
        }
    }

    private static void Complete(TaskCompletionSource confirmation, Exception? refusal)
    {
        if (refusal is null)
        {
            confirmation.SetResult();
        }
        else
        {
            confirmation.SetException(refusal);
            _ = confirmation.Task.Exception;
        }
    }

    private void FailAll_NeedsLock(Exception reason)
    {
        foreach (var confirmation in _waiting.Values)
        {
            Complete(confirmation, reason);
        }

        _waiting.Clear();
    }
}
