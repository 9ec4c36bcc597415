using System.Collections.Immutable;
using System.Text.Json;
using Npgsql;
using Orchestrator.Core.Planning;
using Orchestrator.Engine.Executors.Process;

namespace Orchestrator.Engine.Executors.Sql;

/// <summary>Statements on one connection, and how far they have come.</summary>
/// <param name="csv">File that receives the rows; null: they become results.</param>
/// <param name="options">How long the server has to answer after a stop, and what keeps the file.</param>
internal sealed class SqlRun(SqlSession session, SqlCall call, string? csv, long mostBytes, ProcessTaskOptions options, TimeProvider clock)
{
    /// <summary>The statement the server has; null before the first.</summary>
    public SqlStatement? Current { get; private set; }

    /// <summary>Its number, from 1, where there are several.</summary>
    public int Number { get; private set; }

    public async Task<ImmutableSortedDictionary<string, JsonElement>> DoAsync(SqlWork work, CancellationToken stop)
    {
        switch (work.Mode)
        {
            case SqlMode.Query:
                return await QueryAsync(work.Statements[0], stop).ConfigureAwait(false);
            case SqlMode.Execute:
                return Outputs(("affected", Json(await AffectedAsync(work.Statements[0], stop).ConfigureAwait(false))));
            case SqlMode.Transaction:
                var each = await TogetherAsync(work.Statements, stop).ConfigureAwait(false);
                return Outputs(("affected", JsonSerializer.SerializeToElement(each, SqlJson.Default.ListInt64)));
            default:
                var all = await TogetherAsync(work.Statements, stop).ConfigureAwait(false);
                return Outputs(("affected", Json(all.Sum())), ("statements", Json(all.Count)));
        }
    }

    private async Task<ImmutableSortedDictionary<string, JsonElement>> QueryAsync(SqlStatement statement, CancellationToken stop)
    {
        using var command = Command(statement);
        command.AllResultTypesAreUnknown = true;   // as text, see SqlColumn
        var reader = await command.ExecuteReaderAsync(SqlText.Behavior, stop).ConfigureAwait(false);
        // A stop in the middle of a row would break the connection and leave the statement running: the server is asked to end it, which ends the
        // rows too. Only where it does not answer is the connection given up.
        using var lost = Late(stop);
        using var ending = stop.UnsafeRegister(static c => ThreadPool.UnsafeQueueUserWorkItem(static c => c.Cancel(), (NpgsqlCommand)c!, preferLocal: false), command);
        try
        {
            session.MeetsTypesOf(reader);
            if (csv is not null)
            {
                var count = await SqlCsv.WriteAsync(options.Disk, reader, csv, options.ArtifactsLimit, lost.Token).ConfigureAwait(false);
                return Outputs(("csv", JsonSerializer.SerializeToElement(call.Csv!, SqlJson.Default.String)), ("row_count", Json(count)));
            }
            var (rows, rowCount) = await SqlRows.ReadAsync(reader, call.MaxRows, mostBytes, lost.Token).ConfigureAwait(false);
            return Outputs(("rows", rows), ("row_count", Json(rowCount)));
        }
        catch
        {
            command.Cancel();   // what is left of the rows would be read to its end otherwise
            throw;
        }
        finally
        {
            await reader.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task<List<long>> TogetherAsync(IReadOnlyList<SqlStatement> statements, CancellationToken stop)
    {
        var transaction = await session.Connection.BeginTransactionAsync(stop).ConfigureAwait(false);
        await using (transaction.ConfigureAwait(false))
        {
            var affected = new List<long>(statements.Count);
            foreach (var statement in statements)
            {
                Number = affected.Count + 1;
                affected.Add(await AffectedAsync(statement, stop).ConfigureAwait(false));
            }
            using var last = Late(stop);   // the end of a commit that has begun should be known
            await transaction.CommitAsync(last.Token).ConfigureAwait(false);
            return affected;
        }
    }

    private async Task<long> AffectedAsync(SqlStatement statement, CancellationToken stop)
    {
        using var command = Command(statement);
        return Math.Max(0, await command.ExecuteNonQueryAsync(stop).ConfigureAwait(false));   // -1: a statement that counts nothing
    }

    /// <summary>Fires some time after the stop.</summary>
    private Lateness Late(CancellationToken stop) => new(options.KillGrace, clock, stop);

    private NpgsqlCommand Command(SqlStatement statement)
    {
        Current = statement;
        var command = new NpgsqlCommand(statement.IsRoutineBody ? Wrapped(statement.Text) : statement.Text, session.Connection);
        foreach (var name in statement.Parameters) command.Parameters.Add(SqlParameterValues.Of(call.Parameters[name]));
        return command;
    }

    // The client would cut at the semicolons of a body that is not quoted; in quotes it looks at nothing.
    private static string Wrapped(string text) => $"DO $orchestrator$BEGIN EXECUTE $statement${text}$statement$; END$orchestrator$";

    private static JsonElement Json(long number) => JsonSerializer.SerializeToElement(number, SqlJson.Default.Int64);

    private static ImmutableSortedDictionary<string, JsonElement> Outputs(params (string Key, JsonElement Value)[] outputs) =>
        outputs.ToImmutableSortedDictionary(o => o.Key, o => o.Value, StringComparer.Ordinal);

    private sealed class Lateness : IDisposable
    {
        private readonly CancellationTokenSource _source;
        private readonly CancellationTokenRegistration _stop;

        public Lateness(TimeSpan grace, TimeProvider clock, CancellationToken stop)
        {
            _source = new(Timeout.InfiniteTimeSpan, clock);
            _stop = stop.UnsafeRegister(_ => _source.CancelAfter(grace), null);
        }

        public CancellationToken Token => _source.Token;

        public void Dispose()
        {
            _stop.Dispose();
            _source.Dispose();
        }
    }
}
