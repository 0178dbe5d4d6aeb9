using Eventide.ServiceDefaults.SignIn;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Eventide.ServiceDefaults.Problems;

/// <summary>Answers to requests that cannot be served (RFC 9457): what is wrong, with the field at fault where one is.</summary>
public static class Problem
{
    /// <summary>One field of the request is at fault; <c>errors</c> names it with the remedy.</summary>
    /// <param name="field">Where it is, such as lines[0].quantity, or the name of a header.</param>
    public static IResult Field(string field, string message, string title = "The request is not valid.", int statusCode = StatusCodes.Status400BadRequest) =>
        Results.ValidationProblem(new Dictionary<string, string[]> { [field] = [message] }, statusCode: statusCode, title: title);

    /// <summary>Names field and remedy in answers that the platform gives by itself, before any of our code runs.</summary>
    internal static void Explain(ProblemDetails problem, HttpContext request)
    {
        (string Field, string Message)? fault = problem.Status switch
        {
            StatusCodes.Status401Unauthorized when IsForSidecar(request) =>
                ("dapr-api-token", "Only the service's own sidecar may call this: give both the same APP_API_TOKEN, or call another route."),
            StatusCodes.Status401Unauthorized => ("Authorization", "Sign in, and send the token as \"Authorization: Bearer ...\"."),
            StatusCodes.Status413PayloadTooLarge => ("body", "The body is too large; send less at once."),
            StatusCodes.Status415UnsupportedMediaType => ("Content-Type", "Send the body as application/json."),
            _ => null,
        };
        if (fault is var (field, message) && problem is not HttpValidationProblemDetails)
        {
            problem.Extensions["errors"] = new Dictionary<string, string[]> { [field] = [message] };
        }
    }

    /// <summary>There is no such thing, or not for this caller: the two are not told apart.</summary>
    public static IResult NotFound(string message) => Results.Problem(statusCode: StatusCodes.Status404NotFound, title: message);

    /// <summary>What is asked for does not go with the state of things.</summary>
    public static IResult Conflict(string message) => Results.Problem(statusCode: StatusCodes.Status409Conflict, title: message);

    private static bool IsForSidecar(HttpContext request) => request.GetEndpoint()?.Metadata.GetMetadata<IAuthorizeData>()?.Policy == SidecarSignIn.Policy;
}
