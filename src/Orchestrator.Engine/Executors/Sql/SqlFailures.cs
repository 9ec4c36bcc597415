using System.Net.Sockets;
using System.Security.Authentication;
using Npgsql;
using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Executors.Sql;

/// <summary>What a failure of the database or of the way to it means, in a sentence with its remedy.</summary>
internal static class SqlFailures
{
    /// <param name="statement">The statement in question; null while the connection was being made.</param>
    /// <param name="number">Its number where there are several; 0 where it is the only one.</param>
    public static TaskOutcome.Failed Of(Exception e, SqlPool pool, TaskDefinition task, SqlStatement? statement, int number, string? file) => e switch
    {
        PostgresException refused when statement is null => NotAdmitted(refused, pool, task),
        PostgresException { SqlState: "57P01" or "57P02" or "57P03" } ended => new(FailureKind.Error, $"The server ended the connection '{pool.Name}' during {Which(statement, number)}: {ended.MessageText} (SQLSTATE {ended.SqlState}). {Unknown}",
            task.Idempotent && IsRetried(ended.SqlState, task)) { SqlState = ended.SqlState },
        PostgresException refused => Refused(refused, task, statement!, number, file),
        _ when statement is null => NoConnection(e, pool),
        _ => new(FailureKind.Error, $"The connection '{pool.Name}' to {At(pool)} was lost during {Which(statement, number)}: {Reason(e)} {Unknown}", task.Idempotent),
    };

    /// <summary>The client library refuses the request.</summary>
    public static TaskOutcome.Failed NotCarriedOut(Exception e, SqlPool pool, SqlStatement? statement, int number) =>
        new(FailureKind.SqlError, $"The client cannot execute {Which(statement, number)} on connection '{pool.Name}': {Sentence(e.Message)}", Retryable: e is ObjectDisposedException);

    private const string Unknown = "Whether it took effect is not known; an attempt of a task with idempotent: false is not repeated then.";

    /// <summary>Whether another attempt may mend it: what the task says, else conflicts, shutdowns and lack of resources.</summary>
    public static bool IsRetried(string state, TaskDefinition task) => task.Retry is { OnSqlState: { IsDefaultOrEmpty: false } chosen }
        ? chosen.Any(c => c == state || (c.Length == 2 && state.StartsWith(c, StringComparison.Ordinal)))
        : state is "40001" or "40P01" || state.StartsWith("57P0", StringComparison.Ordinal) || state.StartsWith("53", StringComparison.Ordinal) || state.StartsWith("08", StringComparison.Ordinal);

    private static TaskOutcome.Failed Refused(PostgresException e, TaskDefinition task, SqlStatement statement, int number, string? file)
    {
        var facts = new List<string> { $"SQLSTATE {e.SqlState}" };
        if (number > 0) facts.Add($"statement {number}");
        // Without a position the error belongs to the statement as a whole.
        var (line, column) = e.Position > 0 ? statement.Locate(e.Position) : statement.Start;
        if (e.Position > 0) facts.Add($"line {line}, column {column}");
        else if (file is not null) facts.Add($"line {line}");
        if (file is not null) facts[^1] += " of " + Path.GetFileName(file);
        if (e.ConstraintName is { } constraint) facts.Add(e.TableName is { } table ? $"constraint {constraint} of {table}" : $"constraint {constraint}");
        else if (e.ColumnName is { } named) facts.Add($"column {named}");
        var hint = e.Hint is { Length: > 0 } text ? " " + Sentence(text) : e.SqlState is "42P18" or "42804" or "42725" ? " Where a parameter's place has no type of its own, write it as @name::text or another type." : "";
        // Empty unless the connection string has Include Error Detail=true: it may quote rows.
        var detail = e.Detail is { Length: > 0 } more && !more.StartsWith("Detail redacted", StringComparison.Ordinal) ? " " + Sentence(more) : "";
        return new(FailureKind.SqlError, $"{Sentence(e.MessageText)[..^1]} ({string.Join(", ", facts)}).{detail}{hint}", IsRetried(e.SqlState, task)) { SqlState = e.SqlState };
    }

    private static TaskOutcome.Failed NotAdmitted(PostgresException e, SqlPool pool, TaskDefinition task)
    {
        var remedy = e.SqlState switch
        {
            "28P01" => "Check the user name and password of the connection.",
            "28000" => "Check the user name, and what pg_hba.conf on the server allows.",
            "3D000" => "Check Database in the connection string.",
            _ when e.SqlState.StartsWith("53", StringComparison.Ordinal) => "The server has no room for another connection now.",
            _ => "",
        };
        return new(FailureKind.Error, $"The server at {At(pool)} does not admit connection '{pool.Name}': {Sentence(e.MessageText)[..^1]} (SQLSTATE {e.SqlState}). {remedy}".TrimEnd(), IsRetried(e.SqlState, task))
        {
            SqlState = e.SqlState,
        };
    }

    private static TaskOutcome.Failed NoConnection(Exception e, SqlPool pool)
    {
        var socket = Find<SocketException>(e);
        if (socket is { SocketErrorCode: SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData })
            return Connecting($"its host '{pool.Host}' cannot be found by name. Check Host in the connection string, and the name servers of this machine.");
        if (socket is { SocketErrorCode: SocketError.ConnectionRefused })
            return Connecting($"nothing listens at {At(pool)}. Check Host and Port, and that the server runs.");
        if (Find<AuthenticationException>(e) is { } untrusted) return Connecting($"TLS with {At(pool)} failed: {Sentence(untrusted.Message)} Check SSL Mode and Root Certificate.", isTransient: false);
        if (Find<TimeoutException>(e) is not null) return Connecting($"{At(pool)} does not answer. Check the network and firewalls on the way; Timeout in the connection string limits the wait.");
        return e.Message.Contains("SSL", StringComparison.Ordinal)
            ? Connecting($"TLS with {At(pool)} failed: {Sentence(e.Message)} Check SSL Mode in the connection string, and whether the server has TLS.", isTransient: false)
            : Connecting($"{At(pool)}: {Reason(e)}");

        TaskOutcome.Failed Connecting(string why, bool isTransient = true) => new(FailureKind.Error, $"Connection '{pool.Name}' failed: {why}", isTransient);
    }

    private static string At(SqlPool pool) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{pool.Host}:{pool.Port}");

    private static string Which(SqlStatement? statement, int number) => number > 0 ? $"statement {number} (line {statement!.Start.Line})" : "the statement";

    private static string Reason(Exception e) => Sentence((e.InnerException ?? e).Message);

    private static string Sentence(string text) => text.TrimEnd() is var trimmed && trimmed.EndsWith('.') ? trimmed : trimmed + ".";

    private static T? Find<T>(Exception? e) where T : Exception
    {
        for (; e is not null; e = e.InnerException)
        {
            if (e is T found) return found;
            if (e is AggregateException { InnerExceptions: [var first, ..] } && Find<T>(first) is { } inner) return inner;
        }
        return null;
    }
}
