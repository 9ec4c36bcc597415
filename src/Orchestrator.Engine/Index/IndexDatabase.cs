using System.Globalization;
using Microsoft.Data.Sqlite;
using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Index;

/// <summary>The index cannot be used as it is. The message says why; a caller goes without it, or makes it again.</summary>
internal sealed class IndexUnusableException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>A newer version of the program wrote it: this one leaves it alone.</summary>
    public bool IsNewer { get; init; }
}

/// <summary>A connection to a database of the index. Not for use by several threads at once.</summary>
internal sealed class IndexDatabase : IDisposable
{
    private const int CannotOpen = 14;
    private const int ReadOnly = 8;
    private const int Corrupt = 11;
    private const int NotADatabase = 26;
    private static readonly long s_epoch = DateTimeOffset.UnixEpoch.UtcTicks;

    private IndexDatabase(SqliteConnection connection, string path) => (Connection, Path) = (connection, path);

    /// <summary>Said of itself while the index holds what the journal holds, and a process keeps it so.</summary>
    public const string Complete = "complete";

    public SqliteConnection Connection { get; }

    public string Path { get; }

    /// <summary>For the process that has the lock.</summary>
    /// <exception cref="IndexUnusableException">It is none, is damaged, or is of another version.</exception>
    public static IndexDatabase ForWriting(string path)
    {
        var database = Open(path, SqliteOpenMode.ReadWrite);
        try
        {
            database.Execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA journal_size_limit=67108864; PRAGMA temp_store=MEMORY");
            database.CheckVersion();
            return database;
        }
        catch (Exception e)
        {
            database.Dispose();
            if (e is SqliteException sqlite) throw Unusable(path, sqlite);
            throw;
        }
    }

    /// <summary>Beside a process that writes, or without one.</summary>
    /// <exception cref="IndexUnusableException">It is none, is damaged, or is of another version.</exception>
    public static IndexDatabase ForReading(string path)
    {
        var database = Open(path, SqliteOpenMode.ReadOnly);
        try
        {
            database.CheckVersion();
            return database;
        }
        catch (Exception e)
        {
            database.Dispose();
            if (e is SqliteException sqlite) throw Unusable(path, sqlite);
            throw;
        }
    }

    /// <summary>A new one in an empty file; its indexes are made by <see cref="Finish"/>.</summary>
    public static IndexDatabase Create(string path, string journal)
    {
        var database = Open(path, SqliteOpenMode.ReadWrite);
        try
        {
            database.Execute("PRAGMA auto_vacuum=INCREMENTAL; PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA temp_store=MEMORY; PRAGMA locking_mode=EXCLUSIVE");
            database.Execute(IndexSchema.Create);
            database.SetMeta("schema", IndexSchema.Version.ToString(CultureInfo.InvariantCulture));
            database.SetMeta("journal", journal);
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>Makes the indexes of a new one and puts all of it on the disk.</summary>
    public void Finish()
    {
        Execute(IndexSchema.CreateIndexes);
        Execute("PRAGMA optimize=0x10002; PRAGMA locking_mode=NORMAL; PRAGMA synchronous=FULL; PRAGMA journal_mode=WAL; PRAGMA wal_checkpoint(TRUNCATE)");
    }

    /// <summary>A value of the index about itself.</summary>
    public string? Meta(string key)
    {
        using var command = Command("SELECT value FROM meta WHERE key = $key", ("$key", key));
        return command.ExecuteScalar() as string;
    }

    public void SetMeta(string key, string value)
    {
        using var command = Command("INSERT INTO meta(key, value) VALUES ($key, $value) ON CONFLICT(key) DO UPDATE SET value = excluded.value", ("$key", key), ("$value", value));
        command.ExecuteNonQuery();
    }

    public void ClearMeta(string key)
    {
        using var command = Command("DELETE FROM meta WHERE key = $key", ("$key", key));
        command.ExecuteNonQuery();
    }

    public void Execute(string sql)
    {
        using var command = Command(sql);
        command.ExecuteNonQuery();
    }

    /// <summary>All of it, or nothing when it throws.</summary>
    public void Atomically(Action write)
    {
        Execute("BEGIN IMMEDIATE");
        try
        {
            write();
            Execute("COMMIT");
        }
        catch
        {
            // An error like a full disk may have ended the transaction already.
            try { Execute("ROLLBACK"); }
            catch (SqliteException) { }
            throw;
        }
    }

    public SqliteCommand Command(string sql, params ReadOnlySpan<(string Name, object? Value)> values)
    {
        var command = Connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in values) command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        return command;
    }

    public void Dispose() => Connection.Dispose();

    /// <summary>Microseconds since 1970.</summary>
    public static long Micros(DateTimeOffset time) => (time.UtcTicks - s_epoch) / TimeSpan.TicksPerMicrosecond;

    /// <summary>The instant of microseconds since 1970.</summary>
    public static DateTimeOffset Instant(long micros) => new(s_epoch + (micros * TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);

    /// <summary>16 bytes, big-endian: they sort as ids do.</summary>
    public static byte[] Bytes(RunId run) => run.Value.ToByteArray(bigEndian: true);

    public static RunId Run(ReadOnlySpan<byte> bytes) => new(new Guid(bytes, bigEndian: true));

    /// <summary>What to tell of an error of SQLite: whether the index is unusable, or only this once.</summary>
    public static bool IsDamage(SqliteException error) => error.SqliteErrorCode is Corrupt or NotADatabase or CannotOpen;

    public static IndexUnusableException Unusable(string path, SqliteException error) => new(error.SqliteErrorCode switch
    {
        Corrupt => $"the index {path} is damaged",
        NotADatabase => $"{path} is not an index",
        CannotOpen => $"the index {path} cannot be opened",
        ReadOnly => $"the index {path} cannot be read without writing beside it, which is not allowed here",
        _ => $"the index {path} cannot be used ({error.Message.TrimEnd('.')})",
    }, error);

    private static IndexDatabase Open(string path, SqliteOpenMode mode)
    {
        Load();
        // Without a pool: a connection is closed when it is disposed of. BUSY is answered after 2 s, not repeated for 30.
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = false, DefaultTimeout = 2 }.ToString());
        try
        {
            if (Directory.Exists(path)) throw new IndexUnusableException($"{path} is a directory, not an index");
            connection.Open();
            return new(connection, path);
        }
        catch (SqliteException e)
        {
            connection.Dispose();
            throw Unusable(path, e);
        }
    }

    // Named here: the driver would look for it by reflection, which finds nothing in a native program.
    private static void Load()
    {
        try { SQLitePCL.Batteries_V2.Init(); }
        catch (Exception e) when (e is DllNotFoundException or TypeInitializationException { InnerException: DllNotFoundException })
        {
            throw new IndexUnusableException($"libe_sqlite3.so is not beside the program in {AppContext.BaseDirectory}", e);
        }
    }

    private void CheckVersion()
    {
        if (Meta("schema") is not { } text || !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version))
            throw new IndexUnusableException($"{Path} is not an index");
        if (version > IndexSchema.Version) throw new IndexUnusableException($"the index {Path} is of a newer version of the program") { IsNewer = true };
        if (version < IndexSchema.Version) throw new IndexUnusableException($"the index {Path} is of an older version");
    }
}
