using System.Collections.Immutable;
using System.Text.Json;

namespace Orchestrator.Core.Expressions;

/// <summary>Everything an expression can see. A snapshot: evaluating changes nothing and needs nothing else.</summary>
public sealed record ExpressionScope
{
    /// <summary><c>params.name</c>.</summary>
    public IReadOnlyDictionary<string, JsonElement> Params { get; init; } = ImmutableDictionary<string, JsonElement>.Empty;

    /// <summary><c>env.NAME</c>: declared variables only.</summary>
    public IReadOnlyDictionary<string, string> Env { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary><c>secrets.NAME</c>: resolved for this dispatch.</summary>
    public IReadOnlyDictionary<string, string> Secrets { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Receives values made of secrets; null: they are not needed.</summary>
    public DerivedSecrets? Derived { get; init; }

    /// <summary><c>run.id</c> and its like.</summary>
    public required RunFacts Run { get; init; }

    /// <summary><c>tasks.id</c>: the tasks the expression names.</summary>
    public IReadOnlyDictionary<string, TaskFacts> Tasks { get; init; } = ImmutableDictionary<string, TaskFacts>.Empty;

    /// <summary><c>schedule.id</c>, <c>schedule.due_at</c>; null in runs no schedule started.</summary>
    public ScheduleFacts? Schedule { get; init; }

    /// <summary><c>trigger</c>: what a delivery says; null outside the texts of a trigger.</summary>
    public JsonElement? Trigger { get; init; }

    /// <summary><c>item</c>: the item of a fan-out's child; null outside one.</summary>
    public JsonElement? Item { get; init; }

    /// <summary>Another name of <c>item</c>; null: none.</summary>
    public string? ItemName { get; init; }

    /// <summary><c>matrix.axis</c>: the combination of a matrix's child; null outside one.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Matrix { get; init; }

    /// <summary><c>outputs.name</c>: results just produced, for a text that transforms or judges them; null elsewhere.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Outputs { get; init; }
}

/// <summary>What <c>run</c> offers: run.id, run.workflow, run.tenant, run.started_at, run.trigger.</summary>
/// <param name="Id">The run id.</param>
/// <param name="Workflow">Name of the workflow.</param>
/// <param name="Tenant">Tenant.</param>
/// <param name="StartedAt">The run's start; also what <c>now</c> is.</param>
/// <param name="Trigger">What asked for it, as its word.</param>
public sealed record RunFacts(string Id, string Workflow, string Tenant, DateTimeOffset StartedAt, string Trigger)
{
    /// <summary><c>run.attempt</c>: 1, one more for each time the whole run was retried.</summary>
    public int Attempt { get; init; } = 1;

    /// <summary><c>run.trace_id</c>: 32 hex digits.</summary>
    public string? TraceId { get; init; }

    /// <summary><c>run.outcome</c>: completed, failed or cancelled; null before it is fixed. Only handlers see it.</summary>
    public string? Outcome { get; init; }

    /// <summary><c>run.error</c>: the first failure in a sentence; null where there is none.</summary>
    public string? Error { get; init; }

    /// <summary><c>run.failed_tasks</c>: ids in the order they failed.</summary>
    public IReadOnlyList<string> FailedTasks { get; init; } = [];
}

/// <summary>What <c>tasks.id</c> offers: status, outputs, exit_code, attempts, duration_ms.</summary>
public sealed record TaskFacts(
    string Status, IReadOnlyDictionary<string, JsonElement> Outputs, int? ExitCode, int Attempts, double DurationMs);

/// <summary>What <c>schedule</c> offers: id, due_at.</summary>
public sealed record ScheduleFacts(string Id, DateTimeOffset DueAt);
