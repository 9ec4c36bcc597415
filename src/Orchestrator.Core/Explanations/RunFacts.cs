using System.Collections.Immutable;
using Orchestrator.Core.Admission;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Explanations;

/// <summary>What others must know of a run: what it waits for and what it holds.</summary>
public sealed record RunFacts(RunId Id, string Workflow, string Tenant, RunStatus Status)
{
    /// <summary>The worker that has it, as far as its events say.</summary>
    public string? Worker { get; init; }

    /// <summary>The schedule that started it.</summary>
    public string? Schedule { get; init; }

    /// <summary>Its concurrency group.</summary>
    public string? Group { get; init; }

    /// <summary>Runs of its group that may have started at once, itself included.</summary>
    public int MaxOfGroup { get; init; } = 1;

    /// <summary>When it was accepted, or its earliest start where that is later.</summary>
    public DateTimeOffset Since { get; init; }

    /// <summary>When it started; null before that.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>Its turn among the waiting: the smaller first.</summary>
    public int Level { get; init; }

    /// <summary>Its rank among those of its level.</summary>
    public int Rank { get; init; }

    /// <summary>Attempts in flight that hold a slot, with the pool they hold a slot of.</summary>
    public ImmutableArray<(TaskId Task, string? Pool)> Holding { get; init; } = [];

    /// <summary>Whether it has started and not ended.</summary>
    public bool IsStarted => Status is RunStatus.Running or RunStatus.Paused;

    /// <summary>Whether it has not ended.</summary>
    public bool IsOpen => Status is not (RunStatus.Completed or RunStatus.Failed or RunStatus.Cancelled);

    /// <summary>Whether it needs a place: a run that another run's task waits for goes on that run's place.</summary>
    public bool NeedsPlace => Level != WaitingLine.Children;

    /// <summary>The facts of a run.</summary>
    public static RunFacts Of(ExplainedRun run)
    {
        var (state, created) = (run.State, run.State.Created!);
        var definition = state.Plan.Definition;
        return new(state.Id, created.Workflow, created.TenantId, state.Status)
        {
            Worker = run.Worker,
            Schedule = created.ScheduleId,
            Group = created.ConcurrencyGroup,
            MaxOfGroup = Math.Max(1, definition.Concurrency?.Max ?? 1),
            Since = created.NotBefore is { } start && start > state.CreatedAt.Utc ? start : state.CreatedAt.Utc,
            StartedAt = state.Status is RunStatus.Pending or RunStatus.Queued ? null : state.StartedAt.Utc,
            Level = created.ParentRunId is null ? WaitingLine.LevelOf(definition.Priority) : WaitingLine.Children,
            Rank = definition.Rank,
            Holding = [.. state.RunningTasks.Select(i => (state.IdOf(i), state.DefinitionOf(i).Pool))],
        };
    }

    /// <summary>Whether it goes before another that waits, as far as its own values decide: tenants of one level take turns besides.</summary>
    public bool GoesBefore(RunFacts other) =>
        (Level, Rank, Since).CompareTo((other.Level, other.Rank, other.Since)) is var order && (order < 0 || order == 0 && Id.CompareTo(other.Id) < 0);
}
