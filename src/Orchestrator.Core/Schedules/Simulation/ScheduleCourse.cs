using Orchestrator.Core.Schedules.Ledger;

namespace Orchestrator.Core.Schedules.Simulation;

/// <summary>What one schedule has going on while it is played: the runs that are open, those that may be, and due times that wait for them.</summary>
internal sealed class ScheduleCourse(SimulatedSchedule schedule, int index)
{
    private readonly List<SimulatedRun> _maybe = [];   // of unknown length, after their first moment

    public SimulatedSchedule Schedule { get; } = schedule;

    public int Index { get; } = index;

    /// <summary>Runs that are accepted and have not ended, in the order of their acceptance.</summary>
    public List<SimulatedRun> Open { get; } = [];

    /// <summary>Due times that wait for the end of the open runs.</summary>
    public Queue<SimulatedRun> Line { get; } = new();

    /// <summary>The last run that may still be open though nobody knows.</summary>
    public SimulatedRun? Unknown { get; set; }

    /// <summary>A run whose length is not known has had its moment.</summary>
    public void Doubt(SimulatedRun run) => _maybe.Add(run);

    /// <summary>Runs that a due time cancels which stops whatever is open.</summary>
    public List<SimulatedRun> TakeOpen()
    {
        List<SimulatedRun> all = [.. _maybe, .. Open];
        all.Sort(static (a, b) => a.Number.CompareTo(b.Number));
        _maybe.Clear();
        Unknown = null;
        return all;
    }

    /// <summary>What a due time finds that is to start a run.</summary>
    public SimulatedDue Meet(SimulatedDue due)
    {
        _maybe.Clear();
        var earlier = Open.Count > 0 ? Open[0] : Line.TryPeek(out var waits) ? waits : null;
        if (earlier is null) return due with { MayOverlap = Unknown is not null, Earlier = Unknown?.Due };
        return due with
        {
            Earlier = earlier.Due,
            Outcome = Schedule.Overlap switch { OverlapRule.Skip => SimulatedOutcome.Skipped, OverlapRule.Queue => SimulatedOutcome.Queued, OverlapRule.Replace => SimulatedOutcome.Replaces, _ => SimulatedOutcome.Starts },
        };
    }
}
