using System.Globalization;
using System.Net.Sockets;

namespace Eventide.Brokers.Backing;

/// <summary>The hosts and ports in the address of a server, whichever way it is written.</summary>
internal static class Endpoints
{
    /// <summary>
    /// Reads <c>host:port</c>, several of them with commas, a URL, or a connection string of names and values (<c>host=… port=…</c>). Nothing else of it, such as
    /// a password, is in the answer. Empty when there is no host in it.
    /// </summary>
    public static IReadOnlyList<(string Host, int Port)> In(string address, int defaultPort)
    {
        if (Uri.TryCreate(address, UriKind.Absolute, out var url) && url.Host.Length > 0)
        {
            return [(url.Host, url.Port > 0 ? url.Port : defaultPort)];
        }

        if (address.Contains('='))
        {
            var values = address.Split([' ', ';'], StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=', 2)).Where(pair => pair.Length == 2)
                .GroupBy(pair => pair[0].Trim(), StringComparer.OrdinalIgnoreCase).ToDictionary(pair => pair.Key, pair => pair.Last()[1].Trim(), StringComparer.OrdinalIgnoreCase);
            return values.TryGetValue("host", out var named) || values.TryGetValue("server", out named) ? [(named, Port(values.GetValueOrDefault("port"), defaultPort))] : [];
        }

        return [.. address.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(one => One(one, defaultPort))];
    }

    /// <summary>Whether one of them takes a connection.</summary>
    public static async Task<bool> AnswerAsync(IReadOnlyList<(string Host, int Port)> endpoints, CancellationToken cancellationToken)
    {
        foreach (var (host, port) in endpoints)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(TimeSpan.FromSeconds(3));
            using var socket = new TcpClient();
            try
            {
                await socket.ConnectAsync(host, port, limit.Token);
                return true;
            }
            catch (Exception failure) when (failure is SocketException || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                // The next one.
            }
        }

        return false;
    }

    private static (string Host, int Port) One(string text, int defaultPort) =>
        text.LastIndexOf(':') is > 0 and var colon ? (text[..colon], Port(text[(colon + 1)..], defaultPort)) : (text, defaultPort);

    private static int Port(string? text, int defaultPort) => int.TryParse(text, CultureInfo.InvariantCulture, out var port) ? port : defaultPort;
}
