using Orchestrator.Core;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Telemetry;

namespace Orchestrator.Engine.Scheduling;

/// <summary>Which runs of which schedule are open, kept in step with what the engine journals.</summary>
internal sealed class OpenScheduledRuns
{
    private readonly Lock _gate = new();
    private readonly Dictionary<RunId, string> _schedules = [];
    private readonly Dictionary<string, List<RunId>> _runs = [];
    private readonly Dictionary<string, DateTimeOffset> _completed = [];
    private readonly Dictionary<RunId, string> _workflows = [];
    private readonly Dictionary<string, HashSet<RunId>> _ofWorkflows = [];
    private readonly HashSet<RunId> _ofBackfills = [];   // they stand for due times of the past: nothing that is due now waits for them or replaces them

    /// <summary>Told when a run of a schedule has ended, with the schedule's key.</summary>
    public event Action<string>? Ended;

    /// <summary>Told when any run has ended, with its workflow.</summary>
    public event Action<string>? EndedOf;

    public void Take(AppendedBatch batch)
    {
        string? ended = null, workflow = null;
        lock (_gate)
        {
            foreach (var recorded in batch.Events)
            {
                if (recorded.Event is WorkflowCreated begun) AddTo(begun.Workflow, batch.RunId);
                else if (recorded.Event is WorkflowEnded && _workflows.Remove(batch.RunId, out workflow)) RemoveFrom(workflow, batch.RunId);
                if (recorded.Event is WorkflowCreated { ScheduleId: not null, Trigger: TriggerKind.Backfill }) _ofBackfills.Add(batch.RunId);
                else if (recorded.Event is WorkflowCreated { ScheduleId: { } schedule } created && !_ofBackfills.Contains(batch.RunId)) Add(batch.RunId, $"{created.Workflow}/{schedule}");
                else if (recorded.Event is WorkflowRetrying retrying && _ofBackfills.Contains(batch.RunId)) _ofBackfills.Add(retrying.NextRunId);
                else if (recorded.Event is WorkflowEnded && _ofBackfills.Remove(batch.RunId)) continue;
                else if (recorded.Event is WorkflowEnded && _schedules.Remove(batch.RunId, out ended))
                {
                    Remove(batch.RunId, ended);
                    if (recorded.Event is WorkflowCompleted) _completed[ended] = recorded.Time;
                }
            }
        }
        if (ended is not null) Ended?.Invoke(ended);
        if (workflow is not null) EndedOf?.Invoke(workflow);
    }

    /// <summary>The open runs of a schedule, oldest first.</summary>
    public IReadOnlyList<RunId> Of(string key)
    {
        lock (_gate) return _runs.TryGetValue(key, out var runs) ? [.. runs] : [];
    }

    /// <summary>The open runs of a workflow, whatever started them, oldest first.</summary>
    public IReadOnlyList<RunId> OfWorkflow(string workflow)
    {
        lock (_gate) return _ofWorkflows.TryGetValue(workflow, out var runs) ? [.. runs.OrderBy(r => r.Time)] : [];
    }

    /// <summary>When a run of a schedule completed last, as far as this process has seen; null: it has seen none.</summary>
    public DateTimeOffset? CompletedAt(string key)
    {
        lock (_gate) return _completed.TryGetValue(key, out var at) ? at : null;
    }

    private void AddTo(string workflow, RunId run)
    {
        if (!_workflows.TryAdd(run, workflow)) return;
        if (!_ofWorkflows.TryGetValue(workflow, out var runs)) _ofWorkflows[workflow] = runs = [];
        runs.Add(run);
    }

    private void RemoveFrom(string workflow, RunId run)
    {
        _ofWorkflows[workflow].Remove(run);
        if (_ofWorkflows[workflow].Count == 0) _ofWorkflows.Remove(workflow);
    }

    private void Add(RunId run, string key)
    {
        if (!_schedules.TryAdd(run, key)) return;
        if (!_runs.TryGetValue(key, out var runs)) _runs[key] = runs = [];
        runs.Add(run);
    }

    private void Remove(RunId run, string key)
    {
        _runs[key].Remove(run);
        if (_runs[key].Count == 0) _runs.Remove(key);
    }
}
