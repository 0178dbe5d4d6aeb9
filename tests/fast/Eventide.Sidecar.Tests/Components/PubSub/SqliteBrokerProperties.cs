using System.Globalization;
using System.Text;
using CsCheck;
using Eventide.Sidecar.Components.PubSub;
using Eventide.Sidecar.Components.PubSub.Sqlite;
using Eventide.Sidecar.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace Eventide.Sidecar.Tests.Components.PubSub;

/// <summary>
/// What the embedded broker promises, whatever happens: every message reaches every group at least once, the messages of one key in order, and nothing that
/// was acknowledged comes again after a clean restart. A failing case prints its seed.
/// </summary>
public sealed class SqliteBrokerProperties
{
    private static readonly Gen<Step> Steps = Gen.Frequency(
        (8, Gen.Select(Gen.Int[-1, 3], Gen.Int[0, 2], Gen.Int[1, 6], Step (key, failures, count) => new Publish(key, failures, count))),
        (3, Gen.Int[0, 1].Select(Step (group) => new Join(group))),
        (3, Gen.Int[0, 1].Select(Step (group) => new Leave(group))),
        (1, Gen.Const<Step>(new Restart(Clean: true))),
        (1, Gen.Const<Step>(new Restart(Clean: false))));

    [Fact]
    public async Task Every_group_gets_every_message_in_the_order_of_its_key_through_failures_and_restarts() =>
        await Steps.List[1, 40].SampleAsync(async steps =>
        {
            await using var world = new World();
            foreach (var step in steps)
            {
                await step.DoAsync(world);
            }

            await world.FinishAsync();
        }, iter: 40, threads: 1);

    private abstract record Step
    {
        public abstract Task DoAsync(World world);
    }

    private sealed record Publish(int Key, int Failures, int Count) : Step
    {
        public override Task DoAsync(World world) => world.PublishAsync(Key < 0 ? null : $"{Key}", Failures, Count);
    }

    private sealed record Join(int Group) : Step
    {
        public override Task DoAsync(World world) => world.JoinAsync(Group);
    }

    private sealed record Leave(int Group) : Step
    {
        public override Task DoAsync(World world) => world.LeaveAsync(Group);
    }

    private sealed record Restart(bool Clean) : Step
    {
        public override Task DoAsync(World world) => world.RestartAsync(Clean);
    }

    private sealed class World : IAsyncDisposable
    {
        private const string Topic = "t";

        // Short waits by the real clock: timers and workers race as they do in production.
        private static readonly SqliteBrokerOptions Options = new(
            "NORMAL", Concurrency: 3, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(4), TimeSpan.FromHours(1), 1_000_000, 1L << 40);

        private readonly Lock _lock = new();
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("eventide-broker-");
        private readonly List<(string? Key, int Failures)> _published = [];
        private readonly Group[] _groups = [new("a"), new("b")];
        private readonly List<string> _faults = [];
        private SqliteBroker _broker;
        private Life _life = new();
        private int _files;

        public World() => _broker = Open();

        public async Task PublishAsync(string? key, int failures, int count)
        {
            var messages = new List<PubSubMessage>();
            lock (_lock)
            {
                for (var i = 0; i < count; i++)
                {
                    messages.Add(new PubSubMessage(
                        Topic, Encoding.UTF8.GetBytes(_published.Count.ToString(CultureInfo.InvariantCulture)), null,
                        key is null ? new Dictionary<string, string>() : new Dictionary<string, string> { ["partitionKey"] = key }));
                    _published.Add((key, i == 0 ? failures : 0));
                }
            }

            await (count == 1 ? _broker.PublishAsync(messages[0]) : _broker.PublishManyAsync(messages));
        }

        public async Task JoinAsync(int group)
        {
            var (it, life) = (_groups[group], _life);
            it.Consumers.Add(await _broker.SubscribeAsync(Topic, it.Name, 1, async (message, _) =>
            {
                var number = int.Parse(message.Data.Span, CultureInfo.InvariantCulture);
                Begin(it, life, number);
                await Task.Yield();
                End(it, life, number);
            }));
        }

        public async Task LeaveAsync(int group)
        {
            if (_groups[group].Consumers is [var first, ..])
            {
                _groups[group].Consumers.RemoveAt(0);
                await first.DisposeAsync();
            }
        }

        public async Task RestartAsync(bool clean)
        {
            var old = (Broker: _broker, Consumers: _groups.SelectMany(group => group.Consumers).ToList());
            _groups[0].Consumers.Clear();
            _groups[1].Consumers.Clear();
            if (!clean)
            {
                // As after a loss of power: what is on disk now is all that is left, whatever the old process still does.
                lock (_lock)
                {
                    _life.IsOver = true;
                }

                var (from, to) = (File(_files), File(++_files));
                foreach (var suffix in new[] { "", "-wal" })
                {
                    System.IO.File.Copy(from + suffix, to + suffix);
                }
            }

            foreach (var consumer in old.Consumers)
            {
                await consumer.DisposeAsync();
            }

            await old.Broker.DisposeAsync();
            lock (_lock)
            {
                foreach (var group in _groups)
                {
                    // After a loss of power nobody knows which of the last acknowledgements were on disk; what an earlier clean stop wrote still is.
                    if (clean)
                    {
                        group.Final.UnionWith(group.DoneInThisLife);
                    }

                    group.DoneInThisLife.Clear();
                }
            }

            _life = new Life();
            _broker = Open();
        }

        public async Task FinishAsync()
        {
            await JoinAsync(0);
            await JoinAsync(1);
            await Wait.UntilAsync(() =>
            {
                lock (_lock)
                {
                    return _faults.Count > 0 || _groups.All(group => group.Done.Count == _published.Count);
                }
            });
            Assert.Empty(_faults);
            await Wait.UntilAsync(() => _groups.All(group => _broker.Lag(Topic, group.Name) == 0));
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var consumer in _groups.SelectMany(group => group.Consumers))
            {
                await consumer.DisposeAsync();
            }

            await _broker.DisposeAsync();
            _folder.Delete(recursive: true);
        }

        private SqliteBroker Open() => SqliteBroker.Open(File(_files), Options, TimeProvider.System, NullLogger.Instance);

        private string File(int number) => Path.Combine(_folder.FullName, $"broker{number}.db");

        private void Begin(Group group, Life life, int number)
        {
            lock (_lock)
            {
                ThrowIfOver(life);
                if (group.Final.Contains(number))
                {
                    _faults.Add($"group {group.Name} got {number} again, although an earlier clean stop had written its acknowledgement");
                }

                for (var earlier = 0; earlier < number && _published[number].Key is { } key; earlier++)
                {
                    if (_published[earlier].Key == key && !group.Done.Contains(earlier))
                    {
                        _faults.Add($"group {group.Name} got {number} of key {key} before {earlier}");
                    }
                }
            }
        }

        private void End(Group group, Life life, int number)
        {
            lock (_lock)
            {
                ThrowIfOver(life);
                var attempts = group.Attempts[number] = group.Attempts.GetValueOrDefault(number) + 1;
                if (attempts <= _published[number].Failures)
                {
                    throw new InvalidOperationException("not yet");
                }

                group.Done.Add(number);
                group.DoneInThisLife.Add(number);
            }
        }

        private static void ThrowIfOver(Life life)
        {
            if (life.IsOver)
            {
                throw new InvalidOperationException("this process is dead");
            }
        }

        private sealed class Life
        {
            public bool IsOver { get; set; }
        }

        private sealed class Group(string name)
        {
            public string Name => name;

            public List<IAsyncDisposable> Consumers { get; } = [];

            public HashSet<int> Done { get; } = [];

            public HashSet<int> DoneInThisLife { get; } = [];

            public HashSet<int> Final { get; } = [];

            public Dictionary<int, int> Attempts { get; } = [];
        }
    }
}
