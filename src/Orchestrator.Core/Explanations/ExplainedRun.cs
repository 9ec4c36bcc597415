using Orchestrator.Core.Definitions;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Explanations;

/// <summary>A run as its events up to an instant tell it.</summary>
public sealed class ExplainedRun
{
    private readonly Dictionary<TaskId, RecordedEvent> _last = [];

    /// <summary>Folds the events up to <paramref name="at"/>. There must be one.</summary>
    /// <param name="plan">What is run.</param>
    /// <param name="events">Its events.</param>
    /// <param name="at">The instant.</param>
    /// <param name="owner">What is known of the worker of that name; null: nothing.</param>
    public ExplainedRun(RunPlan plan, IEnumerable<RecordedEvent> events, DateTimeOffset at, Func<string?, OwnerFacts>? owner = null)
    {
        State = new(plan);
        foreach (var recorded in events)
        {
            if (recorded.Time > at) break;
            State.Apply(recorded);
            LastEvent = recorded;
            switch (recorded.Event)
            {
                case TaskEvent e and not (TaskProgress or TaskRenewing or TaskRenewed): _last[e.Task] = recorded; break;
                case WorkflowCreated e: Worker = e.Worker?.InstanceId; break;
                case WorkflowStarted e: Worker = e.InstanceId; break;
                case WorkflowRecovered e: Worker = e.InstanceId; break;
                case WorkflowCancelRequested e: Cancel = e; break;
            }
        }
        if (LastEvent is null) throw new ArgumentException("The run had no event then.", nameof(at));
        Owner = State.IsTerminal ? new(null, null) : owner?.Invoke(Worker) ?? new(null, null);
    }

    /// <summary>The state.</summary>
    public RunState State { get; }

    /// <summary>The last event.</summary>
    public RecordedEvent LastEvent { get; }

    /// <summary>The worker that has the run, as far as its events say.</summary>
    public string? Worker { get; }

    /// <summary>What is known of that worker.</summary>
    public OwnerFacts Owner { get; }

    /// <summary>Whether it or one of its tasks waits for what it shares with other runs.</summary>
    public bool HasWaiting => State.Status is RunStatus.Pending or RunStatus.Queued || Enumerable.Range(0, State.TaskCount).Any(i => State[i].IsQueued);

    internal WorkflowCancelRequested? Cancel { get; }

    internal RecordedEvent? LastOf(TaskId task) => _last.GetValueOrDefault(task);
}

/// <summary>What is known of the worker that has a run.</summary>
/// <param name="IsAlive">Whether its process is there; null: it is not known.</param>
/// <param name="StoppedAt">When it said that it stops; null: it did not.</param>
public readonly record struct OwnerFacts(bool? IsAlive, DateTimeOffset? StoppedAt);
