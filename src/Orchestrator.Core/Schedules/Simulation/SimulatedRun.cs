using System.Collections.Immutable;

namespace Orchestrator.Core.Schedules.Simulation;

/// <summary>A run as it is predicted.</summary>
/// <param name="course">The schedule's runs, one of which it is.</param>
/// <param name="due">Its due time; of one that is open at the beginning, since when it is.</param>
/// <param name="group">The name of its concurrency group; null: none.</param>
internal sealed class SimulatedRun(ScheduleCourse course, DateTimeOffset due, string? group)
{
    // What is not known takes a moment at least.
    private static readonly TimeSpan s_moment = TimeSpan.FromSeconds(1);

    public ScheduleCourse Course { get; } = course;

    public SimulatedSchedule Schedule => Course.Schedule;

    public DateTimeOffset Due { get; } = due;

    public string? Group { get; } = group;

    /// <summary>Orders runs by their acceptance.</summary>
    public long Number { get; set; }

    /// <summary>When it is accepted: from then on it is open, and asks for what it takes. Null: not yet.</summary>
    public DateTimeOffset? Ready { get; set; }

    /// <summary>When it has all that it takes. Null: not yet.</summary>
    public DateTimeOffset? Start { get; set; }

    /// <summary>When it is cancelled; null: it is not.</summary>
    public DateTimeOffset? CancelledAt { get; set; }

    /// <summary>Whether its group is full and it does not wait: it ends when it is accepted.</summary>
    public bool IsSuperseded { get; set; }

    /// <summary>What it lacks when it is accepted.</summary>
    public ImmutableArray<string> Lacks { get; set; } = [];

    /// <summary>Whether it takes nothing any more.</summary>
    public bool IsOver { get; set; }

    /// <summary>When it ends, as far as that is known.</summary>
    public DateTimeOffset? End => CancelledAt ?? Start + Schedule.Expected;

    /// <summary>When it gives back what it takes, unless it is cancelled before. Within its first moment one of unknown length is open; later nobody knows.</summary>
    public DateTimeOffset Leaves => Start!.Value + (Schedule.Expected is { Ticks: > 0 } expected ? expected : s_moment);

    public void Cancel(DateTimeOffset at) => (CancelledAt, IsOver) = (at, true);
}
