using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Tests.Serialization;

/// <summary>One or more of every event type, with every field set at least once.</summary>
internal static class SampleEvents
{
    private static readonly Guid Cause = new("0197a3b2-0000-8000-8000-00000000000c");

    public static readonly RunId Run = RunId.Parse("019c2f4e-8a00-7000-8000-0123456789ab");
    public static readonly DateTimeOffset At = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddTicks(1234560);
    private const string Backfill = "019c2f4e-8a00-7000-8000-00000000000b";
    private static readonly TaskId Load = new("load[3]");
    private static readonly ImmutableSortedDictionary<string, JsonElement> Values = ImmutableSortedDictionary<string, JsonElement>.Empty
        .Add("day", JsonElement.Parse("\"2026-01-01\"")).Add("rows", JsonElement.Parse("12.5")).Add("deep", JsonElement.Parse("{\"a\":[1,null,\"ä\"]}"));
    private static readonly ProcessFacts Process = new("sh", 4711, null, 9, 2, new(12.5, 0.125, 1L << 33, 512, 1024));

    private static readonly TraceStamp Caller = new("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "v=1", "k=v");

    public static IReadOnlyList<JournalEvent> All { get; } =
    [
        new WorkflowCreated { Workflow = "nightly", DefinitionVersion = new('a', 64) },
        new WorkflowCreated
        {
            Workflow = "nightly", DefinitionVersion = new('b', 64), TenantId = "acme", ProjectId = "sales", Labels = ImmutableSortedDictionary<string, string>.Empty.Add("team", "däta"), Trigger = TriggerKind.Schedule, RequestedBy = "schedule",
            ScheduleId = "at-two", DueAt = At, Params = Values, InputsDigest = new('c', 64), IdempotencyKey = "k", CorrelationId = "corr", CausationId = "cause",
            Trace = new("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "v=1", "k=v"), Sampled = false,
            Links = [new("parent_run", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203332-01")], BaseDir = "/srv/it's <here> & \"there\"\n",
        },
        new WorkflowQueued("no slot", "default", 3, 7),
        new WorkflowStarted { TotalTasks = 4, Stages = ["extract", "load"], QueueWaitMs = 1.25, Reason = "r", OwnerEpoch = 2, InstanceId = "i" },
        new WorkflowCancelRequested(CancelReason.RunTimeout, "orchestrator"),
        new WorkflowRecovered("worker lost", 3, "i"),
        new WorkflowFinalizing(RunStatus.Failed),
        new WorkflowCompleted { Total = 5, Completed = 1, Failed = 0, FailedAllowed = 2, Skipped = 2, Cancelled = 0, DurationMs = 0.5, Reason = "ok", StagesExecuted = ["a"] },
        new WorkflowFailed
        {
            Total = 5, Completed = 1, Failed = 1, FailedAllowed = 1, Skipped = 1, Cancelled = 1, DurationMs = 10, Reason = "bad", Resumed = true,
            Error = "e", ErrorType = FailureKind.ExitCode, ErrorClass = ErrorClass.Task, FailedStage = "load", FailedTasks = [Load], RetryRefusal = "no place",
        },
        new WorkflowCancelled
        {
            Total = 1, Completed = 0, Failed = 0, FailedAllowed = 0, Skipped = 0, Cancelled = 1, DurationMs = 10, Reason = "stop",
            StatusFrom = RunStatus.Queued, CancelReason = CancelReason.RunCancelled, RequestedBy = "ann",
        },
        new StageStarted("load", 3),
        new StageCompleted("load", 12.125, 1, 2, 3, 4),
        new StageFailed("load", "e", FailureKind.Signal, 1),
        new StageSkipped("load", "nothing ran"),
        new TaskQueued(Load, "slots"),
        new TaskStarted(Load, 2, 5, "run"),
        new TaskCompleted(Load, 1) { DurationMs = 3, AttemptDurationMs = 2 },
        new TaskCompleted(Load, 2)
        {
            DurationMs = 3.5, QueueMs = 1, Attempts = 2, ExitCode = 0, Outputs = Values, OutputsFile = "outputs/load.json", OutputBytes = 17,
            AttemptDurationMs = 2, Resumed = true, Process = Process with { ExitCode = 0, Signal = null }, LogRef = "logs/load.2.log",
        },
        new TaskRetrying(Load, 1) { NextAttempt = 2, DelayMs = 1000, RetryAt = At, Error = "e", ErrorType = FailureKind.HttpStatus, ExitCode = 75, Process = Process },
        new TaskFailed(Load, 0) { Error = "e", Kind = FailureKind.ConditionError },
        new TaskFailed(Load, 3) { Error = "e", Kind = FailureKind.ExitCode, Allowed = true, DurationMs = 9, QueueMs = 8, Attempts = 3, ExitCode = 1, LogRef = "logs/load.3.log" },
        new TaskSkipped(Load, SkipReason.DependencyFailed) { BlockedBy = [new("fetch"), new("check")] },
        new TaskCancelled(Load, 1, CancelReason.FailFast) { DurationMs = 4, Attempts = 1, Process = Process },
        new ScheduleFired("at-two", "nightly", At, Run, At.AddDays(1)),
        new ScheduleSkipped("at-two", "nightly", At, "overlap"),
        new DefinitionRejected("nightly.yaml", 2, "ORC104"),
        new WorkerStarted("host-1", "0.1.0"),
        new WorkerStopping("host-1", "signal"),
        new TelemetryDegraded(["traces", "logs"], "Connection refused"),
        new TelemetryRecovered(61_000.5, 42),
        new WorkflowCreated
        {
            Workflow = "child", DefinitionVersion = new('d', 64), Trigger = TriggerKind.Workflow, ParentRunId = Run, ParentTask = Load, Depth = 2, Chain = ["nightly"],
            RetryOf = Run, RunAttempt = 2, NotBefore = At, ConcurrencyGroup = "warehouse",
        },
        new WorkflowPaused("everything left waits for approval"),
        new WorkflowResumed("task 'ask' was approved"),
        new WorkflowFinalizing(RunStatus.Failed) { Error = "results" },
        new WorkflowRetrying(Run, 2, At) { DelayMs = 1500 },
        new WorkflowCompleted { Total = 1, Completed = 1, Failed = 0, FailedAllowed = 0, Skipped = 0, Cancelled = 0, DurationMs = 1, Reason = "ok", WorkflowResult = Values, HandlersFailed = 1 },
        new SlaAtRisk { ExpectedMs = 1000, ElapsedMs = 800 },
        new SlaExceeded { Subject = Load, ExpectedMs = 1000, ElapsedMs = 1001.5 },
        new TaskStarted(Load, 1, 1, "exec") { Role = TaskEvent.Handler },
        new TaskFailed(Load, 1) { Error = "e", Kind = FailureKind.Expired, Role = TaskEvent.Handler },
        new TaskCompleted(Load, 0) { ReusedFrom = Run, Outputs = Values },
        new TaskWaiting(Load, 1, WaitKind.Workflow) { Until = At, EventName = "loaded", ChildRunId = Run },
        new TaskExpanded(Load, 1, JsonElement.Parse("[1,\"two\",{\"three\":3}]")),
        new TaskProgress(Load, 1, "half", 50),
        new TaskRenewing(Load, 1, new("login"), 2) { SecretOutputs = ["token"] },
        new TaskRenewed(Load, 1, new("login"), 2) { DurationMs = 12.5, LogRef = "logs/login.2.log" },
        new TaskCompleted(Load, 1) { Outputs = Values, SecretOutputs = ["token"] },
        new CheckpointPending(Load, 1) { Prompt = "Ship?", RequiredRole = "admin", Required = 2, Approvers = ["ann", "bob"], ExpiresAt = At },
        new CheckpointApproved(Load, 1, "ann") { Comment = "fine", Values = Values, Count = 1, Required = 2 },
        new CheckpointRejected(Load, 1, "bob") { Comment = "no" },
        new CheckpointExpired(Load, 1),
        new WebhookAttempted(Cause, "webhook.ops", "hooks.example", 1) { EventType = "workflow.failed", CorrelationId = "c", RunId = Run, Workflow = "nightly", HttpStatus = 500, DurationMs = 12.5, Error = "answered 500" },
        new WebhookDelivered(Cause, "webhook.ops", "hooks.example", 2) { EventType = "workflow.failed", CorrelationId = "c", RunId = Run, Workflow = "nightly", HttpStatus = 204, DurationMs = 3, Error = "e" },
        new WebhookFailed(Cause, "webhook.ops", "hooks.example", 3) { EventType = "workflow.failed", CorrelationId = "c", RunId = Run, Workflow = "nightly", HttpStatus = 500, DurationMs = 3, Error = "answered 500" },
        new TelemetryDegraded(["events"], "hooks.example does not take what is delivered") { Sink = "webhook.ops" },
        new TelemetryRecovered(61_000.5, 0) { Sink = "webhook.ops" },
        new WorkflowCancelRequested(CancelReason.FailFast, "orchestrator") { Error = "An internal error." },
        new JournalTailCut("journal/serve/00000003.jsonl", 4096, 17, "quarantine/serve-00000003-4096.cut"),
        new JournalRepaired("ann", ["quarantine/serve-00000003.damaged"], ["run:1: events 4 to 7"]),
        new JournalEventsLost("node:n", 4, 7),
        new WorkflowEventsLost(4, 7),
        new TaskFailed(Load, 2) { Error = "e", Kind = FailureKind.WorkerLost, ClosesAttempt = false, Loss = LossCause.WorkerGone, RetryRefused = NoRetryReason.NotIdempotent },
        new TaskQueued(Load, "waiting for a slot of pool 'db'") { Pool = "db" },
        new ScheduleLate("at-two", "nightly", At, Run, At.AddDays(1)) { Replaces = [Run] },
        new ScheduleCaughtUp("at-two", "nightly", At, Run, At.AddDays(1)) { Replaces = [Run] },
        new ScheduleFired("at-two", "nightly", At, Run, At.AddDays(1)) { Replaces = [Run] },
        new ScheduleSkipped("at-two", "nightly", At, "misfire") { Until = At.AddDays(3), Count = 4, NextDueAt = At.AddDays(4) },
        new ScheduleBlocked("at-two", "nightly", At, Run) { NextDueAt = At.AddDays(1) },
        new ScheduleQueued("at-two", "nightly", At, Run) { Missed = true, NextDueAt = At.AddDays(1) },
        new ScheduleQueued("at-two", "nightly", At, Run) { Stops = [Run], NextDueAt = At.AddDays(1) },
        new ScheduleStopping("at-two", "nightly", At, [Run]) { NextDueAt = At.AddDays(1) },
        new ScheduleStopped("at-two", "nightly", At, [Run]),
        new ScheduleUpdated("at-two", "nightly", ScheduleChange.Restated, At) { Terms = "{}", Open = [new(At, null, null) { Stops = [Run] }] },
        new ScheduleDispatched("at-two", "nightly", At, Run),
        new ScheduleFailed("at-two", "nightly", At, Run, "parameter 'day' must be a date"),
        new ScheduleUpdated("at-two", "nightly", ScheduleChange.Rearmed, At) { Terms = "{}", ZoneVersion = "2025b", Ahead = At.AddYears(1), Through = At, PausedAt = At, Open = [new(At, Run, true)], NextDueAt = At.AddDays(1) },
        new SchedulePaused("at-two", "nightly", "ann") { Reason = "maintenance" },
        new ScheduleResumed("at-two", "nightly", "ann") { Reason = "done" },
        new ScheduleOverdue("at-two", "nightly", At),
        new SchedulePaused("at-two", "nightly", "ann") { Reason = "maintenance", Until = At.AddHours(2) },
        new ScheduleUpdated("at-two", "nightly", ScheduleChange.Restated, At) { Terms = "{}", PausedAt = At, PausedBy = "ann", PauseReason = "maintenance", PausedUntil = At.AddHours(2), Open = [new(At, null, true)] },
        new SchedulesPaused("ann") { Reason = "upgrade", Until = At.AddHours(2) },
        new SchedulesResumed("orchestrator", At.AddHours(2)) { Reason = "the pause is over" },
        new ScheduleRunRequested("at-two", "nightly", "release-7", At, Run, "ann") { Reason = "yesterday's failed" },
        new ScheduleRunStarted("at-two", "nightly", "release-7", At, Run) { Replaces = [Run] },
        new ScheduleRefused("nightly", "at-two", "nightly.yaml", 3, 7, "ORC125 'EST' is an abbreviation"),
        new WorkflowCancelRequested(CancelReason.RunCancelled, "ann") { Comment = "wrong day" },
        new WorkflowRecovered("worker lost", 3, "i") { Worker = new("i", "host-1", "1.2.3") },
        new TriggerReceived("pushed", "nightly", "d-1", TriggerSource.Http) { Facts = Values["deep"], CorrelationId = "corr", CausationId = "cause", Trace = Caller, Via = Caller, Depth = 1, Chain = ["load"] },
        new TriggerReceived("pushed", "nightly", "d-2", TriggerSource.Files),
        new TriggerFired("pushed", "nightly", Run) { Deliveries = ["d-1", "d-2"], Params = Values, CorrelationId = "corr", CausationId = "cause", Trace = Caller, Via = Caller, Links = [new("trigger", Caller.TraceParent)], Depth = 2, Chain = ["load", "check"] },
        new TriggerFired("pushed", "nightly", Run) { Deliveries = ["d-3"] },
        new TriggerDispatched("pushed", "nightly", Run),
        new TriggerFailed("pushed", "nightly", Run, "no pool"),
        new TriggerDuplicate("pushed", "nightly", "d-1") { RunId = Run },
        new TriggerDuplicate("pushed", "nightly", "d-1"),
        new TriggerRejected("pushed", "nightly", "signature") { DeliveryId = "d-4", Error = "wrong", Count = 3, Since = At },
        new TriggerDebounced("pushed", "nightly", "d-5", "d-6"),
        new TriggerRestated("pushed", "nightly")
        {
            Pending = [new(Run, 7, Values) { CorrelationId = "corr", Trace = Caller, Via = Caller, Links = [new("trigger", Caller.TraceParent)], Depth = 2, Chain = ["load"] }],
            Held = [new("d-7", At, Values["deep"]) { CorrelationId = "corr", CausationId = "cause", Trace = Caller, Via = Caller, Depth = 1, Chain = ["load"] }],
            HeldSince = At,
        },
        new TriggerRestated("pushed", "nightly"),
        new StageFailed("load", "cancelled", null, 1) { CancelReason = CancelReason.RunCancelled },
        new TaskFailed(Load, 1) { Error = "2 of 3 items failed", Kind = FailureKind.ExitCode, FailedItems = 2 },
        new ScheduleOverdue("at-two", "nightly", At) { Reason = OverdueReason.NotCompleted, Deadline = At.AddHours(1), RunId = Run, Found = "failed" },
        new BackfillCreated(Backfill, "nightly", 2, 3, BackfillOrder.Newest, "2026-01-01", "2026-01-02", "ann")
        {
            ScheduleId = "at-two", DefinitionVersion = new('d', 64), BaseDir = "/srv", Params = Values, Reason = "late data", CorrelationId = "corr", Trace = new("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "v=1", "k=v"),
        },
        new BackfillCreated(Backfill, "nightly", 2, 1, BackfillOrder.Oldest, "2026-01-01", "2026-01-08", "ann") { Param = "day", StepDays = 7 },
        new BackfillPlanned(Backfill, "nightly", ["2026-01-02T02:00:00Z", "2026-01-01T02:00:00Z"]),
        new BackfillItemStarted(Backfill, "nightly", 1, "2026-01-02T02:00:00Z", Run),
        new BackfillItemDispatched(Backfill, "nightly", 1, Run),
        new BackfillItemEnded(Backfill, "nightly", 1, Run, BackfillOutcome.Completed) { LastRunId = Run },
        new BackfillItemEnded(Backfill, "nightly", 1, Run, BackfillOutcome.Refused) { Error = "parameter 'day' must be a date" },
        new BackfillCancelRequested(Backfill, "nightly", "ann") { Reason = "wrong day" },
        new BackfillFinished(Backfill, "nightly", BackfillStatus.Cancelled, 1, 2, 3, 4) { Unknown = 5, DurationMs = 61_000.5 },
        new EventRejected("flood", "more than are taken") { Count = 12, Since = At },
        new EventRejected("body", null),
    ];

    public static RecordedEvent Record(JournalEvent e, long seq = 1) => new(e switch
    {
        RunEvent => StreamId.Run(Run),
        ScheduleEvent => StreamId.Schedule("nightly", "at-two"),
        TriggerEvent => StreamId.Trigger("nightly", "pushed"),
        BackfillEvent => StreamId.Backfill(Backfill),
        SchedulesPaused or SchedulesResumed => StreamId.AllSchedules,
        _ => StreamId.Node("host-1"),
    }, seq, At, e);
}
