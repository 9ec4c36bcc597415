using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules.Backfills;
using Orchestrator.Engine.Telemetry;

namespace Orchestrator.Engine.Backfills;

/// <summary>Which open run belongs to which item of which backfill, kept in step with what the engine journals.</summary>
internal sealed class BackfillRuns
{
    private readonly Lock _gate = new();
    private readonly Dictionary<RunId, (BackfillKeeper Keeper, RunId Item)> _open = [];   // by the run that is open: the item's, or one that repeats it

    public void Follow(RunId run, BackfillKeeper keeper)
    {
        lock (_gate) _open.TryAdd(run, (keeper, run));
    }

    /// <summary>Another run of the chain is the open one.</summary>
    public void Replace(RunId run, RunId next)
    {
        lock (_gate)
            if (_open.Remove(run, out var item)) _open[next] = item;
    }

    public void Forget(RunId run)
    {
        lock (_gate) _open.Remove(run);
    }

    /// <summary>The open run of an item: its own, or the one that repeats it.</summary>
    public RunId CurrentOf(RunId item)
    {
        lock (_gate)
        {
            foreach (var (run, of) in _open)
                if (of.Item == item) return run;
            return item;
        }
    }

    /// <summary>Takes what the engine journals into account.</summary>
    public void Take(AppendedBatch batch)
    {
        var run = batch.RunId;
        foreach (var recorded in batch.Events)
        {
            if (recorded.Event is WorkflowRetrying retrying) Replace(run, retrying.NextRunId);
            else if (recorded.Event is WorkflowEnded end)
            {
                (BackfillKeeper Keeper, RunId Item) ended;
                lock (_gate)
                    if (!_open.Remove(run, out ended)) continue;
                ended.Keeper.Post(new BackfillInput.Ended(ended.Item, RunChain.OutcomeOf(end), ended.Item == run ? null : run));
            }
        }
    }
}
