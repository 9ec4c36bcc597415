using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Definitions;

namespace Orchestrator.Core.Runs.View;

/// <summary>
/// A run as people and tools see it: a fold over its events, finished or not. Durations are milliseconds; those of an open
/// run reach to its last event. The first eight properties are the fixed summary, in its order.
/// </summary>
public sealed record RunView
{
    /// <summary>The run.</summary>
    public required RunId RunId { get; init; }

    /// <summary>Name of the workflow; empty when not even the first event is known.</summary>
    public string Workflow { get; init; } = "";

    /// <summary>State of the run.</summary>
    public RunStatus Status { get; init; }

    /// <summary>From started to the end (or the last event); from created where it never started.</summary>
    public double DurationMs { get; init; }

    /// <summary>32 lower-case hex digits.</summary>
    public string TraceId { get; init; } = "";

    /// <summary>Folder of the run's reports; events do not know it, so the caller sets it.</summary>
    public string? ReportDir { get; init; }

    /// <summary>Why nothing is known of the run beyond an event: its journal cannot be read there. Null: all of it could be read.</summary>
    public string? Damage { get; init; }

    /// <summary>Tasks by state, so far.</summary>
    public RunCounts Counts { get; init; }

    /// <summary>All tasks, in declaration order where the definition is known.</summary>
    public ImmutableArray<TaskView> Tasks { get; init; } = [];

    /// <summary>SHA-256 of the definition.</summary>
    public string? DefinitionVersion { get; init; }

    /// <summary>Tenant of the run.</summary>
    public string? Tenant { get; init; }

    /// <summary>Project of the run.</summary>
    public string? Project { get; init; }

    /// <summary>What asked for it.</summary>
    public TriggerKind Trigger { get; init; }

    /// <summary>Who asked for it.</summary>
    public string? RequestedBy { get; init; }

    /// <summary>The schedule that started it.</summary>
    public string? ScheduleId { get; init; }

    /// <summary>Its due time.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>When it was accepted.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>When a worker began it.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When its terminal event was decided; null while it is open.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>From created to started.</summary>
    public double QueueMs { get; init; }

    /// <summary>Labels of its workflow.</summary>
    public ImmutableSortedDictionary<string, string> Labels { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Values of its parameters.</summary>
    public ImmutableSortedDictionary<string, JsonElement> Params { get; init; } = ImmutableSortedDictionary<string, JsonElement>.Empty;

    /// <summary>The terminal event's sentence.</summary>
    public string? Reason { get; init; }

    /// <summary>What failed it.</summary>
    public string? Error { get; init; }

    /// <summary>The kind of its first failure.</summary>
    public FailureKind? ErrorType { get; init; }

    /// <summary>Which part is to blame.</summary>
    public ErrorClass? ErrorClass { get; init; }

    /// <summary>Stage of the first failed task.</summary>
    public string? FailedStage { get; init; }

    /// <summary>Why it was or is being cancelled.</summary>
    public CancelReason? CancelReason { get; init; }

    /// <summary>Who asked for that.</summary>
    public string? CancelledBy { get; init; }

    /// <summary>Why, in their words; null: nothing was said.</summary>
    public string? CancelComment { get; init; }

    /// <summary>The run whose task started it.</summary>
    public RunId? ParentRunId { get; init; }

    /// <summary>That task.</summary>
    public TaskId? ParentTask { get; init; }

    /// <summary>The run it repeats, wholly or in part.</summary>
    public RunId? RetryOf { get; init; }

    /// <summary>The run that repeats it as a whole.</summary>
    public RunId? NextRun { get; init; }

    /// <summary>The run's own results; null where its definition names none, or it has not completed.</summary>
    public ImmutableSortedDictionary<string, JsonElement>? Outputs { get; init; }

    /// <summary>Handlers that failed.</summary>
    public int HandlersFailed { get; init; }

    /// <summary>How often another process took it over.</summary>
    public int Recoveries { get; init; }

    /// <summary>Stages in order.</summary>
    public ImmutableArray<StageView> Stages { get; init; } = [];

    /// <summary>The chain of tasks that made it take as long as it did.</summary>
    public CriticalPath CriticalPath { get; init; } = new([], 0);

    /// <summary>How many attempts ran side by side.</summary>
    public SlotUse Slots { get; init; } = new(0, 0, 0);

    /// <summary>What the processes of all its tasks used together, as far as it is known; null where nothing is.</summary>
    public ProcessUsage? Usage { get; init; }

    /// <summary>Whether nothing can happen to it any more.</summary>
    public bool IsTerminal => Status is RunStatus.Completed or RunStatus.Failed or RunStatus.Cancelled;

    /// <summary>The view after <paramref name="events"/> of the run's stream, in order, from the first on.</summary>
    /// <param name="definition">What the run executes; null when it cannot be found: tasks are then those that events name.</param>
    /// <param name="run">The run.</param>
    /// <param name="events">Its events; events of other kinds of streams are ignored.</param>
    public static RunView From(WorkflowDefinition? definition, RunId run, IReadOnlyList<RecordedEvent> events)
    {
        var fold = new RunFold(definition, run);
        foreach (var recorded in events) fold.Apply(recorded);
        return fold.ToView();
    }
}

/// <summary>One task of a run.</summary>
public sealed record TaskView
{
    /// <summary>Its name; also the key under which it is written.</summary>
    public required TaskId Id { get; init; }

    /// <summary>Its state.</summary>
    public TaskStatus Status { get; init; }

    /// <summary>Attempts made.</summary>
    public int Attempts { get; init; }

    /// <summary>From the first attempt's start, waits included; 0 when it never started.</summary>
    public double DurationMs { get; init; }

    /// <summary>Exit code of the last attempt's process.</summary>
    public int? ExitCode { get; init; }

    /// <summary>The word for why it was skipped, cancelled or failed.</summary>
    public string? Reason { get; init; }

    /// <summary>What went wrong; of a retrying task, the last time.</summary>
    public string? Error { get; init; }

    /// <summary>Results that were small enough for the journal.</summary>
    public ImmutableSortedDictionary<string, JsonElement>? Outputs { get; init; }

    /// <summary>File of larger results, relative to the run's folder.</summary>
    public string? OutputsFile { get; init; }

    /// <summary>The run its result was taken over from; null where it ran here.</summary>
    public RunId? ReusedFrom { get; init; }

    /// <summary>Its stage, <c>default</c> where it names none; null when the definition is not known.</summary>
    public string? Stage { get; init; }

    /// <summary>Of a fan-out's child: the name of its item; null where it has none, and for other tasks.</summary>
    public string? Item { get; init; }

    /// <summary>Free words of its definition.</summary>
    public ImmutableArray<string> Tags { get; init; } = [];

    /// <summary>Free JSON of its definition.</summary>
    public ImmutableSortedDictionary<string, JsonElement> Metadata { get; init; } = ImmutableSortedDictionary<string, JsonElement>.Empty;

    /// <summary>Items of its fan-out that failed, if they failed the fan-out: each failure is reported on its own.</summary>
    public int? FailedItems { get; init; }

    /// <summary>run, exec, script, delegate, noop; null when not known.</summary>
    public string? Kind { get; init; }

    /// <summary><c>handler</c> for tasks that run once the outcome is fixed; no count includes them. Null for the others.</summary>
    public string? Role { get; init; }

    /// <summary>What it waits for without a slot; null when it does not.</summary>
    public WaitView? Waiting { get; init; }

    /// <summary>How far it says it is.</summary>
    public ProgressView? Progress { get; init; }

    /// <summary>Children of its fan-out; null where it has none.</summary>
    public int? Items { get; init; }

    /// <summary>The run that it started.</summary>
    public RunId? ChildRunId { get; init; }

    /// <summary>The failure was allowed.</summary>
    public bool Allowed { get; init; }

    /// <summary>Tasks it waited for.</summary>
    public ImmutableArray<TaskId> DependsOn { get; init; } = [];

    /// <summary>Tasks that kept it from running.</summary>
    public ImmutableArray<TaskId> BlockedBy { get; init; } = [];

    /// <summary>Start of its first attempt.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it became terminal.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Between all dependencies terminal and the first attempt.</summary>
    public double QueueMs { get; init; }

    /// <summary>Its attempts, in order.</summary>
    public ImmutableArray<AttemptView> History { get; init; } = [];

    /// <summary>What the processes of its attempts used together, as far as it is known; null where nothing is.</summary>
    public ProcessUsage? Usage { get; init; }

    /// <summary>Whether nothing can happen to it any more.</summary>
    public bool IsTerminal => Status is TaskStatus.Completed or TaskStatus.Failed or TaskStatus.Skipped or TaskStatus.Cancelled;
}

/// <summary>What a task waits for.</summary>
/// <param name="Kind">time, event, poll, approval, workflow or items.</param>
/// <param name="Until">When the wait is over, or too long; null: no limit.</param>
/// <param name="EventName">The event.</param>
/// <param name="Prompt">The question.</param>
/// <param name="Required">Approvals needed.</param>
/// <param name="Approvers">Who may answer; empty: anybody.</param>
/// <param name="ApprovedBy">Who approved so far.</param>
public sealed record WaitView(
    WaitKind Kind, DateTimeOffset? Until = null, string? EventName = null, string? Prompt = null, int Required = 0,
    ImmutableArray<string> Approvers = default, ImmutableArray<string> ApprovedBy = default);

/// <summary>How far a task says it is.</summary>
/// <param name="Message">A sentence; null: none.</param>
/// <param name="Percent">0 to 100; null: unknown.</param>
public sealed record ProgressView(string? Message, double? Percent);

/// <summary>One attempt of a task.</summary>
/// <param name="Number">1-based.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="DurationMs">How long it took; 0 while it runs.</param>
/// <param name="Outcome">running, completed, failed or cancelled.</param>
/// <param name="Error">What went wrong.</param>
/// <param name="ErrorType">Its kind.</param>
/// <param name="ExitCode">The process's exit code.</param>
/// <param name="LogRef">Its log, relative to the run's folder.</param>
/// <param name="RetryDelayMs">How long the task then waited for its next attempt.</param>
/// <param name="Usage">What its process used; null where that is not known.</param>
/// <param name="Executable">File name of the program it started: of a `run` task the shell; null where there was no process.</param>
public sealed record AttemptView(
    int Number, DateTimeOffset StartedAt, double DurationMs, TaskStatus Outcome,
    string? Error = null, FailureKind? ErrorType = null, int? ExitCode = null, string? LogRef = null, double? RetryDelayMs = null,
    ProcessUsage? Usage = null, string? Executable = null);

/// <summary>One stage of a run.</summary>
/// <param name="Name">A declared stage or <c>default</c>.</param>
/// <param name="Status">pending, running, completed, failed, skipped, or cancelled: the run was while the stage was under way.</param>
/// <param name="DurationMs">How long it took; 0 before its end.</param>
/// <param name="Reason">Why it was skipped or cut short, or what failed it.</param>
public sealed record StageView(string Name, TaskStatus Status, double DurationMs, string? Reason);

/// <summary>The chain of tasks, each released by the one before it, that ended last.</summary>
/// <param name="Tasks">From the first to the last.</param>
/// <param name="DurationMs">From the first one's start to the last one's end, waits included.</param>
public sealed record CriticalPath(ImmutableArray<TaskId> Tasks, double DurationMs);

/// <summary>How many attempts ran side by side.</summary>
/// <param name="Peak">Most at one time.</param>
/// <param name="BusyMs">Their durations added up.</param>
/// <param name="Average">Busy time over the run's duration.</param>
public sealed record SlotUse(int Peak, double BusyMs, double Average);
