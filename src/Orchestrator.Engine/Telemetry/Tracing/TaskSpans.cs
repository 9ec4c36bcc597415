using System.Diagnostics;
using System.Text.Json;
using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Telemetry.Tracing.Scripts;

namespace Orchestrator.Engine.Telemetry.Tracing;

/// <summary>The spans of a run's tasks: waits for a place, attempts with what is below them, and the task itself at its end.</summary>
internal sealed class TaskSpans(RunId run, WorkflowDefinition definition, StagePlan stages, RunTrace trace, ScriptSpans scripts)
{
    private const int MaxLinks = 128;
    private const int LongestItem = 256;

    private readonly Dictionary<TaskId, OpenTask> _open = [];
    private readonly AttemptLedger _ledger = new();
    private readonly Dictionary<TaskId, JsonElement[]> _items = [];
    private readonly AttemptSpans _attempts = new(run, definition.Name, scripts);
    private readonly Dictionary<TaskId, TaskDefinition> _definitions =
        definition.Tasks.Concat(definition.Handlers?.All ?? []).DistinctBy(t => t.Id).ToDictionary(t => t.Id);

    public void Next(RecordedEvent recorded, Action<SpanFacts>? export, SpanLinks urls)
    {
        var e = (TaskEvent)recorded.Event;
        if (!_open.TryGetValue(e.Task, out var open)) _open[e.Task] = open = new OpenTask();
        var step = _ledger.Take(e, recorded.Time);
        switch (e)
        {
            case TaskQueued:
                open.Ready ??= recorded.Time;
                return;
            case TaskStarted started:
                if (open.First is null && open.Ready is { } ready) export?.Invoke(Waited(started, ready, recorded.Time));
                open.First ??= recorded.Time;
                return;
            case TaskWaiting waiting:
                open.Moments.Note(e.Type, recorded.Time, (TelemetryNames.WaitsFor, Words.Of(waiting.WaitsFor)), (TelemetryNames.ChildRunId, waiting.ChildRunId?.ToString()));
                return;
            case TaskExpanded expanded:
                _items[e.Task] = [.. expanded.Items.EnumerateArray()];
                open.Moments.Note(e.Type, recorded.Time);
                return;
            case CheckpointPending or CheckpointApproved or CheckpointRejected or CheckpointExpired:
                open.Moments.Note(e.Type, recorded.Time);
                return;
            case TaskRenewing or TaskRenewed:
                open.Moments.Note(e.Type, recorded.Time);
                return;
            case TaskProgress:
                return;
            case TaskRetrying retrying:
                if (export is not null) _attempts.End(retrying, step, open.Delay, recorded.Time, export);
                open.Delay = retrying.DelayMs / 1000;
                open.Moments.Note(e.Type, recorded.Time, (TelemetryNames.AttemptNumber, retrying.Attempt), (TelemetryNames.ErrorType, Words.Of(retrying.ErrorType)), (TelemetryNames.RetryDelay, open.Delay));
                return;
        }
        _open.Remove(e.Task);
        if (export is null) return;
        if (e is AttemptClosed closed) _attempts.End(closed, step, open.Delay, recorded.Time, export);
        // It waited for a place and never got one.
        if (open is { First: null, Ready: { } since }) export(Waited(e, since, recorded.Time));
        export(Ended(e, open, step.Task?.Executor, recorded.Time, urls));
    }

    private SpanFacts Waited(TaskEvent e, DateTimeOffset ready, DateTimeOffset until) =>
        new SpanFacts("queue " + TaskTags.NameOf(e.Task), ActivityKind.Internal, Id(TraceIds.Queue, e.Task), TraceIds.SpanId(run, TraceIds.Run), ready, until)
            .OfTask(run, definition.Name, e)
            .With(TelemetryNames.QueueName, "tasks");

    private SpanFacts Ended(TaskEvent e, OpenTask open, string? executor, DateTimeOffset at, SpanLinks urls)
    {
        var known = _definitions.GetValueOrDefault(e.Task);
        var start = open.First ?? (e.Attempt > 0 ? at - Took(e) : at);
        var span = new SpanFacts("task " + TaskTags.NameOf(e.Task), ActivityKind.Internal, Id(TraceIds.Task, e.Task), Parent(e.Task), start, at)
        {
            Links = Links(known),
            Error = (e as TaskFailed)?.Error,
            Moments = open.Moments,
        };
        return span.OfTask(run, definition.Name, e)
            .With(TelemetryNames.FanOutItem, Item(e.Task))
            .With(TelemetryNames.TaskRunId, $"{run}/{e.Task}")
            .With(TelemetryNames.TaskRunResult, Outcomes.Of(e))
            .With(TelemetryNames.TaskRunUrl, urls.Of(run, e.Task))
            .With(TelemetryNames.TaskType, executor ?? (known ?? Whole(e.Task))?.Action.Kind)
            .With(TelemetryNames.Stage, stages.IsHandler(e.Task) || stages.StageOf(e.Task) is var stage && !stages.IsDeclared(stage) ? null : stages.StageOf(e.Task))
            .With(TelemetryNames.ErrorType, Outcomes.ErrorType(e))
            .With(TelemetryNames.ExceptionType, (e as AttemptClosed)?.ExceptionType)
            .With(TelemetryNames.FailureAllowed, e is TaskFailed { Allowed: true } ? true : null)
            .With(TelemetryNames.SkipReason, e is TaskSkipped skipped ? Words.Of(skipped.Reason) : null)
            .With(TelemetryNames.CancelReason, e is TaskCancelled cancelled ? Words.Of(cancelled.Reason) : null)
            .With(TelemetryNames.ReusedFrom, e is TaskCompleted { ReusedFrom: { } earlier } ? earlier.ToString() : null)
            .With(TelemetryNames.Resumed, e is AttemptClosed { Resumed: true } ? true : null)
            .With(TelemetryNames.Attempts, e switch { TaskCompleted c => c.Attempts, TaskFailed f => f.Attempts, TaskCancelled c => c.Attempts, _ => null });
    }

    private List<ActivityLink>? Links(TaskDefinition? task)
    {
        if (task is null || task.DependsOn.IsEmpty) return null;
        return [.. task.DependsOn.Take(MaxLinks).Select(d => new ActivityLink(
            trace.Context(Id(TraceIds.Task, d)), new ActivityTagsCollection { [TelemetryNames.LinkType] = "depends_on" }))];
    }

    private string Parent(TaskId task) => task.TrySplit(out var whole, out _) ? Id(TraceIds.Task, whole)
        : stages.IsHandler(task) ? TraceIds.SpanId(run, TraceIds.Run) : stages.StageOf(task) is var stage && stages.IsDeclared(stage)
        ? TraceIds.SpanId(run, TraceIds.Stage, stage) : TraceIds.SpanId(run, TraceIds.Run);

    private string? Item(TaskId task)
    {
        if (!task.TrySplit(out var whole, out var index) || !_items.TryGetValue(whole, out var items) || index >= items.Length) return null;
        var item = items[index];
        var text = item.ValueKind == JsonValueKind.String ? item.GetString()! : item.GetRawText();
        return text.Length <= LongestItem ? text : text[..LongestItem];
    }

    private TaskDefinition? Whole(TaskId task) => task.TrySplit(out var whole, out _) ? _definitions.GetValueOrDefault(whole) : null;

    private string Id(string kind, TaskId task) => TraceIds.SpanId(run, kind, task.ToString());

    private static TimeSpan Took(TaskEvent e) => TimeSpan.FromMilliseconds(e switch
    {
        TaskCompleted completed => completed.DurationMs,
        TaskFailed failed => failed.DurationMs,
        TaskCancelled cancelled => cancelled.DurationMs,
        _ => 0,
    });
}
