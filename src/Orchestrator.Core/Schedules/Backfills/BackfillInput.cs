using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Schedules.Backfills;

/// <summary>What can happen to a backfill.</summary>
public abstract record BackfillInput
{
    private BackfillInput() { }

    /// <summary>Somebody asks for it; nothing happens when it exists already.</summary>
    public sealed record Create(BackfillPlan Plan) : BackfillInput;

    /// <summary>Its process is there: what may start starts.</summary>
    public sealed record Tick : BackfillInput;

    /// <summary>A run was accepted, now or earlier.</summary>
    public sealed record Accepted(RunId Run) : BackfillInput;

    /// <summary>A run was refused for ever.</summary>
    public sealed record Refused(RunId Run, string Error) : BackfillInput;

    /// <summary>A run was not accepted and will not be submitted any more, because the backfill was cancelled.</summary>
    public sealed record Withdrawn(RunId Run) : BackfillInput;

    /// <summary>A run has ended, and no run repeats it.</summary>
    /// <param name="Run">The item's run.</param>
    /// <param name="Outcome">How it ended.</param>
    /// <param name="Last">The last of the runs that repeated it; null: none did.</param>
    public sealed record Ended(RunId Run, BackfillOutcome Outcome, RunId? Last = null) : BackfillInput;

    /// <summary>Somebody cancels it.</summary>
    public sealed record Cancel(string Actor, string? Reason) : BackfillInput;
}

/// <summary>What a decision follows from besides state and input.</summary>
/// <param name="Id">The backfill.</param>
/// <param name="Installation">Id of the installation: it enters the ids of runs. Asked for only where a run starts.</param>
/// <param name="Now">The instant.</param>
public sealed record BackfillContext(string Id, Func<string> Installation, DateTimeOffset Now);
