using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Orchestrator.Engine.Index;

/// <summary>Rows of a query.</summary>
/// <param name="Columns">Their names; one that comes again has a number behind it.</param>
/// <param name="Rows">Values: long, double, string, bytes or null.</param>
/// <param name="IsCut">There are more.</param>
internal sealed record SqlAnswer(IReadOnlyList<string> Columns, IReadOnlyList<object?[]> Rows, bool IsCut);

/// <summary>A query that is not carried out, or was stopped.</summary>
internal sealed class SqlRefusedException(string message, string remedy, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What to do.</summary>
    public string Remedy { get; } = remedy;
}

/// <summary>A query of somebody else: it can only read the index, and neither for long nor much.</summary>
/// <param name="sql">One statement.</param>
/// <param name="maxRows">At most so many rows.</param>
/// <param name="most">Longest time it may take.</param>
internal sealed class SqlQuestion(string sql, int maxRows, TimeSpan most)
{
    private const int MaxLength = 100_000;
    private const int MaxCell = 1_000_000;
    private const long MaxBytes = 256L << 20;
    private const int Steps = 10_000;
    private static readonly string[] s_forbidden = ["load_extension", "readfile", "writefile", "edit", "fts3_tokenizer"];

    /// <exception cref="SqlRefusedException">It is no query, is wrong, or takes too long.</exception>
    public SqlAnswer Ask(IndexDatabase database, CancellationToken stop)
    {
        if (sql.Length > MaxLength) throw new SqlRefusedException($"The query has {sql.Length:N0} characters.", $"At most {MaxLength:N0} are taken.");
        using var command = database.Command(sql);
        var handle = database.Connection.Handle!;
        var began = TimeProvider.System.GetTimestamp();
        var longest = raw.sqlite3_limit(handle, raw.SQLITE_LIMIT_LENGTH, MaxCell);
        var isLate = false;
        raw.sqlite3_set_authorizer(handle, (strdelegate_authorizer)Judge, null);
        raw.sqlite3_progress_handler(handle, Steps, _ => stop.IsCancellationRequested || (isLate = TimeProvider.System.GetElapsedTime(began) > most) ? 1 : 0, null);
        try { return Read(command, stop); }
        catch (SqliteException e) when (isLate)
        {
            throw new SqlRefusedException($"The query took longer than {most.TotalSeconds:0.###} s and was stopped.", "Ask for less, or give --timeout.", e);
        }
        catch (SqliteException e) when (e.SqliteErrorCode == raw.SQLITE_AUTH)
        {
            throw new SqlRefusedException("The query does more than read the index.", "Use one SELECT, WITH or VALUES statement over runs, tasks, attempts, run_labels, run_list or task_list.", e);
        }
        catch (SqliteException e) when (e.SqliteErrorCode is raw.SQLITE_ERROR or raw.SQLITE_TOOBIG or raw.SQLITE_MISUSE)
        {
            throw new SqlRefusedException($"The query is wrong: {Plain(e.Message)}.", $"Tables: {string.Join(", ", IndexSchema.Tables)}.", e);
        }
        finally
        {
            raw.sqlite3_limit(handle, raw.SQLITE_LIMIT_LENGTH, longest);
            raw.sqlite3_progress_handler(handle, 0, null!, null);
            raw.sqlite3_set_authorizer(handle, (strdelegate_authorizer)null!, null);
        }
    }

    private SqlAnswer Read(SqliteCommand command, CancellationToken stop)
    {
        using var reader = command.ExecuteReader();
        if (reader.FieldCount == 0) throw new SqlRefusedException("That is no query: it gives no rows.", "Use one SELECT, WITH or VALUES statement.");
        var columns = new List<string>();
        for (var i = 0; i < reader.FieldCount; i++) columns.Add(Unique(reader.GetName(i), columns));
        var rows = new List<object?[]>();
        long bytes = 0;
        while (reader.Read())
        {
            stop.ThrowIfCancellationRequested();
            if (rows.Count == maxRows || bytes > MaxBytes) return new(columns, rows, IsCut: true);
            var row = new object?[columns.Count];
            for (var i = 0; i < row.Length; i++)
            {
                row[i] = reader.IsDBNull(i) ? null : reader.GetValue(i);
                bytes += 16 + (row[i] is string text ? text.Length : row[i] is byte[] blob ? blob.Length : 0);
            }
            rows.Add(row);
        }
        if (reader.NextResult()) throw new SqlRefusedException("That is more than one statement.", "Give one at a time.");
        return new(columns, rows, IsCut: false);
    }

    private static int Judge(object data, int action, string first, string second, string database, string inner) => action switch
    {
        raw.SQLITE_SELECT or raw.SQLITE_READ or raw.SQLITE_RECURSIVE => raw.SQLITE_OK,
        raw.SQLITE_FUNCTION when !s_forbidden.Contains(second, StringComparer.OrdinalIgnoreCase) => raw.SQLITE_OK,
        _ => raw.SQLITE_DENY,
    };

    private static string Unique(string name, List<string> taken)
    {
        var unique = name;
        for (var i = 2; taken.Contains(unique, StringComparer.Ordinal); i++) unique = $"{name}_{i}";
        return unique;
    }

    // "SQLite Error 1: 'no such column: x'." is how the driver says it.
    private static string Plain(string message)
    {
        var begin = message.IndexOf(": '", StringComparison.Ordinal);
        return begin < 0 ? message.TrimEnd('.') : message[(begin + 3)..].TrimEnd('.').TrimEnd('\'');
    }
}
