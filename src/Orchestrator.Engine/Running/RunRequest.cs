using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Running;

/// <summary>What a caller asks for: a run of a definition with parameters already checked by the binder.</summary>
public sealed record RunRequest
{
    /// <summary>The definition to run; it is stored with the run before the run is accepted.</summary>
    public required WorkflowDefinition Definition { get; init; }

    /// <summary>Checked parameter values, defaults filled in.</summary>
    public ImmutableSortedDictionary<string, JsonElement> Params { get; init; } = ImmutableSortedDictionary<string, JsonElement>.Empty;

    /// <summary>What asked for it.</summary>
    public required TriggerKind Trigger { get; init; }

    /// <summary>Who asked for it.</summary>
    public string? RequestedBy { get; init; }

    /// <summary>The id to use; null makes a new one. A run of that id that exists already is returned, not repeated.</summary>
    public RunId? RunId { get; init; }

    /// <summary>The caller's key against double submission, for the record: <see cref="RunId"/> is what makes it work.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>The schedule and due time it stands for.</summary>
    public string? ScheduleId { get; init; }

    /// <summary>The due time it stands for.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>The caller's trace context: the run is below it. Null: the run's trace is its own.</summary>
    public TraceStamp? Trace { get; init; }

    /// <summary>The span that took the caller's request: the run is below it in the caller's trace, and linked to it from a trace of its own. Null: there is none.</summary>
    public TraceStamp? Via { get; init; }

    /// <summary>Spans elsewhere that have to do with the run.</summary>
    public ImmutableArray<TraceLink> Links { get; init; } = [];

    /// <summary>Whether the run's spans shall leave although it ends well; null: as the caller's context, the workflow and the worker have it.</summary>
    public bool? Sampled { get; init; }

    /// <summary>The caller's correlation id; null: the run's own id.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>Event id of what triggered it.</summary>
    public string? CausationId { get; init; }

    /// <summary>The run whose task asks for it; null: none.</summary>
    public RunId? ParentRunId { get; init; }

    /// <summary>That task.</summary>
    public TaskId? ParentTask { get; init; }

    /// <summary>How many runs it is nested in.</summary>
    public int Depth { get; init; }

    /// <summary>The run it repeats, wholly or in part.</summary>
    public RunId? RetryOf { get; init; }

    /// <summary>1-based number among the attempts of a run that is retried as a whole; 0 where that never happened.</summary>
    public int RunAttempt { get; init; }

    /// <summary>Earliest start; an instant that has passed is now. Null: at once.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>Results of <see cref="RetryOf"/> whose tasks need not run again: attempt 0, <see cref="TaskCompleted.ReusedFrom"/> set, files already copied.</summary>
    public IReadOnlyList<TaskCompleted> Reused { get; init; } = [];
}
