using Eventide.Sidecar.Resiliency;
using Grpc.Core;

namespace Eventide.Sidecar.BuildingBlocks.Invocation;

/// <summary>The app answered with an error status; a policy may try again, and in the end the caller gets the app's own answer.</summary>
internal sealed class AppAnsweredException(HttpResponseMessage response)
    : HttpRequestException($"the app answered {(int)response.StatusCode}", null, response.StatusCode), IAppAnswer
{
    /// <summary>The answer, its body read.</summary>
    public HttpResponseMessage Response => response;

    /// <inheritdoc/>
    public int? HttpStatus => (int)response.StatusCode;

    /// <inheritdoc/>
    public StatusCode? GrpcStatus => null;

    /// <summary>Gives back an answer below 400. Of any other the body is read first, so that the connection is free while the next attempt waits.</summary>
    public static async ValueTask<HttpResponseMessage> ThrowIfErrorAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if ((int)response.StatusCode < 400)
        {
            return response;
        }

        await response.Content.LoadIntoBufferAsync(cancellationToken);
        throw new AppAnsweredException(response);
    }
}
