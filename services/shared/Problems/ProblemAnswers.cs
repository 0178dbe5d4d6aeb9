using System.Text.Json;
using Dapr;
using Grpc.Core;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Eventide.ServiceDefaults.Problems;

/// <summary>Turns what a request threw into the answer that tells the caller what to do about it. What is not known stays a 500 without details.</summary>
internal sealed partial class ProblemAnswers(ILogger<ProblemAnswers> log) : IExceptionHandler
{
    /// <summary>Seconds until a caller may try again: what is restarted is back by then.</summary>
    private const string RetryAfter = "5";

    public async ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken cancellationToken)
    {
        if (AnswerTo(exception, context) is not { } answer)
        {
            return false;
        }

        await answer.ExecuteAsync(context);
        return true;
    }

    private IResult? AnswerTo(Exception exception, HttpContext context) => exception switch
    {
        BadHttpRequestException { InnerException: JsonException fault } => Problem.Field(FieldOf(fault), Explain(fault)),
        BadHttpRequestException fault => Problem.Field("request", fault.Message, statusCode: fault.StatusCode),
        ServiceUnavailableException fault => Unavailable(fault, fault.Message, context),
        DaprException or RpcException => Unavailable(exception, "The service does not reach its store or sidecar right now; repeat the request.", context),
        OperationCanceledException when context.RequestAborted.IsCancellationRequested => Results.StatusCode(StatusCodes.Status499ClientClosedRequest),
        _ => null,
    };

    private IResult Unavailable(Exception cause, string message, HttpContext context)
    {
        Unavailable(cause, context.Request.Path);
        context.Response.Headers.RetryAfter = RetryAfter;
        return Results.Problem(statusCode: StatusCodes.Status503ServiceUnavailable, title: message);
    }

    /// <summary>"$.lines[0].quantity" is lines[0].quantity to the one who sent it.</summary>
    private static string FieldOf(JsonException fault) => fault.Path is { Length: > 2 } path && path.StartsWith("$.", StringComparison.Ordinal) ? path[2..] : "body";

    // The reader's own message names types of this program; the place is what helps.
    private static string Explain(JsonException fault) => fault.InnerException is JsonException
        ? $"The body is not valid JSON: it breaks at line {fault.LineNumber + 1}, byte {fault.BytePositionInLine + 1}."
        : $"The field is not known here, or its value has the wrong type (line {fault.LineNumber + 1}, byte {fault.BytePositionInLine + 1}).";

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Path} could not be served for now")]
    private partial void Unavailable(Exception cause, string path);
}
