using Npgsql;

namespace Orchestrator.Engine.Executors.Sql;

/// <summary>The connections to one database. More tasks than connections wait in line, for as long as they may run.</summary>
internal sealed class SqlPool : IAsyncDisposable
{
    private const int SmallPool = 16;
    private readonly NpgsqlDataSource _source;
    private readonly SemaphoreSlim _free;
    private string? _password;

    private SqlPool(string name, string text, NpgsqlConnectionStringBuilder settings, string? passwordFile)
    {
        (Name, Text) = (name, text);
        _password = settings.Password;
        (Host, Port) = (settings.Host ?? "localhost", settings.Port);
        _free = new(settings.MaxPoolSize, settings.MaxPoolSize);
        var builder = new NpgsqlDataSourceBuilder(settings.ConnectionString);
        // Setting a session up is ours, not the task's: no spans for it.
        builder.ConfigureTracing(tracing => tracing.ConfigureCommandFilter(command => command is not { CommandText: SqlSession.Limit or SqlSession.Reset }));
        if (passwordFile is not null)
            builder.UsePasswordProvider(_ => Password(passwordFile), (_, _) => ValueTask.FromResult(Password(passwordFile)));
        _source = builder.Build();
    }

    /// <summary>The connection's name.</summary>
    public string Name { get; }

    /// <summary>The settings it was made from: a secret.</summary>
    public string Text { get; }

    public string Host { get; }

    public int Port { get; }

    /// <summary>What must not be seen in messages.</summary>
    public IEnumerable<string> Secrets => _password is { Length: > 0 } password ? [password] : [];

    /// <exception cref="SqlProblemException">The settings are no connection string.</exception>
    public static SqlPool Of(string name, string text, string? passwordFile)
    {
        try
        {
            var settings = new NpgsqlConnectionStringBuilder(text);
            // The attempt's timeout is the limit; a second, hidden one of 30 s would surprise.
            if (!settings.ContainsKey("Command Timeout")) settings.CommandTimeout = 0;
            if (!settings.ContainsKey("Maximum Pool Size")) settings.MaxPoolSize = SmallPool;
            if (!settings.ContainsKey("Connection Idle Lifetime")) settings.ConnectionIdleLifetime = 60;
            if (!settings.ContainsKey("GSS Encryption Mode")) settings.GssEncryptionMode = GssEncryptionMode.Disable;
            if (!settings.ContainsKey("Cancellation Timeout")) settings.CancellationTimeout = 10_000;   // ms a server has to end a stopped statement
            settings.ApplicationName ??= "orchestrator";
            settings.Timezone = "UTC";        // results are in UTC
            settings.NoResetOnClose = true;   // done at once, see SqlSession: a lock must not live on in an idle connection
            settings.Multiplexing = false;
            settings.Enlist = false;
            if (string.IsNullOrEmpty(settings.Host)) throw new SqlProblemException($"The connection string of '{name}' names no Host.");
            return new(name, text, settings, passwordFile);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidOperationException or NotSupportedException)
        {
            throw new SqlProblemException($"The connection string of '{name}' cannot be used: {Redacted(e)} It is written like Host=db;Database=sales;Username=etl.");
        }
    }

    /// <summary>A session, once one is free.</summary>
    public async Task<SqlSession> RentAsync(CancellationToken stop)
    {
        await _free.WaitAsync(stop).ConfigureAwait(false);
        try
        {
            return new(await _source.OpenConnectionAsync(stop).ConfigureAwait(false), _free);
        }
        catch
        {
            _free.Release();
            throw;
        }
    }

    /// <summary>Ends idle connections now and the others when they come back.</summary>
    public void Retire() => _source.Dispose();

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    private string Password(string file) => _password = SqlConnections.ReadSecret(file, $"The password of connection '{Name}'");

    // Only a key's name is safe to repeat.
    private static string Redacted(Exception e) =>
        e is ArgumentException { ParamName: { } key } && key.All(c => char.IsAsciiLetter(c) || c == ' ') ? $"'{key}' is unknown or has a value that cannot be used." : "it has unknown keys or values.";
}
