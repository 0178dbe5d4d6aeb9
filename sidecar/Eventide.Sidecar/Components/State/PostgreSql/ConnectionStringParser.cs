using System.Text;

namespace Eventide.Sidecar.Components.State.PostgreSql;

/// <summary>
/// Reads a connection string as libpq and Dapr write it: a URL (postgres://user@host/database) or words (host=… user=…). Pure; no message repeats a value, because
/// one of them is a password.
/// </summary>
internal static class ConnectionStringParser
{
    /// <summary>The parameters by their libpq names, in lower case. Throws <see cref="FormatException"/> with what is wrong.</summary>
    public static Dictionary<string, string> Parse(string text)
    {
        var parameters = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if (text.StartsWith("postgres://", StringComparison.Ordinal) || text.StartsWith("postgresql://", StringComparison.Ordinal))
        {
            ReadUrl(text[(text.IndexOf("://", StringComparison.Ordinal) + 3)..], parameters);
        }
        else
        {
            ReadWords(text, parameters);
        }

        // Both names are in use; pgx knows either.
        if (parameters.Remove("dbname", out var database))
        {
            parameters["database"] = database;
        }

        return parameters;
    }

    private static void ReadUrl(string rest, Dictionary<string, string> parameters)
    {
        var (address, query) = Cut(rest, '?');
        var (authority, path) = Cut(address, '/');
        var at = authority.LastIndexOf('@');
        if (at >= 0)
        {
            var (user, password) = Cut(authority[..at], ':');
            Add(parameters, "user", user);
            Add(parameters, "password", password);
        }

        var (hosts, ports) = (new List<string>(), new List<string>());
        foreach (var server in authority[(at + 1)..].Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            // The colons of an IPv6 address stand in brackets.
            var colon = server.LastIndexOf(':');
            var hasPort = colon > server.LastIndexOf(']');
            hosts.Add((hasPort ? server[..colon] : server).Trim('[', ']'));
            ports.Add(hasPort ? server[(colon + 1)..] : "");
        }

        Add(parameters, "host", string.Join(',', hosts));
        if (ports.Exists(port => port.Length > 0))
        {
            Add(parameters, "port", string.Join(',', ports));
        }

        Add(parameters, "database", path);
        foreach (var pair in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = Cut(pair, '=');
            Add(parameters, Uri.UnescapeDataString(name), value);
        }
    }

    private static void ReadWords(string text, Dictionary<string, string> parameters)
    {
        // As .NET writes it: one word, whose value would swallow all the others.
        if (text.StartsWith("Host=", StringComparison.OrdinalIgnoreCase) && text.Contains(';'))
        {
            throw new FormatException("its words are separated by semicolons; Dapr's form has spaces (host=… port=5432 user=… password=… database=…)");
        }

        for (var at = 0; ;)
        {
            while (at < text.Length && char.IsWhiteSpace(text[at]))
            {
                at++;
            }

            if (at == text.Length)
            {
                return;
            }

            var equals = text.IndexOf('=', at);
            var name = equals < 0 ? "" : text[at..equals].Trim();
            if (name.Length == 0 || name.Any(char.IsWhiteSpace))
            {
                throw new FormatException("it is neither a URL (postgres://user:password@host:5432/database) nor words (host=… port=5432 user=… password=… database=…)");
            }

            parameters[name.ToLowerInvariant()] = ReadValue(text, equals + 1, out at);
        }
    }

    private static string ReadValue(string text, int at, out int end)
    {
        while (at < text.Length && text[at] == ' ')
        {
            at++;
        }

        var isQuoted = at < text.Length && text[at] == '\'';
        var value = new StringBuilder();
        for (at += isQuoted ? 1 : 0; at < text.Length; at++)
        {
            if (text[at] == '\\' && at + 1 < text.Length)
            {
                value.Append(text[++at]);
            }
            else if (isQuoted ? text[at] == '\'' : char.IsWhiteSpace(text[at]))
            {
                end = at + 1;
                return value.ToString();
            }
            else
            {
                value.Append(text[at]);
            }
        }

        end = text.Length;
        return isQuoted ? throw new FormatException("a quoted value in it has no end") : value.ToString();
    }

    private static void Add(Dictionary<string, string> parameters, string name, string value)
    {
        if (value.Length > 0)
        {
            parameters[name.ToLowerInvariant()] = Uri.UnescapeDataString(value);
        }
    }

    private static (string Before, string After) Cut(string text, char separator)
    {
        var at = text.IndexOf(separator);
        return at < 0 ? (text, "") : (text[..at], text[(at + 1)..]);
    }
}
