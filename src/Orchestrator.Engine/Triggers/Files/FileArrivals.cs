using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Orchestrator.Core.Definitions;
using Orchestrator.Engine.Files;

namespace Orchestrator.Engine.Triggers.Files;

/// <summary>The triggers in force that look for files, each with its watch. A folder that hangs holds up no other.</summary>
public sealed class FileArrivals : IAsyncDisposable
{
    private readonly Channel<IReadOnlyCollection<WorkflowDefinition>> _latest =
        Channel.CreateBounded<IReadOnlyCollection<WorkflowDefinition>>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
    private readonly Dictionary<string, FolderWatch> _watches = new(StringComparer.Ordinal);
    private readonly StateFolder _state;
    private readonly LiveTriggers _triggers;
    private readonly TimeProvider _clock;
    private readonly TriggerOptions _options;
    private readonly ILogger _log;
    private readonly Task _following;
    private int _disposed;

    /// <summary>Makes it; nothing is looked for before <see cref="Apply"/>.</summary>
    /// <param name="state">State beside the journal.</param>
    public FileArrivals(StateFolder state, LiveTriggers triggers, TriggerOptions options, TimeProvider clock, ILogger<FileArrivals> log)
    {
        (_state, _triggers, _options, _clock, _log) = (state.In("triggers"), triggers, options, clock, log);
        _following = Task.Run(FollowAsync);
    }

    /// <summary>Looks for the files of these definitions from now on; the latest call wins. Never blocks.</summary>
    public void Apply(IReadOnlyCollection<WorkflowDefinition> definitions) => _latest.Writer.TryWrite(definitions);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1) return;
        _latest.Writer.TryComplete();
        await _following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(_watches.Values.Select(w => w.DisposeAsync().AsTask())).ConfigureAwait(false);
    }

    private async Task FollowAsync()
    {
        await foreach (var definitions in _latest.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            var wanted = definitions.SelectMany(w => w.Triggers.Where(t => t is { Enabled: true, Files: not null }).Select(t => (Workflow: w, Trigger: t)))
                .ToDictionary(t => $"{t.Workflow.Name}/{t.Trigger.Id}", StringComparer.Ordinal);
            var over = _watches.Values.Where(w => !wanted.TryGetValue(w.Key, out var found) || !w.IsOf(found.Workflow)).ToList();
            await Task.WhenAll(over.Select(w => w.DisposeAsync().AsTask())).ConfigureAwait(false);
            foreach (var watch in over) _watches.Remove(watch.Key);
            foreach (var (key, (workflow, trigger)) in wanted)
            {
                if (_watches.ContainsKey(key)) continue;
                (_watches[key] = new(workflow, trigger, _state, _triggers, _clock, _options, _log)).Start();
            }
        }
    }
}
