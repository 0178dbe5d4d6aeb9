using Eventide.ServiceDefaults;
using Eventide.ServiceDefaults.State;

namespace Eventide.Services.Tests;

/// <summary>What many documents take that are changed together while others change some of them.</summary>
public sealed class DocumentStoreTests
{
    private static readonly string[] Keys = ["a", "b", "c"];
    private readonly ContestedState _state = new();
    private readonly DocumentStore _store;

    public DocumentStoreTests() => _store = new DocumentStore(_state, new ServiceIdentity("fleet"), TimeProvider.System, new Random(1));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Undisturbed_they_take_one_read_and_one_write()
    {
        var standing = await AddAsync("mine");

        Assert.Equal(["mine", "mine", "mine"], standing.Select(document => document.Text));
        Assert.Equal(["read a b c", "write a b c"], _state.Calls);
    }

    [Fact]
    public async Task One_that_somebody_else_changes_is_tried_again_without_writing_the_others_twice()
    {
        _state.Disturb("b", times: 1);

        var standing = await AddAsync("mine");

        Assert.Equal(["mine", "other mine", "mine"], standing.Select(document => document.Text));
        Assert.Equal(["read a b c", "write a b c", "read a b c", "write b"], _state.Calls);
        Assert.Equal("other mine", (await _store.GetAsync<Words>("b", Cancel))!.Text);
    }

    [Fact]
    public async Task One_that_everybody_wants_is_taken_alone_in_the_end()
    {
        _state.Disturb("b", times: 5);

        var standing = await AddAsync("mine");

        Assert.Equal(["mine", "other other other other other mine", "mine"], standing.Select(document => document.Text));
        Assert.Equal(4, _state.Calls.Count(call => call.StartsWith("write", StringComparison.Ordinal)));
        Assert.EndsWith(" mine", (await _store.GetAsync<Words>("b", Cancel))!.Text);
    }

    private Task<IReadOnlyList<Words>> AddAsync(string word) => _store.UpdateManyAsync<Words>(
        Keys, (_, current) => current is null ? new Words(word) : current.Text.Contains(word, StringComparison.Ordinal) ? current : new Words($"{current.Text} {word}"), Cancel);

    private sealed record Words(string Text);

    /// <summary>A store in memory in which somebody else is quicker now and then. For one caller at a time.</summary>
    private sealed class ContestedState : IStateAccess
    {
        private readonly Dictionary<string, (object Value, string ETag)> _documents = new(StringComparer.Ordinal);
        private readonly Dictionary<string, int> _disturbances = new(StringComparer.Ordinal);
        private int _etags;

        /// <summary>Calls for many documents.</summary>
        public List<string> Calls { get; } = [];

        /// <summary>The next writes of this key come too late.</summary>
        public void Disturb(string key, int times) => _disturbances[key] = times;

        public Task<Document<T>> ReadAsync<T>(string key, CancellationToken cancellationToken) where T : class => Task.FromResult(
            _documents.TryGetValue(key, out var found) ? new Document<T>(key, (T)found.Value, found.ETag) : Document<T>.Absent(key));

        public Task<bool> TryWriteAsync<T>(string key, T value, string etag, TimeSpan? timeToLive, CancellationToken cancellationToken) where T : class
        {
            if (_disturbances.GetValueOrDefault(key) > 0)
            {
                _disturbances[key]--;
                _documents[key] = (new Words(_documents.TryGetValue(key, out var before) ? $"{((Words)before.Value).Text} other" : "other"), $"{++_etags}");
            }

            var isTaken = (_documents.TryGetValue(key, out var found) ? found.ETag : "") == etag;
            if (isTaken)
            {
                _documents[key] = (value, $"{++_etags}");
            }

            return Task.FromResult(isTaken);
        }

        public async Task<IReadOnlyList<Document<T>>> ReadDocumentsAsync<T>(IReadOnlyList<string> keys, CancellationToken cancellationToken) where T : class
        {
            Calls.Add($"read {string.Join(' ', keys)}");
            return await Task.WhenAll(keys.Select(key => ReadAsync<T>(key, cancellationToken)));
        }

        public async Task<bool> TryWriteManyAsync<T>(IReadOnlyList<Document<T>> documents, CancellationToken cancellationToken) where T : class
        {
            Calls.Add($"write {string.Join(' ', documents.Select(document => document.Key))}");
            return (await Task.WhenAll(documents.Select(document => TryWriteAsync(document.Key, document.Value!, document.ETag, null, cancellationToken)))).All(isTaken => isTaken);
        }

        public Task<bool> TryDeleteAsync(string key, string etag, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyDictionary<string, T>> ReadManyAsync<T>(IReadOnlyList<string> keys, CancellationToken cancellationToken) where T : class => throw new NotSupportedException();

        public Task<bool> TryInsertAsync<T>(IReadOnlyList<KeyValuePair<string, T>> documents, TimeSpan? timeToLive, CancellationToken cancellationToken) where T : class =>
            throw new NotSupportedException();
    }
}
