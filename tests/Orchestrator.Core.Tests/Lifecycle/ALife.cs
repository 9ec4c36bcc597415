using System.Collections.Immutable;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Tests.Lifecycle;

/// <summary>A run written by hand: fetch (stage extract, retried once), then load (no stage, fails), then tell (skipped).</summary>
internal static class ALife
{
    public static readonly RunId Run = RunId.Parse("0197a3b2-0000-7000-8000-000000000001");
    public static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    public static readonly EventProducer Producer = new("orchestrator", "node-1", "host-1", "0.1.0");
    public static readonly TaskId Fetch = new("fetch");
    public static readonly TaskId Load = new("load");
    public static readonly TaskId Tell = new("tell");

    public static WorkflowDefinition Definition { get; } = new()
    {
        Name = "nightly",
        Stages = ["extract"],
        Tasks =
        [
            new() { Id = Fetch, Stage = "extract", Action = new RunAction("./fetch.sh") },
            new() { Id = Load, DependsOn = [Fetch], Action = new NoopAction() },
            new() { Id = Tell, DependsOn = [Load], Action = new NoopAction() },
        ],
    };

    public static WorkflowCreated Created { get; } = new()
    {
        Workflow = "nightly",
        DefinitionVersion = new string('a', 64),
        TenantId = "acme",
        ProjectId = "sales",
        ScheduleId = "0200",
        CausationId = "cause-0",
    };

    public static ImmutableArray<JournalEvent> Events { get; } =
    [
        Created,
        new WorkflowQueued("accepted", "default", 0, 1),
        new WorkflowStarted { TotalTasks = 3, Stages = ["extract", "default"], InstanceId = "node-1" },
        new StageStarted("extract", 1),
        new TaskStarted(Fetch, 1, 2, "run"),
        new TaskRetrying(Fetch, 1) { NextAttempt = 2, DelayMs = 1000, RetryAt = Start.AddSeconds(9), Error = "exit code 75", ErrorType = FailureKind.ExitCode },
        new TaskStarted(Fetch, 2, 2, "run"),
        new TaskCompleted(Fetch, 2) { Attempts = 2 },
        new StageCompleted("extract", 5000, 1, 0, 0, 0),
        new StageStarted("default", 2),
        new TaskStarted(Load, 1, 1, "noop"),
        new TaskFailed(Load, 1) { Error = "no", Kind = FailureKind.Error, Attempts = 1 },
        new TaskSkipped(Tell, SkipReason.DependencyFailed) { BlockedBy = [Load] },
        new StageFailed("default", "no", FailureKind.Error, 100),
        new WorkflowFinalizing(RunStatus.Failed),
        new WorkflowFailed
        {
            Total = 3, Completed = 1, Failed = 1, FailedAllowed = 0, Skipped = 1, Cancelled = 0, DurationMs = 13000, Reason = "a task failed",
            Error = "load: no", ErrorType = FailureKind.Error, ErrorClass = ErrorClass.Task,
        },
    ];

    public static IEnumerable<RecordedEvent> Recorded(IEnumerable<JournalEvent>? events = null) =>
        (events ?? Events).Select((e, i) => new RecordedEvent(StreamId.Run(Run), i + 1, Start.AddSeconds(i), e));

    public static LifecycleEnvelope[] Envelopes(IEnumerable<JournalEvent>? events = null, EventProducer? producer = null)
    {
        var projection = new EnvelopeProjection(Run, Definition, producer ?? Producer);
        return [.. Recorded(events).Select(projection.Next)];
    }
}
