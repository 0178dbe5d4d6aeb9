using System.Text.Json;
using Eventide.Contracts;
using Microsoft.Data.Sqlite;

namespace Eventide.Demo.Tests.Fleet;

/// <summary>The alerts in the file of the embedded broker, read beside its owner: nobody subscribes to them, so nobody could have taken one away.</summary>
internal static class AlertFile
{
    /// <summary>The ids, each as often as it was published.</summary>
    public static IReadOnlyList<string> Ids(string data)
    {
        using var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = Path.Combine(data, "data", "pubsub.db"), Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT data FROM message WHERE topic = $topic ORDER BY seq";
        command.Parameters.AddWithValue("$topic", Topics.FleetAlerts);
        using var rows = command.ExecuteReader();
        var ids = new List<string>();
        while (rows.Read())
        {
            using var envelope = JsonDocument.Parse(rows.GetFieldValue<byte[]>(0));
            ids.Add(envelope.RootElement.GetProperty("id").GetString()!);
        }

        return ids;
    }
}
