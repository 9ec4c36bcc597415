using System.Collections.Immutable;
using System.Threading.Channels;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;
using Orchestrator.Core.Definitions;

namespace Orchestrator.Engine.Definitions;

/// <summary>
/// Keeps the catalog in step with its folders and files and with inline configuration. Changes are seen by a watcher where it works and by looking
/// at the content every 5 s everywhere: ConfigMap links and network mounts have no events.
/// </summary>
/// <param name="paths">Folders or files.</param>
/// <param name="configuration">Where inline definitions stand; null: there are none.</param>
/// <param name="baseDir">Folder that relative paths of inline definitions start from.</param>
/// <param name="rejected">Told each origin with problems, once per content.</param>
public sealed class LiveDefinitions(
    WorkflowCatalog catalog, IEnumerable<string> paths, IConfiguration? configuration, string? baseDir,
    TimeProvider clock, ILogger<LiveDefinitions> log, Action<string, ImmutableArray<Problem>>? rejected = null) : IAsyncDisposable
{
    /// <summary>How often content is looked at without being told.</summary>
    public static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);

    // An editor writes a file in several steps: wait for a pause.
    private static readonly TimeSpan s_settle = TimeSpan.FromMilliseconds(100);

    private readonly ImmutableArray<DefinitionFolder> _folders = [.. paths.Select(p => new DefinitionFolder(p))];
    private readonly Channel<bool> _looks = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly List<IDisposable> _sources = [];
    private readonly Dictionary<string, string> _told = new(StringComparer.Ordinal);
    private readonly Lock _loading = new();
    private IReadOnlyList<DefinitionSource>? _inline;
    private Task _loop = Task.CompletedTask;

    /// <summary>Definitions written in C#: always there, never changing.</summary>
    internal IReadOnlyList<DefinitionSource> Built { get; init; } = [];

    /// <summary>Told after each look, whether or not anything changed.</summary>
    internal event Action? Looked;

    /// <summary>Reads everything now. Safe from any thread; the first call fills the catalog.</summary>
    public void Load()
    {
        lock (_loading)
        {
            var unreadable = new Dictionary<string, Problem>(StringComparer.Ordinal);
            var sources = new Dictionary<string, DefinitionSource>(StringComparer.Ordinal);
            foreach (var source in Built) sources[source.Origin] = source;
            foreach (var source in _inline ??= configuration is null ? [] : InlineDefinitions.Read(configuration, baseDir)) sources[source.Origin] = source;
            foreach (var source in _folders.SelectMany(f => f.Read(unreadable))) sources[source.Origin] = source;

            var next = catalog.Current.Next(sources.Values, unreadable);
            if (catalog.Replace(next)) log.CatalogChanged(next.Workflows.Count, next.Problems.Count);
            Tell(next, sources);
        }
    }

    /// <summary>Begins to follow changes, until disposed. Called once, after <see cref="Load"/>.</summary>
    public void Follow()
    {
        var settle = clock.CreateTimer(_ => _looks.Writer.TryWrite(true), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _sources.Add(settle);
        _sources.Add(clock.CreateTimer(_ => _looks.Writer.TryWrite(true), null, LookEvery, LookEvery));
        foreach (var folder in _folders) Watch(folder.Root, settle);
        if (configuration is not null) _sources.Add(ChangeToken.OnChange(configuration.GetReloadToken, Reread));
        _loop = Task.Run(LookAsync);
    }

    /// <summary>Stops following; the catalog keeps what it has.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var source in _sources) source.Dispose();
        _looks.Writer.TryComplete();
        await _loop.ConfigureAwait(false);
    }

    private async Task LookAsync()
    {
        await foreach (var _ in _looks.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            try { Load(); }
#pragma warning disable CA1031 // The one boundary of the loop: a fault in one look must not end live reload for good.
            catch (Exception e) { log.ReloadFailed(e); }
#pragma warning restore CA1031
            Looked?.Invoke();
        }
    }

    private void Watch(string root, ITimer settle)
    {
        try
        {
            var isFile = File.Exists(root);
            var watcher = new FileSystemWatcher(isFile ? Path.GetDirectoryName(root)! : root) { IncludeSubdirectories = !isFile };
            _sources.Add(watcher);
            void Changed(object _, FileSystemEventArgs e) => settle.Change(s_settle, Timeout.InfiniteTimeSpan);
            watcher.Changed += Changed;
            watcher.Created += Changed;
            watcher.Deleted += Changed;
            watcher.Renamed += (_, _) => settle.Change(s_settle, Timeout.InfiniteTimeSpan);
            watcher.Error += (_, e) => log.NotWatched(root, e.GetException());
            watcher.EnableRaisingEvents = true;
        }
        catch (Exception e) when (e is IOException or ArgumentException or UnauthorizedAccessException)
        {
            log.NotWatched(root, e);
        }
    }

    private void Reread()
    {
        lock (_loading) _inline = null;
        _looks.Writer.TryWrite(true);
    }

    private void Tell(CatalogSnapshot now, Dictionary<string, DefinitionSource> sources)
    {
        foreach (var gone in _told.Keys.Where(o => !now.Problems.ContainsKey(o)).ToList()) _told.Remove(gone);
        foreach (var (origin, problems) in now.Problems)
        {
            var content = $"{sources.GetValueOrDefault(origin)?.Content}\n{string.Join('\n', problems)}";
            if (_told.TryGetValue(origin, out var before) && before == content) continue;
            _told[origin] = content;
            log.Rejected(origin, problems[0].ToString(), problems.Length);
            rejected?.Invoke(origin, problems);
        }
    }
}
