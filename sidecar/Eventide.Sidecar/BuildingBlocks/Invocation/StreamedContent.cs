using System.IO.Pipelines;
using System.Net;

namespace Eventide.Sidecar.BuildingBlocks.Invocation;

/// <summary>A request body that is sent on as it arrives, while the answer may already be coming back.</summary>
internal sealed class StreamedContent(PipeReader source, CancellationToken aborted) : HttpContent
{
    /// <inheritdoc/>
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    /// <inheritdoc/>
    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(aborted, cancellationToken);

        // The headers go out before the first message: a duplex caller may want to hear before it speaks.
        await stream.FlushAsync(either.Token);
        while (true)
        {
            var read = await source.ReadAsync(either.Token);
            foreach (var segment in read.Buffer)
            {
                await stream.WriteAsync(segment, either.Token);
            }

            source.AdvanceTo(read.Buffer.End);
            await stream.FlushAsync(either.Token);
            if (read.IsCompleted || read.IsCanceled)
            {
                return;
            }
        }
    }

    /// <inheritdoc/>
    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
