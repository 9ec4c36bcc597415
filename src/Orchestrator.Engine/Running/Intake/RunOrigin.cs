using System.Collections.Immutable;
using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Expressions;
using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Running;

/// <summary>What asks for a run: a record for each way in. A new way to start runs is a new record here and nothing else in the engine.</summary>
/// <param name="Kind">The word for it in events.</param>
/// <param name="RequestedBy">The requester; null: unknown.</param>
public abstract record RunOrigin(TriggerKind Kind, string? RequestedBy)
{
    /// <summary>The caller's trace context: the run is below it. Null: the run's trace is its own.</summary>
    public TraceStamp? Trace { get; init; }

    /// <summary>
    /// The span that took the caller's request: the run is below it in the caller's trace, and linked to it from a trace of its own. Null: there is none.
    /// </summary>
    public TraceStamp? Via { get; init; }

    /// <summary>Spans elsewhere that have to do with the run.</summary>
    public ImmutableArray<TraceLink> Links { get; init; } = [];

    /// <summary>Whether the run's spans shall leave although it ends well; null: as the caller's context, the workflow and the worker have it.</summary>
    public bool? Sampled { get; init; }

    /// <summary>The caller's correlation id; null: the run's own id.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>Event id of what triggered it.</summary>
    public string? CausationId { get; init; }

    /// <summary>
    /// Results of an earlier run whose tasks need not run again: attempt 0, <see cref="TaskCompleted.ReusedFrom"/> set, files already copied.
    /// </summary>
    internal virtual IReadOnlyList<TaskCompleted> Reused => [];

    /// <summary>The due time that defaults of parameters may use; null: there is none.</summary>
    internal virtual ScheduleFacts? DueTime => null;

    /// <summary>The run's first event with what this origin alone knows.</summary>
    internal virtual WorkflowCreated Describe(WorkflowCreated created) => created;

    /// <summary>Says to the caller that the parameters do not fit.</summary>
    internal virtual string Misfit(string workflow, ImmutableArray<Problem> problems) =>
        $"{workflow} cannot run with these parameters: {string.Join(" ", problems.Select(p => $"{p.Code} {p.Message} {p.Remedy}".TrimEnd()))}";

    /// <summary>A request over HTTP.</summary>
    public sealed record Api(string? Caller) : RunOrigin(TriggerKind.Api, Caller);

    /// <summary>A person at the command line, by this process or through <c>serve</c>'s socket.</summary>
    public sealed record CommandLine(string? User) : RunOrigin(TriggerKind.Manual, User);

    /// <summary>Code of the application that the engine is part of.</summary>
    public sealed record Code(string? By = "code") : RunOrigin(TriggerKind.Manual, By);

    /// <summary>A due time.</summary>
    /// <param name="ScheduleId">Its schedule.</param>
    /// <param name="DueAt">The due time, UTC.</param>
    public sealed record Schedule(string ScheduleId, DateTimeOffset DueAt) : RunOrigin(TriggerKind.Schedule, "schedule")
    {
        internal override ScheduleFacts? DueTime => new(ScheduleId, DueAt);

        internal override WorkflowCreated Describe(WorkflowCreated created) => created with { ScheduleId = ScheduleId, DueAt = DueAt };

        internal override string Misfit(string workflow, ImmutableArray<Problem> problems) =>
            $"Schedule {workflow}/{ScheduleId} gives parameters that do not fit: {string.Join(" ", problems.Select(p => p.Message))}";
    }

    /// <summary>A trigger of the workflow.</summary>
    /// <param name="TriggerId">The trigger.</param>
    /// <param name="Depth">How many runs started each other by triggers before this one.</param>
    public sealed record Trigger(string TriggerId, int Depth) : RunOrigin(TriggerKind.Trigger, $"trigger {TriggerId}")
    {
        /// <summary>Workflows whose runs led to it by triggers; default where there are none.</summary>
        public ImmutableArray<string> Chain { get; init; }

        internal override WorkflowCreated Describe(WorkflowCreated created) => created with { Depth = Depth, Chain = Chain };

        internal override string Misfit(string workflow, ImmutableArray<Problem> problems) =>
            $"Trigger {workflow}/{TriggerId} gives parameters that do not fit: {string.Join(" ", problems.Select(p => p.Message))}";
    }

    /// <summary>An item of a backfill.</summary>
    /// <param name="Actor">Who asked for the backfill.</param>
    /// <param name="Due">The due time that the item is; null: it is a date.</param>
    public sealed record Backfill(string Actor, ScheduleFacts? Due) : RunOrigin(TriggerKind.Backfill, Actor)
    {
        internal override ScheduleFacts? DueTime => Due;

        internal override WorkflowCreated Describe(WorkflowCreated created) => created with { ScheduleId = Due?.Id, DueAt = Due?.DueAt };
    }

    /// <summary>A person who asks for a run of a schedule.</summary>
    /// <param name="ScheduleId">The schedule.</param>
    /// <param name="At">The instant of the request, UTC: it is used as the due time.</param>
    /// <param name="Actor">Who asks.</param>
    public sealed record ManualSchedule(string ScheduleId, DateTimeOffset At, string Actor) : RunOrigin(TriggerKind.Manual, Actor)
    {
        internal override ScheduleFacts? DueTime => new(ScheduleId, At);

        internal override WorkflowCreated Describe(WorkflowCreated created) => created with { ScheduleId = ScheduleId, DueAt = At };

        internal override string Misfit(string workflow, ImmutableArray<Problem> problems) =>
            $"Schedule {workflow}/{ScheduleId} gives parameters that do not fit: {string.Join(" ", problems.Select(p => p.Message))}";
    }

    /// <summary>A task of another run.</summary>
    /// <param name="Parent">That run.</param>
    /// <param name="Task">The task.</param>
    /// <param name="Depth">How many runs the new one is nested in.</param>
    public sealed record ParentTask(RunId Parent, TaskId Task, int Depth) : RunOrigin(TriggerKind.Workflow, $"task {Task} of run {Parent}")
    {
        /// <summary>Workflows whose runs led to it by triggers and tasks; default where there are none.</summary>
        public ImmutableArray<string> Chain { get; init; }

        internal override WorkflowCreated Describe(WorkflowCreated created) => created with { ParentRunId = Parent, ParentTask = Task, Depth = Depth, Chain = Chain };
    }

    /// <summary>A finished run that is repeated, by a person in part or by itself as a whole.</summary>
    /// <param name="Of">The earlier run.</param>
    /// <param name="By">Who asks.</param>
    public sealed record Retry(RunId Of, string? By) : RunOrigin(TriggerKind.Retry, By)
    {
        /// <summary>1-based number among the attempts of a run that is retried as a whole; 0 where that never happened.</summary>
        public int RunAttempt { get; init; }

        /// <summary>The due time of the earlier run, and so of the new one.</summary>
        public ScheduleFacts? Due { get; init; }

        /// <summary>Where the earlier run was nested, and the new one with it; null: nowhere.</summary>
        public ParentTask? Nested { get; init; }

        /// <summary>How many runs started each other before the earlier one, and so before the new one: a retry does not reset the count of a loop.</summary>
        public int Depth { get; init; }

        /// <summary>Workflows whose runs led to the earlier run, and to the new one with it; default where there are none.</summary>
        public ImmutableArray<string> Chain { get; init; }

        /// <summary>Results that are taken over.</summary>
        public IReadOnlyList<TaskCompleted> Kept { get; init; } = [];

        internal override IReadOnlyList<TaskCompleted> Reused => Kept;

        internal override ScheduleFacts? DueTime => Due;

        internal override WorkflowCreated Describe(WorkflowCreated created)
        {
            var described = created with { RetryOf = Of, RunAttempt = RunAttempt, ScheduleId = Due?.Id, DueAt = Due?.DueAt, Depth = Depth, Chain = Chain };
            return Nested?.Describe(described) ?? described;
        }

        /// <summary>The due time of an earlier run.</summary>
        internal static ScheduleFacts? DueOf(WorkflowCreated earlier) => earlier is { ScheduleId: { } id, DueAt: { } at } ? new(id, at) : null;
    }
}
