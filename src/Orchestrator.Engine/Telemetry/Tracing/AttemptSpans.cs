using System.Diagnostics;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Telemetry.Tracing.Scripts;

namespace Orchestrator.Engine.Telemetry.Tracing;

/// <summary>The spans of an attempt, made by the event that closes it: its own, its process's, and those its script noted.</summary>
internal sealed class AttemptSpans(RunId run, string workflow, ScriptSpans scripts)
{
    /// <param name="delay">Seconds the task waited before the attempt; null for the first.</param>
    public void End(AttemptClosed e, AttemptStep step, double? delay, DateTimeOffset at, Action<SpanFacts> export)
    {
        if (!step.Ends || !step.HasRunner) return;
        var took = TimeSpan.FromMilliseconds(e.AttemptDurationMs);
        var start = step is { Move: AttemptMove.Closes, Task: { } task } ? task.StartedAt : at - took;
        var lost = e.Loss is not null;
        // It ends when its own time is over: the event is decided a moment later. For a lost one, the event has the best time.
        var end = lost || took <= TimeSpan.Zero || start + took > at ? at : start + took;
        export(AttemptNotes.AddTo(Attempt(e, step.Task, delay, start, end)));
        if (e.Process is not { } process) return;
        var noted = scripts.Of(e, end, lost);
        export(Process(e, process, start, end, noted.Moments));
        foreach (var span in noted.Spans) export(span.OfTask(run, workflow, e).With(TelemetryNames.AttemptNumber, e.Attempt));
    }

    private SpanFacts Attempt(AttemptClosed e, TaskAttempts? task, double? delay, DateTimeOffset start, DateTimeOffset end)
    {
        var failed = e is TaskRetrying or TaskFailed;
        return new SpanFacts("attempt " + TaskTags.NameOf(e.Task), ActivityKind.Internal, Id(TraceIds.Attempt, e), TraceIds.SpanId(run, TraceIds.Task, e.Task.ToString()), start, end)
        {
            Error = failed ? Outcomes.Why(e) : null,
        }.OfTask(run, workflow, e)
            .With(TelemetryNames.AttemptNumber, e.Attempt)
            .With(TelemetryNames.AttemptMax, task?.MaxAttempts + task?.Losses)
            .With(TelemetryNames.RetryDelay, delay)
            .With(TelemetryNames.TaskRunResult, Outcomes.Of(e))
            .With(TelemetryNames.TaskType, task?.Executor)
            .With(TelemetryNames.ErrorType, Outcomes.ErrorType(e))
            .With(TelemetryNames.ExceptionType, e.ExceptionType)
            .With(TelemetryNames.Resumed, e.Resumed ? true : null)
            .Used(e.Process?.Usage);
    }

    private SpanFacts Process(AttemptClosed e, ProcessFacts process, DateTimeOffset start, DateTimeOffset end, IReadOnlyList<ActivityEvent> moments)
    {
        // A process that was asked to end because the run is over did nothing wrong.
        var failed = process.ExitCode is not 0 && e is TaskRetrying or TaskFailed;
        return new SpanFacts(process.Executable, ActivityKind.Client, Id(TraceIds.Process, e), Id(TraceIds.Attempt, e), start, end)
        {
            Error = failed ? Outcomes.Why(e) : null,
            Moments = moments,
        }.OfTask(run, workflow, e)
            .With(TelemetryNames.ProcessExecutable, process.Executable)
            .With(TelemetryNames.ProcessPid, process.Pid)
            .With(TelemetryNames.ProcessExitCode, process.ExitCode)
            .With(TelemetryNames.ProcessSignal, process.Signal)
            .With(TelemetryNames.ProcessesLeft, process.LeftBehind > 0 ? process.LeftBehind : null)
            .With(TelemetryNames.ErrorType, failed ? Outcomes.ErrorType(e) : null)
            .Used(process.Usage);
    }

    private string Id(string kind, TaskEvent e) => TraceIds.SpanId(run, kind, e.Task.ToString(), e.Attempt);
}
