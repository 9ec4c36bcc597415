using System.Collections.Concurrent;
using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Telemetry.Tracing;

namespace Orchestrator.Engine.Telemetry.Metrics;

/// <summary>The unfinished runs of this process, folded from their events, so that gauges cannot drift from the journal.</summary>
internal sealed class UnfinishedRunTotals(TimeProvider clock, NameLimit names)
{
    private readonly ConcurrentDictionary<RunId, UnfinishedRun> _runs = new();
    private readonly ConcurrentDictionary<string, DateTimeOffset> _lastSuccess = new(StringComparer.Ordinal);

    private readonly ConcurrentDictionary<string, bool> _queues = new(StringComparer.Ordinal);

    public IEnumerable<UnfinishedRun> All => _runs.Values;

    /// <summary>
    /// Workflows and queues seen so far: a gauge that fell to nothing must say 0, or collectors keep its last value.
    /// </summary>
    /// <param name="seen">Labels of the open runs, the mark of overflow perhaps among them.</param>
    public IEnumerable<KeyValuePair<string, object?>> Labels(IEnumerable<KeyValuePair<string, object?>> seen) =>
        names.Workflows.Select(LabelOf).Union(seen);

    public KeyValuePair<string, object?> LabelOf(string workflow) => names.Workflow(workflow);

    public IEnumerable<string> Queues => _queues.Keys;

    /// <summary>When each workflow last succeeded, as far as this process has seen.</summary>
    public IEnumerable<KeyValuePair<string, DateTimeOffset>> LastSuccess => _lastSuccess;

    public UnfinishedRun Next(RunId id, string workflow, RecordedEvent recorded)
    {
        var run = _runs.GetOrAdd(id, static (_, w) => new UnfinishedRun(w), workflow);
        run.Next(id, recorded);
        if (recorded.Event is WorkflowCreated) names.Knows(workflow);
        if (recorded.Event is WorkflowQueued queued) _queues.TryAdd(queued.Queue, true);
        if (recorded.Event is WorkflowEnded) _runs.TryRemove(id, out _);
        if (recorded.Event is WorkflowCompleted) Succeeded(workflow, recorded.Time);
        return run;
    }

    /// <summary>The latest counts, in whatever order they arrive.</summary>
    public void Succeeded(string workflow, DateTimeOffset at)
    {
        if (names.Knows(workflow)) _lastSuccess.AddOrUpdate(workflow, at, (_, known) => at > known ? at : known);
    }

    public void Forget(RunId run) => _runs.TryRemove(run, out _);

    public double AgeOf(DateTimeOffset created) => Math.Max(0, (clock.GetUtcNow() - created).TotalSeconds);
}

/// <summary>One unfinished run. Written by the publishing thread, read by the collector of metrics.</summary>
internal sealed class UnfinishedRun(string workflow)
{
    public const string Pending = "pending";
    public const string Executing = "executing";
    public const string Finalizing = "finalizing";

    private readonly AttemptLedger _attempts = new();
    private readonly HashSet<TaskId> _queued = [];
    private bool _interrupted;
    private int _tasksQueued;
    private int _tasksActive;

    public string Workflow => workflow;
    public string Queue { get; private set; } = "default";
    /// <summary>Since when it could have started: its acceptance, or its earliest start.</summary>
    public DateTimeOffset? PendingSince { get; private set; }

    public RunTrace? Trace { get; private set; }
    /// <summary>pending, executing or finalizing.</summary>
    public string State { get; private set; } = Pending;
    public int TasksQueued => Volatile.Read(ref _tasksQueued);
    public int TasksActive => Volatile.Read(ref _tasksActive);

    /// <summary>
    /// What the journal tells of the worker before, once another has taken the run over: <c>worker_lost</c> where attempts were under way whose end
    /// nobody wrote down, <c>interrupted</c> where it closed them itself because it stopped, <c>idle</c> where none was under way.
    /// </summary>
    public string TakenOver { get; private set; } = "";

    /// <summary>Kind of the task whose attempt the last event closed.</summary>
    public string? ClosedExecutor { get; private set; }

    /// <summary>Whether the last event closed an attempt: a task may end while it waits for its next one.</summary>
    public bool ClosedAttempt { get; private set; }

    public void Next(RunId id, RecordedEvent recorded)
    {
        switch (recorded.Event)
        {
            case WorkflowCreated created:
                PendingSince = created.NotBefore > recorded.Time ? created.NotBefore : recorded.Time;
                Trace = RunTrace.Of(id, created);
                break;
            case WorkflowQueued queued:
                Queue = queued.Queue;
                break;
            case WorkflowStarted:
                State = Executing;
                break;
            case WorkflowRecovered:
                TakenOver = _attempts.InFlight > 0 ? "worker_lost" : _interrupted ? "interrupted" : "idle";
                _interrupted = false;
                break;
            case WorkflowFinalizing:
                State = Finalizing;
                break;
            case TaskQueued queued:
                _queued.Add(queued.Task);
                break;
            case TaskStarted started:
                _interrupted = false;   // a worker that stops begins nothing more
                _queued.Remove(started.Task);
                break;
            case AttemptClosed closed:
                _queued.Remove(closed.Task);
                _interrupted |= closed.Loss == LossCause.WorkerStopped;
                break;
        }
        if (recorded.Event is TaskEvent task)
        {
            var step = _attempts.Take(task, recorded.Time);
            (ClosedAttempt, ClosedExecutor) = (step.Move == AttemptMove.Closes, step.Task?.Executor);
        }
        Volatile.Write(ref _tasksQueued, _queued.Count);
        Volatile.Write(ref _tasksActive, _attempts.InFlight);
    }
}
