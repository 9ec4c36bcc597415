using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Lifecycle;

namespace Orchestrator.Core.Runs.View;

/// <summary>Collects a run's events into its view.</summary>
internal sealed class RunFold
{
    private readonly AttemptLedger _attempts = new();
    private readonly Dictionary<TaskId, TaskDefinition> _handlers = [];
    private readonly Dictionary<TaskId, JsonElement> _items = [];
    private readonly Dictionary<TaskId, TaskView> _tasks = [];
    private readonly List<TaskId> _order = [];
    private readonly Dictionary<string, StageView> _stages = [];
    private readonly List<string> _stageOrder = [];
    private RunView _run;
    private RunCounts? _final;
    private int? _total;
    private DateTimeOffset _lastTime;

    public RunFold(WorkflowDefinition? definition, RunId run)
    {
        _run = new RunView { RunId = run, Workflow = definition?.Name ?? "", TraceId = TraceIds.TraceId(run, null) };
        _total = definition?.Tasks.Length;
        foreach (var task in definition?.Tasks ?? [])
            Put(Defined(task) with { Stage = task.Stage ?? "default" });
        foreach (var handler in definition?.Handlers?.All ?? []) _handlers[handler.Id] = handler;
        foreach (var stage in definition?.Stages ?? []) Put(new StageView(stage, TaskStatus.Pending, 0, null));
    }

    public void Apply(RecordedEvent recorded)
    {
        if (recorded.Event is not RunEvent e) return;
        _lastTime = recorded.Time;
        switch (e)
        {
            case TaskEvent task:
                if (task is TaskExpanded { Items.ValueKind: JsonValueKind.Array } expanded) _items[task.Task] = expanded.Items;
                Put(TaskFold.Apply(Find(task.Task), task, recorded.Time, _attempts.Take(task, recorded.Time)));
                break;
            case StageEvent stage: Put(Stage(stage)); break;
            default: _run = Run(e, recorded.Time); break;
        }
    }

    public RunView ToView()
    {
        var all = ImmutableArray.CreateBuilder<TaskView>(_order.Count);
        foreach (var id in Ordered()) all.Add(Running(_tasks[id]));
        var tasks = all.MoveToImmutable();
        var duration = _run.EndedAt is null && (_run.StartedAt ?? _run.CreatedAt) is { } from ? Milliseconds(_lastTime - from) : _run.DurationMs;
        return _run with
        {
            Tasks = tasks,
            Counts = _final ?? Count(tasks),
            DurationMs = duration,
            Stages = [.. _stageOrder.Select(name => _stages[name])],
            CriticalPath = RunTimes.CriticalPath(tasks),
            Slots = RunTimes.Slots(tasks, duration),
            Usage = tasks.Aggregate((ProcessUsage?)null, (sum, task) => ProcessUsage.Sum(sum, task.Usage)),
        };
    }

    // Children follow their task.
    private IEnumerable<TaskId> Ordered()
    {
        if (_order.Count == (_total ?? -1)) return _order;
        var place = new Dictionary<TaskId, int>(_order.Count);
        for (var i = 0; i < _order.Count; i++) place[_order[i]] = i;
        return _order.OrderBy(id => id.TrySplit(out var whole, out _) && place.TryGetValue(whole, out var at) ? at : place[id])
            .ThenBy(id => id.TrySplit(out _, out var item) ? item : -1);
    }

    private RunView Run(RunEvent e, DateTimeOffset time) => e switch
    {
        WorkflowCreated c => _run with
        {
            Workflow = c.Workflow, DefinitionVersion = c.DefinitionVersion, Tenant = c.TenantId, Project = c.ProjectId,
            Trigger = c.Trigger, RequestedBy = c.RequestedBy, ScheduleId = c.ScheduleId, DueAt = c.DueAt, Params = c.Params, Labels = c.Labels ?? _run.Labels,
            TraceId = TraceIds.TraceId(_run.RunId, c.Trace), CreatedAt = time, Status = RunStatus.Pending,
            ParentRunId = c.ParentRunId, ParentTask = c.ParentTask, RetryOf = c.RetryOf,
        },
        WorkflowPaused => _run with { Status = RunStatus.Paused },
        WorkflowResumed => _run with { Status = RunStatus.Running },
        WorkflowRetrying r => _run with { NextRun = r.NextRunId },
        WorkflowQueued => _run with { Status = RunStatus.Queued },
        WorkflowStarted s => Started(s, time),
        WorkflowRecovered => _run with { Recoveries = _run.Recoveries + 1 },
        WorkflowCancelRequested r => _run with { CancelReason = r.Reason, CancelledBy = r.Actor, CancelComment = r.Comment },
        WorkflowEnded ended => Ended(ended, time),
        _ => _run,
    };

    private RunView Started(WorkflowStarted started, DateTimeOffset time)
    {
        _total = started.TotalTasks;
        foreach (var stage in started.Stages)
            if (!_stages.ContainsKey(stage)) Put(new StageView(stage, TaskStatus.Pending, 0, null));
        return _run with { Status = RunStatus.Running, StartedAt = _run.StartedAt ?? time, QueueMs = started.QueueWaitMs };
    }

    private RunView Ended(WorkflowEnded ended, DateTimeOffset time)
    {
        _final = ended.Counts;
        var run = _run with { Status = ended.StatusTo, EndedAt = time, DurationMs = ended.DurationMs, Reason = ended.Reason, HandlersFailed = ended.HandlersFailed };
        return ended switch
        {
            WorkflowCompleted c => run with { Outputs = c.WorkflowResult },
            WorkflowFailed f => run with { Error = f.Error, ErrorType = f.ErrorType, ErrorClass = f.ErrorClass, FailedStage = f.FailedStage },
            WorkflowCancelled c => run with { CancelReason = c.CancelReason, CancelledBy = c.RequestedBy ?? run.CancelledBy },
            _ => run,
        };
    }

    private StageView Stage(StageEvent e)
    {
        var stage = _stages.GetValueOrDefault(e.StageName) ?? new(e.StageName, TaskStatus.Pending, 0, null);
        return e switch
        {
            StageStarted => stage with { Status = TaskStatus.Running },
            StageCompleted c => stage with { Status = TaskStatus.Completed, DurationMs = c.DurationMs },
            StageFailed f => stage with { Status = f.ErrorType is null ? TaskStatus.Cancelled : TaskStatus.Failed, DurationMs = f.DurationMs, Reason = f.Error },
            StageSkipped s => stage with { Status = TaskStatus.Skipped, Reason = s.Reason },
            _ => stage,
        };
    }

    private RunCounts Count(ImmutableArray<TaskView> tasks)
    {
        var counts = new RunCounts();
        var total = 0;
        foreach (var task in tasks)
        {
            if (task.Role is not null) continue;
            total++;
            if (TaskFates.Of(task.Status, task.Allowed) is { } fate) counts = counts.Plus(fate);
        }
        return counts with { Total = Math.Max((_total ?? 0) + tasks.Sum(t => t.Items ?? 0), total) };
    }

    private TaskView Running(TaskView task) => task is { StartedAt: { } start, EndedAt: null }
        ? task with { DurationMs = Milliseconds(_lastTime - start) }
        : task;

    private static double Milliseconds(TimeSpan time) => Math.Max(0, time.TotalMilliseconds);

    // A child of a fan-out is as its task is, and comes to be with its first event; so does a handler.
    private TaskView Find(TaskId id)
    {
        if (_tasks.TryGetValue(id, out var known)) return known;
        return id.TrySplit(out var whole, out var item) && _tasks.TryGetValue(whole, out var parent)
            ? new TaskView { Id = id, Stage = parent.Stage, Kind = parent.Kind, DependsOn = parent.DependsOn, Tags = parent.Tags, Metadata = parent.Metadata, Item = ItemOf(whole, item) }
            : _handlers.TryGetValue(id, out var handler) ? Defined(handler) : new TaskView { Id = id };
    }

    private string? ItemOf(TaskId whole, int item) =>
        _items.TryGetValue(whole, out var items) && item < items.GetArrayLength() ? ItemName.Of(items[item]) : null;

    private static TaskView Defined(TaskDefinition task) =>
        new() { Id = task.Id, Kind = task.Action.Kind, DependsOn = task.DependsOn, Tags = task.Tags, Metadata = task.Metadata };

    private void Put(TaskView task)
    {
        if (_tasks.TryAdd(task.Id, task)) _order.Add(task.Id);
        else _tasks[task.Id] = task;
    }

    private void Put(StageView stage)
    {
        if (_stages.TryAdd(stage.Name, stage)) _stageOrder.Add(stage.Name);
        else _stages[stage.Name] = stage;
    }
}
