using System.Data;
using Npgsql;

namespace Orchestrator.Engine.Executors.Sql;

/// <summary>A connection while one attempt uses it. Given back as it was found: settings, locks and temporary tables end with the attempt.</summary>
internal sealed class SqlSession(NpgsqlConnection connection, SemaphoreSlim free) : IAsyncDisposable
{
    public const string Limit = "SELECT pg_catalog.set_config('statement_timeout', $1, false)";
    public const string Reset = "DISCARD ALL";
    private static readonly TimeSpan ResetTime = TimeSpan.FromSeconds(5);

    private bool _hasNewTypes;

    public NpgsqlConnection Connection { get; } = connection;

    /// <summary>The longest time of a statement, kept by the server.</summary>
    public async Task LimitAsync(TimeSpan timeout, CancellationToken stop)
    {
        using var command = new NpgsqlCommand(Limit, Connection);
        command.Parameters.Add(new() { Value = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Math.Max(1, (long)timeout.TotalMilliseconds)}ms") });
        await command.ExecuteNonQueryAsync(stop).ConfigureAwait(false);
    }

    /// <summary>
    /// Types made since the worker's first connection are not known to it: their values come as text, lists of them too, and the list of types is read
    /// again for the next attempt.
    /// </summary>
    public void MeetsTypesOf(NpgsqlDataReader reader)
    {
        for (var i = 0; i < reader.FieldCount && !_hasNewTypes; i++) _hasNewTypes = reader.GetPostgresType(i).OID == 0;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (Connection.FullState == ConnectionState.Open)
            {
                using var command = new NpgsqlCommand(Reset, Connection) { CommandTimeout = (int)ResetTime.TotalSeconds };
                await command.ExecuteNonQueryAsync(CancellationToken.None).ConfigureAwait(false);
                if (_hasNewTypes) await Connection.ReloadTypesAsync(CancellationToken.None).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is NpgsqlException or InvalidOperationException or OperationCanceledException)
        {
            // Not clean, so not to be used again: it is ended with its pool's idle ones.
            NpgsqlConnection.ClearPool(Connection);
        }
        finally
        {
            await Connection.DisposeAsync().ConfigureAwait(false);
            free.Release();
        }
    }
}
