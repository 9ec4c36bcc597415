using System.Collections.Immutable;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules.Rules;

namespace Orchestrator.Core.Schedules.Ledger;

/// <summary>What can happen to a schedule.</summary>
public abstract record LedgerInput
{
    private LedgerInput() { }

    /// <summary>Time passed: the timer rang, a run of the schedule ended, the process woke up.</summary>
    public sealed record Tick : LedgerInput;

    /// <summary>The definition has the schedule, with these terms. Said at the start and after every change of definitions.</summary>
    /// <param name="Terms">The terms.</param>
    /// <param name="Times">Their due times.</param>
    public sealed record Open(ScheduleTerms Terms, ScheduleTimes Times) : LedgerInput;

    /// <summary>The service starts: what is due then is due now.</summary>
    public sealed record ServiceStarted : LedgerInput;

    /// <summary>The schedule is switched off, or its definition is gone.</summary>
    /// <param name="IsRemoved">Whether it is gone.</param>
    public sealed record Close(bool IsRemoved) : LedgerInput;

    /// <summary>Somebody pauses it, or says anew for how long it is paused, and why.</summary>
    /// <param name="Actor">Who.</param>
    /// <param name="Reason">Why.</param>
    /// <param name="Until">When it resumes by itself; null: when somebody resumes it.</param>
    public sealed record Pause(string Actor, string? Reason, DateTimeOffset? Until = null) : LedgerInput;

    /// <summary>Somebody resumes it.</summary>
    public sealed record Resume(string Actor, string? Reason) : LedgerInput;

    /// <summary>A run was accepted, now or earlier.</summary>
    public sealed record Accepted(RunId Run) : LedgerInput;

    /// <summary>A run was refused for ever.</summary>
    public sealed record Refused(RunId Run, string Error) : LedgerInput;

    /// <summary>A due time has no entry though it is long past.</summary>
    public sealed record Overdue(DateTimeOffset DueAt) : LedgerInput;

    /// <summary>No run had completed by the deadline of a due time.</summary>
    /// <param name="DueAt">The due time.</param>
    /// <param name="Deadline">The deadline.</param>
    /// <param name="Run">The run of the due time, where it has one.</param>
    /// <param name="Found">What was there instead.</param>
    public sealed record DeadlinePassed(DateTimeOffset DueAt, DateTimeOffset Deadline, RunId? Run, string? Found) : LedgerInput;
}

/// <summary>A pause of all schedules.</summary>
/// <param name="From">Since when: what was due before is decided as always.</param>
/// <param name="To">What is due from then on is decided as always; null: it is not over.</param>
public readonly record struct MaintenanceWindow(DateTimeOffset From, DateTimeOffset? To);

/// <summary>What a decision follows from besides state and input.</summary>
/// <param name="Workflow">Name of the workflow.</param>
/// <param name="ScheduleId">Id of the schedule.</param>
/// <param name="Installation">Id of the installation: it enters the ids of runs. Asked for only where a run starts.</param>
/// <param name="Now">The instant.</param>
public sealed record LedgerContext(string Workflow, string ScheduleId, Func<string> Installation, DateTimeOffset Now)
{
    /// <summary>The due times of the terms in force; null where none are, or where they cannot be computed.</summary>
    public ScheduleTimes? Times { get; init; }

    /// <summary>How due times are decided.</summary>
    public SchedulePolicy Policy { get; init; } = SchedulePolicy.Default;

    /// <summary>Due times after it wait for a later look; null: everything up to now is decided.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Since when the scheduler has been awake without a break: what was due before was missed.</summary>
    public DateTimeOffset AwakeSince { get; init; }

    /// <summary>Pauses of all schedules, in their order; the last may not be over.</summary>
    public ImmutableArray<MaintenanceWindow> Maintenance { get; init; } = [];

    /// <summary>Whether all schedules are paused.</summary>
    public bool IsHeld => Maintenance is [.., { To: null }];

    /// <summary>
    /// Runs of the schedule that are open, oldest first; of one that cancels runs, or waits for their end, all of the workflow. Asked for only where they matter.
    /// </summary>
    public IReadOnlyList<RunId> Open { get; init; } = [];

    /// <summary>The schedule, <c>workflow/id</c>.</summary>
    public string Key => $"{Workflow}/{ScheduleId}";
}
