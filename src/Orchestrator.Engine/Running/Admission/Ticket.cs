using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Running.Admission;

/// <summary>What a run has to do with admission, from its acceptance to its end. Belongs to the loop.</summary>
internal sealed class Ticket(OpenRun run, WorkflowCreated facts, TenantPlaces tenant, RunGroup? group, long number)
{
    public OpenRun Run { get; } = run;

    public TenantPlaces Tenant { get; } = tenant;

    /// <summary>Its concurrency group; null: none.</summary>
    public RunGroup? Group { get; } = group;

    /// <summary>Orders runs of the same millisecond.</summary>
    public long Number { get; } = number;

    /// <summary>Since when it could have started, as far as its author is concerned.</summary>
    public DateTimeOffset Since { get; } = facts.NotBefore is { } start && start > run.Id.Time ? start : run.Id.Time;

    public int Level { get; } = facts.ParentRunId is null ? WaitingLine.LevelOf(run.State.Plan.Definition.Priority) : WaitingLine.Children;

    public int Rank { get; } = run.State.Plan.Definition.Rank;

    /// <summary>Runs of its group that may have started at once, itself included, by its own definition.</summary>
    public int Most { get; } = Math.Max(1, run.State.Plan.Definition.Concurrency?.Max ?? 1);

    public OnConflict OnConflict { get; } = run.State.Plan.Definition.Concurrency?.OnConflict ?? OnConflict.Queue;

    /// <summary>A run that another run's task waits for goes on that run's place: otherwise parents could take every place and wait for ever.</summary>
    public bool NeedsPlace { get; } = facts.ParentRunId is null;

    /// <summary>It has been asked to end in favour of another run of its group.</summary>
    public bool IsSuperseded { get; set; }

    /// <summary>It stands for a run that will end soon: another may take its place in the group then.</summary>
    public bool IsEnding => IsSuperseded || Run.State.CancelRequested is not (null or Core.CancelReason.FailFast);

    /// <summary>Whether it repeats that run, which has not ended only because its repetition is accepted first: the two do not exclude each other.</summary>
    public bool Repeats(Ticket other) => facts.RetryOf is { } run && run == other.Run.Id;

    public Standing Standing { get; set; } = Standing.Outside;

    /// <summary>Counted among the places in use.</summary>
    public bool HasPlace { get; set; }

    /// <summary>The older first.</summary>
    public static readonly IComparer<Ticket> ByAge = Comparer<Ticket>.Create((a, b) => a.Since.CompareTo(b.Since) is not 0 and var c ? c : a.Number.CompareTo(b.Number));

    /// <summary>The smaller rank first, then the older.</summary>
    public static readonly IComparer<Ticket> ByRank = Comparer<Ticket>.Create((a, b) => a.Rank.CompareTo(b.Rank) is not 0 and var c ? c : ByAge.Compare(a, b));

    /// <summary>The more urgent level first, then by rank.</summary>
    public static readonly IComparer<Ticket> ByLevel = Comparer<Ticket>.Create((a, b) => a.Level.CompareTo(b.Level) is not 0 and var c ? c : ByRank.Compare(a, b));
}

/// <summary>Where a run stands.</summary>
internal enum Standing
{
    /// <summary>Not here yet, or not any more.</summary>
    Outside,
    /// <summary>Its earliest start has not come.</summary>
    Early,
    /// <summary>It waits for a place.</summary>
    InLine,
    /// <summary>It waits for a run of its group to end; then it is in line.</summary>
    BehindGroup,
    /// <summary>It has been admitted.</summary>
    Admitted,
}
