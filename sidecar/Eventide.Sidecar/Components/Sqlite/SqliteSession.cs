using System.Buffers;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Eventide.Sidecar.Components.Sqlite;

/// <summary>
/// One connection with its prepared statements, kept by their text. It speaks to SQLite itself: around a statement that takes microseconds, commands and readers of
/// ADO.NET would take as long again. Not thread-safe: it belongs to one caller at a time.
/// </summary>
internal sealed class SqliteSession(SqliteConnection connection) : IDisposable
{
    // Longer texts are encoded outside of the stack.
    private const int StackBytes = 512;

    private readonly Dictionary<string, sqlite3_stmt> _statements = new(StringComparer.Ordinal);
    private readonly sqlite3 _database = connection.Handle ?? throw new InvalidOperationException("The connection is not open.");

    /// <summary>The key of the row that the last INSERT has made.</summary>
    public long LastInsertedRow => raw.sqlite3_last_insert_rowid(_database);

    /// <summary>Runs a statement with positional parameters (?1, ?2 …); returns the number of rows changed.</summary>
    /// <exception cref="SqliteException">SQLite refused it.</exception>
    public int Execute(string sql, params ReadOnlySpan<object?> parameters)
    {
        var statement = Prepare(sql);
        try
        {
            Bind(statement, parameters);
            while (Step(statement))
            {
            }

            return raw.sqlite3_changes(_database);
        }
        finally
        {
            raw.sqlite3_reset(statement);
        }
    }

    /// <summary>The first column of the first row, or default.</summary>
    /// <typeparam name="T">long, or string.</typeparam>
    /// <exception cref="SqliteException">SQLite refused it.</exception>
    public T? Scalar<T>(string sql, params ReadOnlySpan<object?> parameters)
    {
        var statement = Prepare(sql);
        try
        {
            Bind(statement, parameters);
            return Step(statement) && Value(new SqliteRow(statement)) is T value ? value : default;
        }
        finally
        {
            raw.sqlite3_reset(statement);
        }
    }

    /// <summary>Every row through <paramref name="read"/>.</summary>
    /// <exception cref="SqliteException">SQLite refused it.</exception>
    public List<T> Query<T>(string sql, Func<SqliteRow, T> read, params ReadOnlySpan<object?> parameters)
    {
        var statement = Prepare(sql);
        try
        {
            Bind(statement, parameters);
            var rows = new List<T>();
            while (Step(statement))
            {
                rows.Add(read(new SqliteRow(statement)));
            }

            return rows;
        }
        finally
        {
            raw.sqlite3_reset(statement);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var statement in _statements.Values)
        {
            statement.Dispose();
        }

        connection.Dispose();
    }

    private static object? Value(SqliteRow row) => raw.sqlite3_column_type(row.Statement, 0) switch
    {
        raw.SQLITE_INTEGER => row.Int64(0),
        raw.SQLITE_TEXT => row.Text(0),
        _ => null,
    };

    private sqlite3_stmt Prepare(string sql)
    {
        if (_statements.TryGetValue(sql, out var known))
        {
            return known;
        }

        Check(raw.sqlite3_prepare_v2(_database, sql, out var statement, out var rest));
        if (!string.IsNullOrWhiteSpace(rest))
        {
            statement.Dispose();
            throw new ArgumentException("This is more than one statement.", nameof(sql));
        }

        _statements.Add(sql, statement);
        return statement;
    }

    private bool Step(sqlite3_stmt statement)
    {
        var code = raw.sqlite3_step(statement);
        if (code == raw.SQLITE_ROW)
        {
            return true;
        }

        Check(code);
        return false;
    }

    private void Bind(sqlite3_stmt statement, ReadOnlySpan<object?> parameters)
    {
        for (var i = 0; i < parameters.Length; i++)
        {
            Check(parameters[i] switch
            {
                null => raw.sqlite3_bind_null(statement, i + 1),
                long number => raw.sqlite3_bind_int64(statement, i + 1, number),
                int number => raw.sqlite3_bind_int64(statement, i + 1, number),
                string text => BindText(statement, i + 1, text),
                Utf8Text text => BindText(statement, i + 1, text.Bytes.Span),
                byte[] { Length: > 0 } bytes => raw.sqlite3_bind_blob(statement, i + 1, bytes),
                byte[] => raw.sqlite3_bind_zeroblob(statement, i + 1, 0),
                var other => throw new ArgumentException($"{other.GetType()} is no type of a parameter.", nameof(parameters)),
            });
        }
    }

    private static int BindText(sqlite3_stmt statement, int index, string text)
    {
        var most = Encoding.UTF8.GetMaxByteCount(text.Length);
        if (most <= StackBytes)
        {
            Span<byte> bytes = stackalloc byte[StackBytes];
            return BindText(statement, index, bytes[..Encoding.UTF8.GetBytes(text, bytes)]);
        }

        var rented = ArrayPool<byte>.Shared.Rent(most);
        var code = BindText(statement, index, rented.AsSpan(0, Encoding.UTF8.GetBytes(text, rented)));
        ArrayPool<byte>.Shared.Return(rented);
        return code;
    }

    // Of no bytes there is no address, and without one SQLite takes it for NULL.
    private static int BindText(sqlite3_stmt statement, int index, ReadOnlySpan<byte> text) =>
        text.IsEmpty ? raw.sqlite3_bind_text(statement, index, "") : raw.sqlite3_bind_text(statement, index, text);

    private void Check(int code)
    {
        if (code is not (raw.SQLITE_OK or raw.SQLITE_DONE))
        {
            SqliteException.ThrowExceptionForRC(code, _database);
        }
    }
}

/// <summary>A row while it is read; columns count from 0. Not valid beyond that.</summary>
internal readonly record struct SqliteRow(sqlite3_stmt Statement)
{
    public bool IsNull(int column) => raw.sqlite3_column_type(Statement, column) == raw.SQLITE_NULL;

    public long Int64(int column) => raw.sqlite3_column_int64(Statement, column);

    public string Text(int column) => raw.sqlite3_column_text(Statement, column).utf8_to_string();

    /// <summary>A copy of a blob, or of a text in UTF-8.</summary>
    public byte[] Bytes(int column) => raw.sqlite3_column_blob(Statement, column).ToArray();
}

/// <summary>A text that is in UTF-8 already.</summary>
internal readonly record struct Utf8Text(ReadOnlyMemory<byte> Bytes);
