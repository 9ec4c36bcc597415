using System.Collections.Immutable;
using Orchestrator.Core;

namespace Orchestrator.Engine.Executors.Sql;

/// <summary>
/// The databases this worker knows by name. Nothing is read and no server is called before a task needs a connection; then each has a small pool of its own.
/// </summary>
public sealed class SqlConnections : IAsyncDisposable
{
    private const long LargestFile = 64 * 1024;
    private readonly ImmutableSortedDictionary<string, SqlConnectionSource> _sources;
    private readonly IReadOnlyDictionary<string, string> _environment;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, SqlPool> _pools = new(StringComparer.Ordinal);

    /// <param name="sources">By name.</param>
    /// <param name="environment">The worker's environment.</param>
    public SqlConnections(IEnumerable<KeyValuePair<string, SqlConnectionSource>> sources, IReadOnlyDictionary<string, string> environment) =>
        (_sources, _environment) = (sources.ToImmutableSortedDictionary(StringComparer.Ordinal), environment);

    /// <exception cref="SqlProblemException">There is no such connection, or its settings cannot be had.</exception>
    internal SqlPool PoolOf(string name)
    {
        if (!_sources.TryGetValue(name, out var source)) throw new SqlProblemException(Unknown(name));
        var text = TextOf(name, source);
        lock (_gate)
        {
            if (_pools.TryGetValue(name, out var pool) && pool.Text == text) return pool;
            pool?.Retire();   // rotated settings: new attempts use the new ones, attempts in flight end as they began
            return _pools[name] = SqlPool.Of(name, text, source.PasswordFile);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        SqlPool[] pools;
        lock (_gate)
        {
            pools = [.. _pools.Values];
            _pools.Clear();
        }
        foreach (var pool in pools) await pool.DisposeAsync().ConfigureAwait(false);
    }

    private string Unknown(string name)
    {
        if (_sources.IsEmpty) return $"This worker has no connection '{name}', nor any other: add Orchestrator:Connections:{name} to its configuration.";
        var near = Suggest.DidYouMean(name, _sources.Keys);
        return $"This worker has no connection '{name}'. {(near.Length > 0 ? near + " " : "")}Known: {string.Join(", ", _sources.Keys)}. Add others under Orchestrator:Connections.";
    }

    private string TextOf(string name, SqlConnectionSource source)
    {
        if (source.ConnectionString is { } text) return text;
        if (source.Env is { } variable)
            return _environment.TryGetValue(variable, out var value) && value.Length > 0 ? value
                : throw new SqlProblemException($"Connection '{name}' is read from the variable {variable}, which the worker's environment does not have.");
        return ReadSecret(source.File!, $"Connection '{name}'");
    }

    internal static string ReadSecret(string path, string what)
    {
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: > LargestFile }) throw new SqlProblemException($"{what} is read from {path}, which is larger than 64 KiB.");
            var text = Files.Utf8Text.TryDecode(File.ReadAllBytes(path), out var at)
                ?? throw new SqlProblemException(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{what} is read from {path}, which is not UTF-8: see the byte at offset {at}."));
            return text.TrimEnd('\r', '\n');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SqlProblemException($"{what} cannot be read from {path}: check that the file exists and the worker may read it.");
        }
    }
}
