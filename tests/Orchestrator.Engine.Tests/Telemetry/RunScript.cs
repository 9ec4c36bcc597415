using System.Security.Cryptography;
using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Telemetry;

namespace Orchestrator.Engine.Tests.Telemetry;

/// <summary>Writes the events of a run by hand, a second apart, in batches as the run loop would append them.</summary>
internal sealed class RunScript
{
    public static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly WorkflowDefinition _definition;
    private long _seq;

    public RunScript(string workflow, string[]? stages = null, params TaskDefinition[] tasks)
    {
        _definition = new() { Name = workflow, Stages = [.. stages ?? []], Tasks = [.. tasks] };
        Id = RunId.New(Start, RandomNumberGenerator.GetBytes(10));
    }

    public RunId Id { get; }

    public WorkflowDefinition Definition => _definition;

    /// <summary>The time of the event with that seq.</summary>
    public static DateTimeOffset At(long seq) => Start.AddSeconds(seq);

    public AppendedBatch Batch(params JournalEvent[] events) =>
        new(Id, _definition, [.. events.Select(e => new RecordedEvent(StreamId.Run(Id), ++_seq, At(_seq), e))]);

    public AppendedBatch Begin(TraceStamp? trace = null, RunId? retryOf = null) => Batch(
        new WorkflowCreated { Workflow = _definition.Name, DefinitionVersion = new string('a', 64), Trigger = TriggerKind.Manual, Trace = trace, RetryOf = retryOf },
        new WorkflowQueued("accepted", "default", 0, 1),
        new WorkflowStarted { TotalTasks = _definition.Tasks.Length, QueueWaitMs = 2000, InstanceId = "node-1" });

    public AppendedBatch Completed(int tasks) => Batch(new WorkflowFinalizing(RunStatus.Completed), new WorkflowCompleted
    {
        Total = tasks, Completed = tasks, Failed = 0, FailedAllowed = 0, Skipped = 0, Cancelled = 0, DurationMs = 7000, Reason = "all tasks completed",
    });

    public AppendedBatch Failed(string error, FailureKind kind, int failed = 1) => Batch(new WorkflowFinalizing(RunStatus.Failed), new WorkflowFailed
    {
        Total = _definition.Tasks.Length, Completed = 0, Failed = failed, FailedAllowed = 0, Skipped = 0, Cancelled = 0, DurationMs = 7000, Reason = "a task failed",
        Error = error, ErrorType = kind, ErrorClass = ErrorClass.Task,
    });

    public static TaskDefinition Task(string id, string? stage = null, params string[] dependsOn) => new()
    {
        Id = new(id), Stage = stage, Action = new RunAction("true"), DependsOn = [.. dependsOn.Select(d => new TaskId(d))],
    };

    public static TaskStarted Started(string task, int attempt = 1, int max = 1) => new(new(task), attempt, max, "run");

    public static TaskCompleted Done(string task, int attempt = 1) => new(new(task), attempt)
    {
        AttemptDurationMs = 900, DurationMs = 1000, QueueMs = 20, Attempts = attempt, ExitCode = 0, Process = new("sh", 4242, 0),
    };

    public static TaskRetrying Retry(string task, int attempt, FailureKind kind = FailureKind.ExitCode, int? exit = 75) => new(new(task), attempt)
    {
        AttemptDurationMs = 900, NextAttempt = attempt + 1, DelayMs = 1000, RetryAt = Start, Error = $"attempt {attempt} failed", ErrorType = kind,
        ExitCode = exit, Process = new("sh", 4241, exit), Loss = kind == FailureKind.WorkerLost ? LossCause.WorkerGone : null,
    };

    public static TaskFailed Fail(string task, int attempt = 1, FailureKind kind = FailureKind.ExitCode, int? exit = 1) => new(new(task), attempt)
    {
        AttemptDurationMs = 900, DurationMs = 1000, QueueMs = 20, Error = "it broke", Kind = kind, Attempts = attempt, ExitCode = exit,
        Process = attempt > 0 ? new("sh", 4243, exit) : null, Loss = kind == FailureKind.WorkerLost ? LossCause.WorkerGone : null,
    };
}
