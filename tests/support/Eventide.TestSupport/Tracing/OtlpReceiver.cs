using System.Text.Json;
using Eventide.TestSupport.Otlp;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Eventide.TestSupport.Tracing;

/// <summary>
/// Receives the spans that processes export over OTLP/HTTP, as protobuf (.NET) or JSON (Node.js), on a free port. Give each process
/// <see cref="Variables"/>. Thread-safe.
/// </summary>
public sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly List<ReceivedSpan> _spans = [];
    private readonly WebApplication _web;
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private OtlpReceiver(WebApplication web) => _web = web;

    /// <summary>Where it listens.</summary>
    public Uri Endpoint { get; private set; } = null!;

    /// <summary>The environment that makes a process export to it, soon after each span.</summary>
    public IReadOnlyDictionary<string, string> Variables => new Dictionary<string, string>
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = Endpoint.ToString().TrimEnd('/'),
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        ["OTEL_BSP_SCHEDULE_DELAY"] = "100",
    };

    /// <summary>What has arrived so far.</summary>
    public IReadOnlyList<ReceivedSpan> Spans
    {
        get
        {
            lock (_lock)
            {
                return [.. _spans];
            }
        }
    }

    /// <summary>Starts one.</summary>
    public static async Task<OtlpReceiver> StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var web = builder.Build();
        var receiver = new OtlpReceiver(web);
        web.MapPost("/v1/traces", receiver.ReceiveAsync);

        // Metrics and logs go to the same address; nobody here reads them.
        web.MapPost("/v1/{signal}", () => Results.Bytes([], "application/x-protobuf"));
        await web.StartAsync(cancellationToken);
        receiver.Endpoint = new Uri(web.Urls.Single());
        return receiver;
    }

    /// <summary>The trace, as soon as <paramref name="isWhole"/> says so. When the token ends the wait, the exception shows the trace as far as it came.</summary>
    public async Task<Trace> WaitForTraceAsync(string traceId, Func<Trace, bool> isWhole, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task more;
            Trace trace;
            lock (_lock)
            {
                more = _more.Task;
                trace = new Trace(traceId, [.. _spans.Where(span => span.TraceId == traceId)]);
            }

            if (isWhole(trace))
            {
                return trace;
            }

            try
            {
                await more.WaitAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"The trace is not whole: {trace}");
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _web.DisposeAsync();

    private async Task<IResult> ReceiveAsync(HttpRequest request)
    {
        var isJson = request.HasJsonContentType();
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, request.HttpContext.RequestAborted);
        List<ReceivedSpan> spans;
        if (isJson)
        {
            using var document = JsonDocument.Parse(body.GetBuffer().AsMemory(0, (int)body.Length));
            spans = [.. OtlpJson.Read(document.RootElement)];
        }
        else
        {
            spans = [.. Read(TracesRequest.Parser.ParseFrom(body.GetBuffer(), 0, (int)body.Length))];
        }

        TaskCompletionSource waiting;
        lock (_lock)
        {
            _spans.AddRange(spans);
            waiting = _more;
            _more = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        waiting.SetResult();
        return isJson ? Results.Json(new { }) : Results.Bytes([], "application/x-protobuf");
    }

    private static IEnumerable<ReceivedSpan> Read(TracesRequest request) =>
        from resourceSpans in request.ResourceSpans
        let resource = Attributes(resourceSpans.Resource?.Attributes ?? [])
        from scopeSpans in resourceSpans.ScopeSpans
        from span in scopeSpans.Spans
        select new ReceivedSpan(
            Hex(span.TraceId), Hex(span.SpanId), Hex(span.ParentSpanId), span.Name, span.Kind, scopeSpans.Scope?.Name ?? "",
            Time(span.StartTimeUnixNano), Time(span.EndTimeUnixNano), Attributes(span.Attributes), resource);

    private static Dictionary<string, string> Attributes(IEnumerable<Otlp.Attribute> attributes) => attributes.DistinctBy(attribute => attribute.Key)
        .ToDictionary(attribute => attribute.Key, attribute => attribute.Value?.ValueCase switch
        {
            Value.ValueOneofCase.StringValue => attribute.Value.StringValue,
            Value.ValueOneofCase.BoolValue => attribute.Value.BoolValue ? "true" : "false",
            Value.ValueOneofCase.IntValue => attribute.Value.IntValue.ToString(System.Globalization.CultureInfo.InvariantCulture),
            Value.ValueOneofCase.DoubleValue => attribute.Value.DoubleValue.ToString(System.Globalization.CultureInfo.InvariantCulture),
            _ => "",
        });

    private static string Hex(ByteString bytes) => Convert.ToHexStringLower(bytes.Span);

    private static DateTimeOffset Time(ulong nanoseconds) => DateTimeOffset.UnixEpoch.AddTicks((long)(nanoseconds / 100));
}
