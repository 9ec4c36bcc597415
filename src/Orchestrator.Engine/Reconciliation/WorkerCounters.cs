using Orchestrator.Core.Runs;
using Orchestrator.Core.Triggers;
using Orchestrator.Engine.Telemetry;

namespace Orchestrator.Engine.Reconciliation;

/// <summary>
/// What the counters of one worker process must say, counted from the journal: an event counts where a worker of that instance had the run
/// when it was appended. Independent of the code that records metrics, or there would be nothing to compare.
/// </summary>
/// <param name="instance">The worker's instance id.</param>
/// <param name="began">When its process began: an instance id may be configured and come back.</param>
public sealed class WorkerCounters(string instance, DateTimeOffset began)
{
    private const string Runs = "cicd_pipeline_run_duration_seconds_count";

    internal const string Deliveries = "orchestrator_trigger_deliveries_total";
    internal const string TriggerRuns = "orchestrator_trigger_runs_total";

    /// <summary>Result of a run's wait for its start.</summary>
    public const string Waited = "started";

    private readonly Dictionary<(string Series, string Workflow, string Result), long> _counts = [];
    private readonly Dictionary<(string Series, string Workflow, string Result), long> _perhaps = [];

    /// <summary>Series, workflow and result (empty where the series has none), and how often.</summary>
    public IReadOnlyDictionary<(string Series, string Workflow, string Result), long> Counts => _counts;

    /// <summary>
    /// What may be counted as well: nothing in the journal says which worker ended a run that none had started and that is older than this one.
    /// </summary>
    public IReadOnlyDictionary<(string Series, string Workflow, string Result), long> Perhaps => _perhaps;

    /// <summary>Runs without a terminal event that this worker has, or that no worker has yet.</summary>
    public long Open { get; private set; }

    /// <summary>Result of a run that ended before it had started.</summary>
    public static string Unstarted(string result) => result + ", never started";

    /// <summary>Counts a run.</summary>
    public void Add(IReadOnlyList<RecordedEvent> events)
    {
        if (events is not [{ Event: WorkflowCreated created }, ..]) return;
        string? owner = null;
        var attempts = new AttemptLedger();
        foreach (var recorded in events)
        {
            owner = recorded.Event switch { WorkflowStarted s => s.InstanceId, WorkflowRecovered r => r.InstanceId, _ => owner };
            var closesAttempt = recorded.Event is TaskEvent e && attempts.Take(e, recorded.Time).Move == AttemptMove.Closes;
            if (owner == instance && recorded.Time >= began) Count(created.Workflow, recorded.Event, closesAttempt);
        }
        if (owner is null && events[^1] is { Event: WorkflowEnded never, Time: var ended } && ended >= began)
            One(events[0].Time >= began ? _counts : _perhaps, Runs, created.Workflow, Unstarted(Outcomes.Of(never)!));
        if (events[^1].Event is not WorkflowEnded && (owner is null || owner == instance)) Open++;
    }

    /// <summary>Counts the ledger of a trigger: one service at a time writes it.</summary>
    public void AddTrigger(IReadOnlyList<RecordedEvent> entries)
    {
        foreach (var recorded in entries)
        {
            if (recorded.Time < began || recorded.Event is not TriggerEvent entry) continue;
            var (outcome, count) = DeliveryOutcomes.Of(entry);
            if (count > 0) One(_counts, Deliveries, entry.Workflow, outcome, count);
            if (entry is TriggerFired) One(_counts, TriggerRuns, entry.Workflow);
        }
    }

    private void Count(string workflow, JournalEvent e, bool closesAttempt)
    {
        switch (e)
        {
            case WorkflowStarted:
                One(_counts, Runs, workflow, Waited);
                break;
            case WorkflowRecovered:
                One(_counts, "orchestrator_run_resumed_total", workflow);
                break;
            case WorkflowEnded ended:
                One(_counts, Runs, workflow, Outcomes.Of(ended)!);
                break;
            case AttemptClosed { Attempt: > 0 } closed:
                // Cancelled while it waited for its next attempt: the latest has been counted.
                if (closesAttempt) One(_counts, "orchestrator_task_attempt_duration_seconds_count", workflow, Outcomes.Of(closed)!);
                if (closed is TaskRetrying) One(_counts, "orchestrator_task_retries_total", workflow);
                else One(_counts, "orchestrator_task_duration_seconds_count", workflow, Outcomes.Of(closed)!);
                break;
        }
    }

    private static void One(Dictionary<(string Series, string Workflow, string Result), long> counts, string series, string workflow, string result = "", long count = 1) =>
        counts[(series, workflow, result)] = counts.GetValueOrDefault((series, workflow, result)) + count;
}
