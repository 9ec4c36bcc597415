using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Running;

namespace Orchestrator.Engine.Scheduling;

/// <summary>A due time that became a run: already in the schedule's ledger when it is handed over.</summary>
/// <param name="Definition">What to run.</param>
/// <param name="Schedule">The schedule, with the parameters of its runs.</param>
/// <param name="RunId">Derived from schedule and due time: submitting it again is harmless.</param>
/// <param name="DueAt">The due time it stands for, UTC.</param>
public sealed record ScheduledRun(WorkflowDefinition Definition, ScheduleDefinition Schedule, RunId RunId, DateTimeOffset DueAt)
{
    /// <summary>Id of the event that says so in the schedule's ledger: the cause of the run.</summary>
    public string? CausationId { get; init; }

    /// <summary>Who asked for it; null: nobody did, it was due.</summary>
    public string? Actor { get; init; }

    /// <summary>What to ask the engine for.</summary>
    public RunRequest Request => new()
    {
        RunId = RunId, Definition = Definition, Params = RunParameters.Given(Schedule.Params),
        Origin = (Actor is { } actor ? new RunOrigin.ManualSchedule(Schedule.Id, DueAt, actor) : (RunOrigin)new RunOrigin.Schedule(Schedule.Id, DueAt)) with { CausationId = CausationId },
    };
}

/// <summary>How late a due time was noticed; for counters and histograms.</summary>
/// <param name="Workflow">Name of the workflow.</param>
/// <param name="ScheduleId">Id of the schedule.</param>
/// <param name="Lag">Time between due and now.</param>
/// <param name="Missed">Due times that passed without a run; 0 when this one ran.</param>
public readonly record struct ScheduleLag(string Workflow, string ScheduleId, TimeSpan Lag, int Missed);

/// <summary>Limits of scheduling.</summary>
public sealed class SchedulingOptions
{
    /// <summary>Pause before a ledger entry or a dispatch that failed is tried again. It is tried until it succeeds.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Nothing rings: what is due is decided when definitions come into force and whenever a look is asked for. What is due in between waits for the next.</summary>
    public bool LooksWhenTold { get; set; }

    /// <summary>Time between two looks at what should have rung.</summary>
    public TimeSpan WatchEvery { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Time between two looks at the clock: one that was set is noticed within it, and then looked at what should have rung.</summary>
    public TimeSpan ClockEvery { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Time between two looks at deadlines that have passed.</summary>
    public TimeSpan DeadlinesEvery { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>A scheduler without a sign of life for longer was asleep: what was due meanwhile was missed.</summary>
    public TimeSpan LongestSilence { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>A due time without an entry for longer is overdue: the service is not ready.</summary>
    public TimeSpan OverdueAfter { get; set; } = TimeSpan.FromMinutes(2);
}
