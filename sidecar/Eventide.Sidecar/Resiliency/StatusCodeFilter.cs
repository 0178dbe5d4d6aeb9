using System.Globalization;
using Eventide.Sidecar.Hosting;
using Eventide.Sidecar.Resources;
using Grpc.Core;

namespace Eventide.Sidecar.Resiliency;

/// <summary>
/// The field <c>matching</c> of a retry policy: the status codes for which another attempt is made. A failure without a status, such as a broken
/// connection, always gets one; so does every status of a kind that has no list. Immutable.
/// </summary>
internal sealed class StatusCodeFilter
{
    /// <summary>Everything matches.</summary>
    public static readonly StatusCodeFilter All = new(null, null);

    private readonly (int From, int To)[]? _http;
    private readonly (int From, int To)[]? _grpc;

    private StatusCodeFilter((int, int)[]? http, (int, int)[]? grpc) => (_http, _grpc) = (http, grpc);

    /// <summary>Reads the mapping; null matches everything. Throws <see cref="SidecarStartException"/> for a wrong list.</summary>
    public static StatusCodeFilter Read(YamlReader? reader)
    {
        if (reader is null)
        {
            return All;
        }

        var filter = new StatusCodeFilter(Ranges(reader, "httpStatusCodes", 100, 599), Ranges(reader, "gRPCStatusCodes", 0, 16));
        reader.RefuseUnknown();
        return filter;
    }

    /// <summary>Whether this failure is worth another attempt.</summary>
    public bool Matches(Exception failure) => failure switch
    {
        IAppAnswer { HttpStatus: { } status } => Contains(_http, status),
        IAppAnswer { GrpcStatus: { } status } => Contains(_grpc, (int)status),
        RpcException rpc => Contains(_grpc, (int)rpc.StatusCode),
        _ => true,
    };

    private static bool Contains((int From, int To)[]? ranges, int code) => ranges is null || Array.Exists(ranges, range => code >= range.From && code <= range.To);

    private static (int, int)[]? Ranges(YamlReader reader, string field, int min, int max)
    {
        if (reader.Text(field) is not { Length: > 0 } text)
        {
            return null;
        }

        return text.Split(',', StringSplitOptions.TrimEntries).Select(part =>
        {
            var ends = part.Split('-', StringSplitOptions.TrimEntries);
            return ends.Length is 1 or 2 && Code(ends[0], out var from) && Code(ends[^1], out var to) && from >= min && from <= to && to <= max
                ? (from, to)
                : throw new SidecarStartException(
                    $"{reader.Where}: \"matching.{field}\" is \"{text}\"; allowed is a list of codes and ranges from {min} to {max}, such as "
                    + (max > 99 ? "\"429,500-599\"." : "\"4,8-14\"."));
        }).ToArray();
    }

    private static bool Code(string text, out int code) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out code);
}

/// <summary>A failure that is an answer of the app; <see cref="StatusCodeFilter"/> looks at its status.</summary>
internal interface IAppAnswer
{
    /// <summary>The HTTP status, if the app speaks HTTP.</summary>
    int? HttpStatus { get; }

    /// <summary>The gRPC status, if the app speaks gRPC.</summary>
    StatusCode? GrpcStatus { get; }
}
