using System.Diagnostics;
using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Lifecycle.Sinks.Tracing;

/// <summary>The spans of a run's tasks. Attempts are live activities, except those whose worker was lost with them.</summary>
internal sealed class TaskSpans(RunId run, WorkflowDefinition definition, StagePlan stages, RunTrace trace)
{
    private const int MostLinks = 128;
    private const int MostMoments = 128;

    private readonly Dictionary<TaskId, OpenTask> _open = [];
    private readonly Dictionary<TaskId, TaskDefinition> _definitions = definition.Tasks.DistinctBy(t => t.Id).ToDictionary(t => t.Id);

    public void Next(RecordedEvent recorded, Action<SpanFacts>? export, SpanLinks urls)
    {
        var e = (TaskEvent)recorded.Event;
        if (!_open.TryGetValue(e.Task, out var open)) _open[e.Task] = open = new OpenTask();
        switch (e)
        {
            case TaskQueued:
                open.Ready ??= recorded.Time;
                return;
            case TaskStarted started:
                if (open.First is null && open.Ready is { } ready) export?.Invoke(Waited(started, ready, recorded.Time));
                open.First ??= recorded.Time;
                open.Attempt = recorded.Time;
                open.Executor = started.Executor;
                open.MaxAttempts = started.MaxAttempts;
                return;
            case TaskWaiting or TaskExpanded or TaskProgress or CheckpointPending or CheckpointApproved or CheckpointRejected or CheckpointExpired:
                if (e is not TaskProgress && open.Moments.Count < MostMoments) open.Moments.Add((TelemetryNames.EventPrefix + e.Type, recorded.Time));
                return;
            case TaskRetrying retrying:
                if (export is not null) EndAttempt(retrying, open, recorded.Time, export);
                if (open.Moments.Count < MostMoments) open.Moments.Add((TelemetryNames.EventPrefix + e.Type, recorded.Time));
                return;
        }
        _open.Remove(e.Task);
        if (export is null) return;
        if (e is AttemptClosed closed) EndAttempt(closed, open, recorded.Time, export);
        export(Ended(e, open, recorded.Time, urls));
    }

    private SpanFacts Waited(TaskStarted e, DateTimeOffset ready, DateTimeOffset started) =>
        Named(new SpanFacts("queue", ActivityKind.Internal, Id(TraceIds.Queue, e), TraceIds.SpanId(run, TraceIds.Run), ready, started), e)
            .With(TelemetryNames.QueueName, "tasks");

    private SpanFacts Ended(TaskEvent e, OpenTask open, DateTimeOffset at, SpanLinks urls)
    {
        var known = _definitions.GetValueOrDefault(e.Task);
        var attempted = e.Attempt > 0;
        var span = new SpanFacts("task " + e.Task, ActivityKind.Internal, Id(TraceIds.Task, e), Parent(e.Task), open.First ?? (attempted ? at - Took(e) : at), at)
        {
            Links = Links(known),
            Error = (e as TaskFailed)?.Error,
            Moments = open.Moments,
        };
        return Named(span, e)
            .With(TelemetryNames.TaskRunId, $"{run}/{e.Task}")
            .With(TelemetryNames.TaskRunResult, Outcomes.Of(e))
            .With(TelemetryNames.TaskRunUrl, urls.Of(run, e.Task))
            .With(TelemetryNames.TaskType, open.Executor ?? known?.Action.Kind)
            .With(TelemetryNames.ErrorType, Outcomes.ErrorType(e))
            .With(TelemetryNames.FailureAllowed, e is TaskFailed { Allowed: true } ? true : null)
            .With(TelemetryNames.SkipReason, e is TaskSkipped skipped ? Words.Of(skipped.Reason) : null)
            .With(TelemetryNames.CancelReason, e is TaskCancelled cancelled ? Words.Of(cancelled.Reason) : null)
            .With(TelemetryNames.Attempts, e switch { TaskCompleted c => c.Attempts, TaskFailed f => f.Attempts, TaskCancelled c => c.Attempts, _ => null });
    }

    private void EndAttempt(AttemptClosed e, OpenTask open, DateTimeOffset at, Action<SpanFacts> export)
    {
        if (e.Attempt == 0) return;
        var took = TimeSpan.FromMilliseconds(e.AttemptDurationMs);
        var start = open.Attempt ?? at - took;
        var lost = e is TaskRetrying { ErrorType: FailureKind.WorkerLost } or TaskFailed { Kind: FailureKind.WorkerLost };
        if (lost)
        {
            // Its live activity died with the worker, or was discarded by it on the way out.
            var span = new SpanFacts("attempt " + e.Task, ActivityKind.Internal, Id(TraceIds.Attempt, e), Id(TraceIds.Task, e, 0), start, at) { Error = Outcomes.Why(e) };
            export(Named(span, e)
                .With(TelemetryNames.AttemptNumber, e.Attempt)
                .With(TelemetryNames.AttemptMax, open.MaxAttempts)
                .With(TelemetryNames.TaskRunResult, Outcomes.Error)
                .With(TelemetryNames.TaskType, open.Executor)
                .With(TelemetryNames.ErrorType, Outcomes.ErrorType(e)));
        }
        // The process ends when the attempt's own time is over: the event is decided a moment later.
        if (e.Process is { } process) export(Process(e, process, start, lost || took <= TimeSpan.Zero ? at : Earlier(start + took, at)));
    }

    private SpanFacts Process(AttemptClosed e, ProcessFacts process, DateTimeOffset start, DateTimeOffset end)
    {
        // A process that was asked to end because the run is over did nothing wrong.
        var failed = process.ExitCode is not 0 && e is TaskRetrying or TaskFailed;
        var span = new SpanFacts(process.Executable, ActivityKind.Client, Id(TraceIds.Process, e), Id(TraceIds.Attempt, e), start, end)
        {
            Error = failed ? Outcomes.Why(e) : null,
        };
        return Named(span, e)
            .With(TelemetryNames.ProcessExecutable, process.Executable)
            .With(TelemetryNames.ProcessPid, process.Pid)
            .With(TelemetryNames.ProcessExitCode, process.ExitCode)
            .With(TelemetryNames.ProcessSignal, process.Signal)
            .With(TelemetryNames.ErrorType, failed ? Outcomes.ErrorType(e) : null);
    }

    private List<ActivityLink>? Links(TaskDefinition? task)
    {
        if (task is null || task.DependsOn.IsEmpty) return null;
        return [.. task.DependsOn.Take(MostLinks).Select(d => new ActivityLink(
            trace.Context(TraceIds.SpanId(run, TraceIds.Task, d.ToString())),
            new ActivityTagsCollection { [TelemetryNames.LinkType] = "depends_on" }))];
    }

    private string Parent(TaskId task) => task.TrySplit(out var whole, out _) ? TraceIds.SpanId(run, TraceIds.Task, whole.ToString())
        : stages.IsHandler(task) ? TraceIds.SpanId(run, TraceIds.Run) : stages.StageOf(task) is var stage && stages.IsDeclared(stage)
        ? TraceIds.SpanId(run, TraceIds.Stage, stage) : TraceIds.SpanId(run, TraceIds.Run);

    private string Id(string kind, TaskEvent e, int? attempt = null) =>
        TraceIds.SpanId(run, kind, e.Task.ToString(), attempt ?? (kind is TraceIds.Attempt or TraceIds.Process ? e.Attempt : 0));

    private SpanFacts Named(SpanFacts span, TaskEvent e) => span
        .With(TelemetryNames.TaskName, e.Task.ToString())
        .With(TelemetryNames.TaskRole, e.Role)
        .With(TelemetryNames.PipelineName, definition.Name)
        .With(TelemetryNames.RunId, run.ToString());

    private static TimeSpan Took(TaskEvent e) => TimeSpan.FromMilliseconds(e switch
    {
        TaskCompleted completed => completed.DurationMs,
        TaskFailed failed => failed.DurationMs,
        TaskCancelled cancelled => cancelled.DurationMs,
        _ => 0,
    });

    private static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;

    private sealed class OpenTask
    {
        public DateTimeOffset? Ready { get; set; }
        public DateTimeOffset? First { get; set; }
        public DateTimeOffset? Attempt { get; set; }
        public string? Executor { get; set; }
        public int? MaxAttempts { get; set; }
        public List<(string, DateTimeOffset)> Moments { get; } = [];
    }
}
