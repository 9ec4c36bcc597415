using System.Globalization;
using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;

namespace Orchestrator.Tests;

/// <summary>Writes a run's events by hand: <c>At(seconds, event)</c>.</summary>
internal sealed class ToldRun
{
    public static readonly RunId Id = RunId.Parse("019b7744-0000-7000-8000-000000000001");
    public static readonly DateTimeOffset Start = DateTimeOffset.Parse("2026-01-01T02:00:00Z", CultureInfo.InvariantCulture);
    private readonly List<RecordedEvent> _events = [];

    public IReadOnlyList<RecordedEvent> Events => _events;

    public ToldRun At(double seconds, params JournalEvent[] events)
    {
        foreach (var e in events) _events.Add(new(StreamId.Run(Id), _events.Count + 1, Start.AddMilliseconds(Math.Round(seconds * 1000)), e));
        return this;
    }

    public static TaskDefinition Task(string id, params string[] needs) =>
        new() { Id = new(id), Action = new RunAction("true"), DependsOn = [.. needs.Select(n => new TaskId(n))] };

    public static TaskStarted Started(string id, int attempt = 1) => new(new(id), attempt, 3, "run");

    public static TaskCompleted Completed(string id, double ms, int attempt = 1) =>
        new(new(id), attempt) { DurationMs = ms, AttemptDurationMs = ms, Attempts = attempt, ExitCode = 0, LogRef = $"logs/{id}.{attempt}.log" };

    /// <summary>fetch succeeds at once; check retries, then succeeds; load fails; tell is skipped; note fails but may; late is cancelled.</summary>
    public static WorkflowDefinition Definition { get; } = new()
    {
        Name = "nightly",
        Description = "Loads yesterday's sales.",
        Stages = ["extract", "load"],
        Tasks =
        [
            Task("fetch") with { Stage = "extract" }, Task("check", "fetch") with { Stage = "extract" }, Task("load", "check") with { Stage = "load" },
            Task("tell", "load"), Task("note", "fetch") with { AllowFailure = true }, Task("late", "note", "load"),
        ],
    };

    public static ToldRun Nightly() => new ToldRun()
        .At(0, new WorkflowCreated { Workflow = "nightly", DefinitionVersion = new string('a', 64), Trigger = TriggerKind.Schedule, RequestedBy = "schedule", ScheduleId = "nightly", DueAt = Start })
        .At(0, new WorkflowQueued("accepted", "default", 0, 0))
        .At(0.5, new WorkflowStarted { TotalTasks = 6, Stages = ["extract", "load", "default"], QueueWaitMs = 500 })
        .At(0.5, new StageStarted("extract", 2), Started("fetch"))
        .At(2.5, Completed("fetch", 2000), Started("check"), Started("note"))
        .At(3.5, new TaskRetrying(new("check"), 1) { AttemptDurationMs = 1000, NextAttempt = 2, DelayMs = 1000, RetryAt = Start.AddSeconds(4.5), Error = "exit code 75", ErrorType = FailureKind.ExitCode, ExitCode = 75, LogRef = "logs/check.1.log" })
        .At(4, new TaskFailed(new("note"), 1) { Error = "exit code 1", Kind = FailureKind.ExitCode, ExitCode = 1, Allowed = true, DurationMs = 1500, AttemptDurationMs = 1500, Attempts = 1 })
        .At(4.5, Started("check", 2))
        .At(6.5, Completed("check", 4000, 2) with { AttemptDurationMs = 2000 }, new StageCompleted("extract", 6000, 2, 0, 0, 0), new StageStarted("load", 1), Started("load"))
        .At(7.5, new TaskFailed(new("load"), 1) { Error = "exit code 3", Kind = FailureKind.ExitCode, ExitCode = 3, DurationMs = 1000, AttemptDurationMs = 1000, QueueMs = 1, Attempts = 1, LogRef = "logs/load.1.log" })
        .At(7.5, new StageFailed("load", "load failed", FailureKind.ExitCode, 1000))
        .At(7.5, new TaskSkipped(new("tell"), SkipReason.DependencyFailed) { BlockedBy = [new("load")] })
        .At(7.5, new TaskCancelled(new("late"), 0, CancelReason.FailFast))
        .At(7.5, new WorkflowFinalizing(RunStatus.Failed))
        .At(7.6, new WorkflowFailed
        {
            Total = 6, Completed = 2, Failed = 1, FailedAllowed = 1, Skipped = 1, Cancelled = 1, DurationMs = 7100, Reason = "task load failed",
            Error = "task load failed: exit code 3", ErrorType = FailureKind.ExitCode, ErrorClass = ErrorClass.Task, FailedStage = "load", FailedTasks = [new("load")],
        });
}
