using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Lifecycle;

namespace Orchestrator.Core.Runs;

/// <summary>A started task waits and gives its slot back until what it waits for has come.</summary>
[EventType("task.waiting", 4027, EventSeverity.Debug)]
public sealed partial record TaskWaiting(TaskId Task, int Attempt, WaitKind WaitsFor) : TaskEvent(Task, Attempt)
{
    /// <summary>When a wait for time is over, or any other has taken too long; null: no limit.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? Until { get; init; }

    /// <summary>Name of the event waited for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? EventName { get; init; }

    /// <summary>The run of another workflow that is waited for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RunId? ChildRunId { get; init; }
}

/// <summary>A task became a child for each item; the children are tasks <c>id[n]</c> in this order.</summary>
/// <param name="Items">The items, a JSON list; of a matrix the combinations as objects.</param>
[EventType("task.expanded", 4028, EventSeverity.Debug)]
public sealed partial record TaskExpanded(TaskId Task, int Attempt, JsonElement Items) : TaskEvent(Task, Attempt);

/// <summary>A task says how far it is.</summary>
/// <param name="Message">A sentence; null: none.</param>
/// <param name="Percent">0 to 100; null: unknown.</param>
[EventType("task.progress", 4029, EventSeverity.Debug)]
public sealed partial record TaskProgress(TaskId Task, int Attempt, string? Message, double? Percent) : TaskEvent(Task, Attempt);

/// <summary>
/// Secret results that a task needs were lost with the process that held them: within this attempt the task that made them runs again. Written before it
/// does. How that ended for good stays as it was; this run of it counts as part of the attempt that needs it.
/// </summary>
/// <param name="Producer">The task that runs again.</param>
/// <param name="Number">Which of its attempts this is.</param>
[EventType("task.renewing", 4047, EventSeverity.Warn)]
public sealed partial record TaskRenewing(TaskId Task, int Attempt, TaskId Producer, int Number) : TaskEvent(Task, Attempt)
{
    /// <summary>The results that were lost.</summary>
    public ImmutableArray<string> SecretOutputs { get; init; } = [];
}

/// <summary>Secret results are there again. Where they are not, the attempt that needs them ends with <c>secret_lost</c>, or repeats this.</summary>
/// <param name="Producer">The task that ran again.</param>
/// <param name="Number">Which of its attempts this was.</param>
[EventType("task.renewed", 4048, EventSeverity.Info)]
public sealed partial record TaskRenewed(TaskId Task, int Attempt, TaskId Producer, int Number) : TaskEvent(Task, Attempt)
{
    /// <summary>Milliseconds it took.</summary>
    public double DurationMs { get; init; }

    /// <summary>The log of the task that ran again, relative to the run's folder; null when there is none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? LogRef { get; init; }
}

/// <summary>People are asked. The task waits, without a slot, until they have answered or the question has expired.</summary>
[EventType("checkpoint.pending", 4060, EventSeverity.Info)]
public sealed partial record CheckpointPending(TaskId Task, int Attempt) : TaskEvent(Task, Attempt)
{
    /// <summary>Id of the question within the run: the task's.</summary>
    public string CheckpointId => Task.ToString();

    /// <summary>The question.</summary>
    public required string Prompt { get; init; }

    /// <summary>Role an answer through the API needs.</summary>
    public string RequiredRole { get; init; } = "operator";

    /// <summary>Approvals needed, by different people.</summary>
    public int Required { get; init; } = 1;

    /// <summary>Who may answer; empty: anybody.</summary>
    public ImmutableArray<string> Approvers { get; init; } = [];

    /// <summary>When it expires.</summary>
    public DateTimeOffset ExpiresAt { get; init; }
}

/// <summary>A user approved.</summary>
/// <param name="By">Who.</param>
[EventType("checkpoint.approved", 4061, EventSeverity.Info)]
public sealed partial record CheckpointApproved(TaskId Task, int Attempt, string By) : TaskEvent(Task, Attempt)
{
    /// <summary>What they said.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Comment { get; init; }

    /// <summary>What they entered, checked against the fields; later answers win.</summary>
    public ImmutableSortedDictionary<string, JsonElement> Values { get; init; } = ImmutableSortedDictionary<string, JsonElement>.Empty;

    /// <summary>Approvals so far, this one included.</summary>
    public int Count { get; init; }

    /// <summary>Approvals needed.</summary>
    public int Required { get; init; }
}

/// <summary>A user rejected.</summary>
/// <param name="By">Who.</param>
[EventType("checkpoint.rejected", 4062, EventSeverity.Info)]
public sealed partial record CheckpointRejected(TaskId Task, int Attempt, string By) : TaskEvent(Task, Attempt)
{
    /// <summary>What they said.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Comment { get; init; }
}

/// <summary>No answer arrived in time.</summary>
[EventType("checkpoint.expired", 4063, EventSeverity.Warn)]
public sealed partial record CheckpointExpired(TaskId Task, int Attempt) : TaskEvent(Task, Attempt);
