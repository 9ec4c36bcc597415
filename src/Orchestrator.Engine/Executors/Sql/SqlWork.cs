using System.Globalization;
using Orchestrator.Core.Planning;

namespace Orchestrator.Engine.Executors.Sql;

/// <summary>What is to be done: the statements of a call, read and split before anything is asked of a server.</summary>
internal sealed record SqlWork(SqlMode Mode, IReadOnlyList<SqlStatement> Statements)
{
    private const long LargestFile = 16 << 20;

    /// <exception cref="SqlProblemException">The texts cannot be executed as they are.</exception>
    public static SqlWork Of(SqlCall call, string baseDirectory)
    {
        var known = call.Parameters.Keys.ToHashSet(StringComparer.Ordinal);
        if (call.Query is { } query) return new(SqlMode.Query, Sendable([Single(query, "query", known)]));
        if (call.Execute is { } execute) return new(SqlMode.Execute, Sendable([Single(execute, "execute", known)]));
        if (call.File is null)
            return new(SqlMode.Transaction, Checked([.. call.Transaction.Select((text, i) => Single(text, $"transaction[{i}]", known))]));
        var statements = SqlScript.Split(Read(Path.GetFullPath(call.File, baseDirectory)), known);
        if (statements.Count == 0) throw new SqlProblemException($"The file {call.File} holds no statement.");
        return new(SqlMode.File, Checked(statements));
    }

    private static SqlStatement Single(string text, string key, HashSet<string> known) => SqlScript.Split(text, known) switch
    {
        [var only] => only,
        [] => throw new SqlProblemException($"sql.{key} holds no statement."),
        { Count: var count } => throw new SqlProblemException($"sql.{key} holds {count} statements and takes one. Put several under sql.transaction or in a file."),
    };

    // A commit in the middle would break the promise of all or nothing.
    private static IReadOnlyList<SqlStatement> Checked(IReadOnlyList<SqlStatement> statements)
    {
        foreach (var statement in statements)
            if (statement.ControlsTransaction)
                throw new SqlProblemException($"{statement.FirstWords.First} (line {statement.Start.Line}) is not allowed here: the statements already are one transaction. Remove it.");
        return Sendable(statements);
    }

    // Reported before any request to a server: otherwise the client would fail in the middle.
    private static IReadOnlyList<SqlStatement> Sendable(IReadOnlyList<SqlStatement> statements)
    {
        foreach (var statement in statements)
        {
            if (statement.CopiesThroughClient)
                throw new SqlProblemException($"COPY (line {statement.Start.Line}) moves rows through the client, which this kind of task cannot do: read rows with `query` and `csv`, insert them with `insert`, or call psql in a `run` task. COPY with a file of the server works.");
            if (statement.Text.IndexOf('\0', StringComparison.Ordinal) is >= 0 and var at)
                throw new SqlProblemException($"The statement on line {statement.Start.Line} holds a NUL character, {at} characters after its beginning, which PostgreSQL does not accept. Remove it.");
        }
        return statements;
    }

    private static string Read(string path)
    {
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: > LargestFile }) throw new SqlProblemException($"The file {path} is larger than 16 MiB: split it, or load it with psql.");
            var bytes = Files.RegularFile.TryRead(path, followLink: true, most: LargestFile) ?? throw new SqlProblemException($"The file {path} cannot be read: it does not exist, or is not a regular file.");
            return Files.Utf8Text.TryDecode(bytes, out var at) ?? throw new SqlProblemException(
                string.Create(CultureInfo.InvariantCulture, $"The file {path} is not UTF-8: the byte at offset {at} (line {bytes.AsSpan(0, at).Count((byte)'\n') + 1}) is part of no character. Save it as UTF-8."));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SqlProblemException($"The file {path} cannot be read: {e.Message}");
        }
    }
}

/// <summary>How statements are executed.</summary>
internal enum SqlMode
{
    /// <summary>One statement for its rows.</summary>
    Query,

    /// <summary>One statement for its effect.</summary>
    Execute,

    /// <summary>Listed statements in one transaction.</summary>
    Transaction,

    /// <summary>A file's statements in one transaction.</summary>
    File,
}
