using System.Net;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Eventide.Tools.DeadLetters;

/// <summary>Which dead letters; null means any.</summary>
/// <param name="State">A state, or all.</param>
internal sealed record LetterFilter(string? App, string? Topic, string State);

/// <summary>The service operations as an operator uses it. Thread-safe.</summary>
internal sealed class LettersClient(Uri operations) : IDisposable
{
    private const int LargestPage = 200;
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, ConnectTimeout = TimeSpan.FromSeconds(5) })
    {
        BaseAddress = operations,
        Timeout = TimeSpan.FromSeconds(60),
    };

    /// <summary>Newest first, page by page.</summary>
    /// <exception cref="ToolException">Operations does not answer, or refuses the filter.</exception>
    public async IAsyncEnumerable<Letter> ListAsync(LetterFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var query = $"/dead-letters?state={Uri.EscapeDataString(filter.State)}&take={LargestPage}"
            + (filter.App is { } app ? $"&app={Uri.EscapeDataString(app)}" : "") + (filter.Topic is { } topic ? $"&topic={Uri.EscapeDataString(topic)}" : "");
        string? next = null;
        do
        {
            var page = await AskAsync<LetterPage>(HttpMethod.Get, next is null ? query : $"{query}&before={Uri.EscapeDataString(next)}", null, cancellationToken);
            foreach (var letter in page.DeadLetters)
            {
                yield return letter;
            }

            next = page.Next;
        }
        while (next is not null);
    }

    /// <summary>All that is known of one.</summary>
    /// <param name="id">The id, or how it begins.</param>
    /// <exception cref="ToolException">There is none, or there are several that begin so.</exception>
    public async Task<LetterDetails> FindAsync(string id, CancellationToken cancellationToken)
    {
        if (id.Length < Letter.IdLength)
        {
            var matches = await ListAsync(new LetterFilter(null, null, "all"), cancellationToken)
                .Where(letter => letter.Id.StartsWith(id, StringComparison.OrdinalIgnoreCase)).Select(letter => letter.Id).Distinct().Take(4).ToListAsync(cancellationToken);
            id = matches switch
            {
                [var only] => only,
                [] => throw new ToolException($"There is no dead letter whose id begins with {id}; `make dlq ARGS=\"list --state all\"` shows them all."),
                _ => throw new ToolException($"Several dead letters begin with {id}, among them {string.Join(", ", matches)}; give more of the id."),
            };
        }

        return await AskAsync<LetterDetails>(HttpMethod.Get, $"/dead-letters/{Uri.EscapeDataString(id)}", null, cancellationToken);
    }

    /// <summary>Publishes one again; one that is redriven already stays as it is.</summary>
    /// <exception cref="LetterRefusedException">It was discarded, or is gone.</exception>
    /// <exception cref="ToolException">Operations does not answer, or the broker did not take it.</exception>
    public Task<Letter> RedriveAsync(string id, string by, CancellationToken cancellationToken) =>
        AskAsync<Letter>(HttpMethod.Post, $"/dead-letters/{id}/redrive", new { by }, cancellationToken);

    /// <summary>Gives one up; one that is discarded already keeps its first reason.</summary>
    /// <exception cref="LetterRefusedException">It was redriven, or is gone.</exception>
    /// <exception cref="ToolException">Operations does not answer.</exception>
    public Task<Letter> DiscardAsync(string id, string by, string reason, CancellationToken cancellationToken) =>
        AskAsync<Letter>(HttpMethod.Post, $"/dead-letters/{id}/discard", new { by, reason }, cancellationToken);

    public void Dispose() => _http.Dispose();

    private async Task<T> AskAsync<T>(HttpMethod method, string path, object? body, CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = body is null ? null : JsonContent.Create(body, body.GetType()) };
            using var answer = await _http.SendAsync(request, cancellationToken);
            if (answer.IsSuccessStatusCode)
            {
                return (await answer.Content.ReadFromJsonAsync<T>(Json, cancellationToken))!;
            }

            var explanation = ProblemText.Explain(answer.StatusCode, await answer.Content.ReadAsStringAsync(cancellationToken));
            throw answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Conflict
                ? new LetterRefusedException(explanation)
                : new ToolException($"operations answered: {explanation}");
        }
        catch (HttpRequestException failure)
        {
            throw new ToolException(
                $"operations does not answer at {operations}. Start the shop with `make run` (with DATA=DIR, give the same to both), or say with --url where it is.", failure);
        }
        catch (JsonException failure)
        {
            throw new ToolException($"What answers at {operations} is not operations; --url or --data names the wrong place.", failure);
        }
        catch (OperationCanceledException failure) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ToolException($"operations did not answer within {_http.Timeout.TotalSeconds} s; its log says what it waits for. What was begun can be repeated safely.", failure);
        }
    }
}

/// <summary>Operations knows no such dead letter, or its state does not allow what was asked.</summary>
internal sealed class LetterRefusedException(string message) : Exception(message);
