using System.Collections.Immutable;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Runs.View;

namespace Orchestrator.Core.Index;

/// <summary>A run's events on their way into the index: what its rows are after the last one.</summary>
/// <param name="definition">What the run executes; null when it cannot be found: tasks are then those that events name.</param>
/// <param name="run">The run.</param>
public sealed class RunProjection(WorkflowDefinition? definition, RunId run)
{
    /// <summary>Longest error that the index holds, in characters.</summary>
    public const int MaxError = 500;

    private readonly RunFold _fold = new(definition, run);
    private readonly HashSet<TaskId> _changed = [];
    private readonly Dictionary<TaskId, TimeSpan> _expected = Expected(definition);
    private DateTimeOffset _lastTime;
    private DateTimeOffset? _queuedAt;
    private string? _correlationId;
    private string? _node;
    private TaskId? _failedTask;
    private int _retries;
    private bool _isWhole = true;

    /// <summary>Seq of the last event applied; 0 before the first.</summary>
    public long LastSeq { get; private set; }

    /// <summary>Whether the last event ended the run.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Takes the run's next event; false when it is not the next one, and nothing has changed.</summary>
    public bool Apply(RecordedEvent recorded)
    {
        if (recorded.Seq != LastSeq + 1) return false;
        (LastSeq, _lastTime) = (recorded.Seq, recorded.Time);
        _fold.Apply(recorded);
        switch (recorded.Event)
        {
            case WorkflowCreated c: (_correlationId, _node) = (c.CorrelationId, c.Worker?.InstanceId); break;
            case WorkflowQueued: _queuedAt ??= recorded.Time; break;
            case WorkflowStarted s: _node = s.InstanceId; break;
            case WorkflowRecovered r: _node = r.InstanceId; break;
            case WorkflowFailed { FailedTasks: [var first, ..] }: _failedTask = first; break;
            case TaskRetrying: _retries++; break;
        }
        if (recorded.Event is TaskEvent task) _changed.Add(task.Task);
        HasEnded = recorded.Event is WorkflowEnded;
        return true;
    }

    /// <summary>The run's rows now: with all its tasks the first time and when it has ended, later with those that have changed since the last time.</summary>
    public IndexedRun Take()
    {
        var view = _fold.ToView();
        var all = _isWhole || HasEnded;
        var critical = HasEnded ? view.CriticalPath.Tasks.ToHashSet() : null;
        var tasks = view.Tasks.Where(t => all || _changed.Contains(t.Id)).Select(t => TaskRow(t, critical)).ToImmutableArray();
        _isWhole = false;
        _changed.Clear();
        return new()
        {
            RunId = run, LastSeq = LastSeq, LastEventAt = _lastTime,
            Workflow = view.Workflow, DefinitionVersion = view.DefinitionVersion, Tenant = view.Tenant, Project = view.Project,
            Status = view.Status, Trigger = view.Trigger, ScheduleKey = view.ScheduleId is { } schedule ? $"{view.Workflow}/{schedule}" : null,
            DueAt = view.DueAt, RequestedBy = view.RequestedBy, CorrelationId = _correlationId == run.ToString() ? null : _correlationId,
            ParentRunId = view.ParentRunId, RetryOf = view.RetryOf,
            CreatedAt = view.CreatedAt, QueuedAt = _queuedAt, StartedAt = view.StartedAt, EndedAt = view.EndedAt,
            QueueMs = view.StartedAt is null ? null : view.QueueMs, DurationMs = view.EndedAt is null ? null : view.DurationMs,
            Counts = view.Counts, Retries = _retries, Node = string.IsNullOrEmpty(_node) ? null : _node, Usage = view.Usage,
            ErrorClass = view.ErrorClass, ErrorType = view.ErrorType, Error = Short(view.Error), FailedStage = view.FailedStage, FailedTask = _failedTask,
            Params = view.Params, Labels = view.Labels, Tasks = tasks,
        };
    }

    private IndexedTask TaskRow(TaskView task, HashSet<TaskId>? critical)
    {
        var ended = task.IsTerminal && task.StartedAt is not null;
        return new(task.Id, task.Status)
        {
            Stage = task.Stage, Role = task.Role, Attempts = task.Attempts, StartedAt = task.StartedAt, EndedAt = task.EndedAt,
            QueueMs = ended ? task.QueueMs : null, DurationMs = ended ? task.DurationMs : null,
            AttemptMs = task.History is [.., { Outcome: not TaskStatus.Running } last] ? last.DurationMs : null,
            ExpectedMs = _expected.TryGetValue(Whole(task.Id), out var expected) ? expected.TotalMilliseconds : null,
            Executor = task.Kind, Usage = task.Usage, IsCritical = critical?.Contains(task.Id), ExitCode = task.ExitCode,
            Kind = task.Status == TaskStatus.Failed ? task.History is [.., { ErrorType: { } kind }] ? kind : KindOf(task.Reason) : null,
            Error = Short(task.Error), Reason = task.Reason, Allowed = task.Allowed,
            FailedAttempts =
            [
                .. task.History.Where(a => a.Outcome == TaskStatus.Failed)
                    .Select(a => new IndexedAttempt(a.Number, a.StartedAt.AddMilliseconds(a.DurationMs), a.DurationMs, a.ErrorType, a.ExitCode, Short(a.Error))),
            ],
        };
    }

    private static FailureKind? KindOf(string? word) => Words.TryParse<FailureKind>(word, out var kind) ? kind : null;

    private static TaskId Whole(TaskId id) => id.TrySplit(out var whole, out _) ? whole : id;

    private static string? Short(string? text) =>
        text is not { Length: > MaxError } ? text : text[..(char.IsHighSurrogate(text[MaxError - 1]) ? MaxError - 1 : MaxError)];

    private static Dictionary<TaskId, TimeSpan> Expected(WorkflowDefinition? definition)
    {
        var expected = new Dictionary<TaskId, TimeSpan>();
        foreach (var task in definition?.Tasks ?? [])
            if (task.Sla is { } sla) expected[task.Id] = sla.Expected;
        return expected;
    }
}
