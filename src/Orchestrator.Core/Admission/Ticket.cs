using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Admission;

/// <summary>What a run has to do with admission, from its acceptance to its end.</summary>
/// <param name="stateOf">The run as it is now.</param>
internal sealed class Ticket(RunId run, Func<RunState> stateOf, WorkflowCreated facts, TenantPlaces tenant, RunGroup? group, long number)
{
    private readonly WorkflowDefinition _definition = stateOf().Plan.Definition;

    public RunId Run { get; } = run;

    /// <summary>The run as it is now.</summary>
    public RunState State => stateOf();

    public TenantPlaces Tenant { get; } = tenant;

    /// <summary>Its concurrency group; null: none.</summary>
    public RunGroup? Group { get; } = group;

    /// <summary>Orders runs of the same millisecond.</summary>
    public long Number { get; } = number;

    /// <summary>Since when it could have started, as far as its author is concerned.</summary>
    public DateTimeOffset Since { get; } = facts.NotBefore is { } start && start > run.Time ? start : run.Time;

    public int Level { get; } = facts.ParentRunId is null ? WaitingLine.LevelOf(stateOf().Plan.Definition.Priority) : WaitingLine.Children;

    public int Rank => _definition.Rank;

    /// <summary>Runs of its group that may have started at once, itself included, by its own definition.</summary>
    public int Most => Math.Max(1, _definition.Concurrency?.Max ?? 1);

    public OnConflict OnConflict => _definition.Concurrency?.OnConflict ?? OnConflict.Queue;

    /// <summary>A run that another run's task waits for goes on that run's place: otherwise parents could take every place and wait for ever.</summary>
    public bool NeedsPlace { get; } = facts.ParentRunId is null;

    /// <summary>It has been asked to end in favour of another run of its group.</summary>
    public bool IsSuperseded { get; set; }

    /// <summary>Its run will end soon: another run may take its place in the group then.</summary>
    public bool IsEnding => IsSuperseded || State.CancelRequested is not (null or CancelReason.FailFast);

    /// <summary>Whether it repeats that run, which has not ended only because its repetition is accepted first: the two do not exclude each other.</summary>
    public bool Repeats(Ticket other) => facts.RetryOf is { } earlier && earlier == other.Run;

    public Standing Standing { get; set; } = Standing.Outside;

    /// <summary>It has ended, or another process has it.</summary>
    public bool HasLeft { get; set; }

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
