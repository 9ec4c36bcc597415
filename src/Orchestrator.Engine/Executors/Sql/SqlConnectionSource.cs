namespace Orchestrator.Engine.Executors.Sql;

/// <summary>
/// Where a connection's settings come from: exactly one of <see cref="ConnectionString"/>, <see cref="File"/> and <see cref="Env"/>. Never printed: what
/// it leads to is a secret.
/// </summary>
public sealed class SqlConnectionSource
{
    /// <summary>Keys and values as Npgsql takes them: <c>Host=db;Database=sales;Username=etl</c>.</summary>
    public string? ConnectionString { get; init; }

    /// <summary>File that holds the password alone, read for each new connection to the server.</summary>
    public string? PasswordFile { get; init; }

    /// <summary>File that holds the whole connection string, read for each attempt.</summary>
    public string? File { get; init; }

    /// <summary>The worker's variable that holds the whole connection string.</summary>
    public string? Env { get; init; }
}
