using System.Net.Sockets;
using Npgsql;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Executors.Artifacts;
using Orchestrator.Engine.Executors.Process;
using Orchestrator.Engine.Executors.Results;
using Orchestrator.Engine.Secrets;

namespace Orchestrator.Engine.Executors.Sql;

/// <summary>
/// Kind sql: statements for PostgreSQL. Values are bound, never put into the text; a stop reaches the server. The client's own spans hang below
/// the attempt's.
/// </summary>
public sealed class SqlTaskExecutor(SqlConnections connections, ProcessTaskOptions options, TimeProvider clock) : ITaskExecutor
{
    private readonly ProcessTaskOptions _options = options.Checked();

    /// <inheritdoc/>
    public async ValueTask<TaskOutcome> ExecuteAsync(TaskAttempt attempt, CancellationToken stop)
    {
        if (stop.IsCancellationRequested) return new TaskOutcome.Cancelled();
        var call = attempt.Invocation.Sql ?? throw new InvalidOperationException("A sql task was not rendered.");
        SqlPool? pool = null;
        SqlRun? run = null;
        try
        {
            var work = SqlWork.Of(call, attempt.BaseDirectory);
            var csv = call.Csv is { } name ? ArtifactPath.Resolve(_options.Disk, attempt.RunDirectory, name, attempt.Secrets) : null;
            pool = connections.PoolOf(call.Connection);
            var session = await pool.RentAsync(stop).ConfigureAwait(false);
            await using (session.ConfigureAwait(false))
            {
                run = new(session, call, csv, ResultLimit.Of(attempt.Task, _options), _options, clock);
                if (call.StatementTimeout is { } limit) await session.LimitAsync(limit, stop).ConfigureAwait(false);
                return new TaskOutcome.Succeeded { Outputs = await run.DoAsync(work, stop).ConfigureAwait(false) };
            }
        }
        catch (SqlProblemException e)
        {
            return Failed(new TaskOutcome.Failed(e.Kind, e.Message, Retryable: false).By(e));
        }
        catch (OutputProblemException e)
        {
            return Failed(new TaskOutcome.Failed(e.Kind, e.Message, Retryable: false).By(e));
        }
        catch (Exception) when (stop.IsCancellationRequested)
        {
            return new TaskOutcome.Cancelled();   // whatever the end of a stopped statement looked like
        }
        catch (Exception e) when (pool is not null && e is NpgsqlException or SocketException or TimeoutException or System.Security.Authentication.AuthenticationException)
        {
            return Failed(SqlFailures.Of(e, pool, attempt.Task, run?.Current, run?.Number ?? 0, call.File).By(e));
        }
        catch (Exception e) when (pool is not null && e is NotSupportedException or InvalidOperationException or InvalidCastException or ArgumentException or FormatException or OverflowException)
        {
            // What the client library refuses, it refuses each time.
            return Failed(SqlFailures.NotCarriedOut(e, pool!, run?.Current, run?.Number ?? 0).By(e));
        }
        catch (IOException e)
        {
            return Failed(new TaskOutcome.Failed(Core.FailureKind.Error, e.Message).By(e));
        }

        TaskOutcome.Failed Failed(TaskOutcome.Failed failed) =>
            failed with { Message = SecretMasker.Apply(SecretPatterns.Of([.. attempt.Secrets, .. pool?.Secrets ?? []]), failed.Message) };
    }
}
