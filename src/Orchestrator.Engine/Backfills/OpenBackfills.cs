using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules.Backfills;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Telemetry;

namespace Orchestrator.Engine.Backfills;

/// <summary>The backfills that have not ended: they go on as long as this does, and continue where they were when it is made again.</summary>
public sealed class OpenBackfills : IAsyncDisposable
{
    /// <summary>At most so many have not ended.</summary>
    public const int MaxOpen = 100;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, (BackfillKeeper Keeper, Task Work)> _open = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly BackfillRuns _runs = new();
    private readonly BackfillParts _parts;
    private bool _isDisposed;

    /// <summary>Makes it; <see cref="ContinueAsync"/> continues those of an earlier process.</summary>
    public OpenBackfills(BackfillParts parts) => _parts = parts;

    /// <summary>Told of every event of a backfill once it is durable, from any thread; must return at once.</summary>
    public event Action<RecordedEvent>? Recorded;

    /// <summary>How many have not ended.</summary>
    public int Open
    {
        get { lock (_gate) return _open.Count; }
    }

    /// <summary>Takes what the engine journals into account.</summary>
    public void Take(AppendedBatch batch) => _runs.Take(batch);

    /// <summary>Continues what an earlier process left, however long ago.</summary>
    public async Task ContinueAsync(CancellationToken stop)
    {
        foreach (var stream in _parts.Store.Runs.SystemStreams())
        {
            if (!stream.TryGetBackfill(out var id)) continue;
            var state = BackfillState.Empty;
            await foreach (var e in _parts.Journal.ReadAsync(stream, 0, stop).ConfigureAwait(false)) state = state.Apply(e);
            if (state is not { Created: not null, Finished: null }) continue;
            _parts.Log.BackfillContinues(id, state.Open.Count, state.NotStarted);
            Keep(id).Post(new BackfillInput.Tick());
        }
    }

    /// <summary>Accepts a backfill: when the task completes it is durable, and goes on whatever becomes of the caller.</summary>
    /// <param name="id">Its id; one that exists already is returned, not repeated.</param>
    /// <param name="definition">The definition of its runs; it is stored with it.</param>
    /// <param name="plan">What it is to do.</param>
    /// <param name="stop">Cancels the waiting.</param>
    /// <exception cref="TooManyBackfillsException">As many are open as may be.</exception>
    /// <exception cref="JournalUnavailableException">It was not accepted.</exception>
    public async Task<BackfillState> CreateAsync(string id, WorkflowDefinition definition, BackfillPlan plan, CancellationToken stop = default)
    {
        lock (_gate)
            if (_open.Count >= MaxOpen && !_open.ContainsKey(id)) throw new TooManyBackfillsException();
        var version = _parts.Store.Definitions.Save(definition);
        var state = await Keep(id).DoAsync(new BackfillInput.Create(plan with { DefinitionVersion = version }), stop).ConfigureAwait(false);
        _parts.Log.BackfillCreated(id, plan.Workflow, state.Items.Length, plan.Items.From, plan.Items.To, plan.Parallelism);
        return state;
    }

    /// <summary>Cancels a backfill: no more items start, and its open runs are asked to stop. Null when it is not open.</summary>
    /// <exception cref="JournalUnavailableException">It was not cancelled.</exception>
    public async Task<BackfillState?> CancelAsync(string id, string actor, string? reason, CancellationToken stop = default)
    {
        BackfillKeeper keeper;
        lock (_gate)
        {
            if (!_open.TryGetValue(id, out var open)) return null;
            keeper = open.Keeper;
        }
        return await keeper.DoAsync(new BackfillInput.Cancel(actor, reason), stop).ConfigureAwait(false);
    }

    /// <summary>Nothing starts any more; what is open stays so, and is continued when the service is back.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        await _stopping.CancelAsync().ConfigureAwait(false);
        Task[] works;
        lock (_gate) works = [.. _open.Values.Select(o => o.Work)];
        await Task.WhenAll(works).ConfigureAwait(false);
        _stopping.Dispose();
    }

    private BackfillKeeper Keep(string id)
    {
        lock (_gate)
        {
            if (_open.TryGetValue(id, out var known)) return known.Keeper;
            var keeper = new BackfillKeeper(id, _parts, _runs, Note);
            _open[id] = (keeper, Task.Run(() => WorkAsync(keeper)));
            return keeper;
        }
    }

    private async Task WorkAsync(BackfillKeeper keeper)
    {
        await keeper.RunAsync(_stopping.Token).ConfigureAwait(false);
        lock (_gate) _open.Remove(keeper.Id);
    }

    private void Note(RecordedEvent recorded)
    {
        try { Recorded?.Invoke(recorded); }
        catch (Exception e) { _parts.Log.ObserverFailed(e); }   // telemetry never hurts a run
    }
}

/// <summary>As many backfills are open as this worker accepts.</summary>
public sealed class TooManyBackfillsException() : Exception($"{OpenBackfills.MaxOpen} backfills are open, which is the most this worker accepts. Try again when one has ended.");
