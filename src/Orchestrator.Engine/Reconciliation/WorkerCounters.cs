using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Lifecycle;

namespace Orchestrator.Engine.Reconciliation;

/// <summary>
/// What the counters of one worker process must say, counted from the journal: an event counts where a worker of that instance had the run
/// when it was appended. Independent of the code that records metrics, or there would be nothing to compare.
/// </summary>
/// <param name="instance">The worker's instance id.</param>
/// <param name="began">When its process began: an instance id may be configured and come back.</param>
public sealed class WorkerCounters(string instance, DateTimeOffset began)
{
    private readonly Dictionary<(string Series, string Workflow, string Result), long> _counts = [];

    /// <summary>Series, workflow and result (empty where the series has none), and how often.</summary>
    public IReadOnlyDictionary<(string Series, string Workflow, string Result), long> Counts => _counts;

    /// <summary>Runs without a terminal event that this worker has, or that no worker has yet.</summary>
    public long Open { get; private set; }

    /// <summary>Counts a run.</summary>
    public void Add(IReadOnlyList<RecordedEvent> events)
    {
        if (events is not [{ Event: WorkflowCreated created }, ..]) return;
        string? owner = null;
        var open = new HashSet<TaskId>();   // tasks with an attempt that has not ended
        foreach (var recorded in events)
        {
            owner = recorded.Event switch { WorkflowStarted s => s.InstanceId, WorkflowRecovered r => r.InstanceId, _ => owner };
            if (recorded.Event is TaskStarted started) open.Add(started.Task);
            var closesAttempt = recorded.Event is AttemptClosed closed && open.Remove(closed.Task);
            if (owner == instance && recorded.Time >= began) Count(created.Workflow, recorded.Event, closesAttempt);
        }
        if (events[^1].Event is not WorkflowEnded && (owner is null || owner == instance)) Open++;
    }

    private void Count(string workflow, JournalEvent e, bool closesAttempt)
    {
        switch (e)
        {
            case WorkflowRecovered:
                One("orchestrator_run_resumed_total", workflow);
                break;
            case WorkflowEnded ended:
                One("cicd_pipeline_run_duration_seconds_count", workflow, Outcomes.Of(ended)!);
                break;
            case AttemptClosed { Attempt: > 0 } closed:
                // Cancelled while it waited for its next attempt: the latest has been counted.
                if (closesAttempt) One("orchestrator_task_attempt_duration_seconds_count", workflow, Outcomes.Of(closed)!);
                if (closed is TaskRetrying) One("orchestrator_task_retries_total", workflow);
                else One("orchestrator_task_duration_seconds_count", workflow, Outcomes.Of(closed)!);
                break;
        }
    }

    private void One(string series, string workflow, string result = "") =>
        _counts[(series, workflow, result)] = _counts.GetValueOrDefault((series, workflow, result)) + 1;
}
