using System.Globalization;
using Orchestrator.Core;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules.Ledger;
using Orchestrator.Engine.Journal;

namespace Orchestrator.Engine.Queries;

/// <summary>Ledgers of schedules as they are kept, read without the process that writes them.</summary>
internal static class ScheduleHistory
{
    // The terms are written down again more often than this, with all that is open.
    private const int Looked = LedgerDecisions.RestateAfter * 4;

    /// <summary>What the entries of a schedule add up to.</summary>
    public static LedgerState StateOf(IRunHistory runs, string workflow, string schedule)
    {
        var stream = StreamId.Schedule(workflow, schedule);
        var last = runs.ReadSystemLast(stream, Looked);
        if (last.Count == Looked && !last.Any(e => e.Event is ScheduleUpdated { Terms: not null })) last = runs.ReadSystem(stream);
        return last.Aggregate(LedgerState.Empty, (state, e) => state.Apply(e));
    }

    /// <summary>A page of entries, newest first.</summary>
    /// <param name="before">The entries before this one; null: the newest.</param>
    public static HistoryPage Page(IRunHistory runs, string workflow, string schedule, int most, long? before)
    {
        var entries = runs.ReadSystemLast(StreamId.Schedule(workflow, schedule), most + 1, before);
        var page = entries.Reverse().Take(most).Select(Row).ToList();
        return new(page, entries.Count > most ? page[^1].Seq.ToString(CultureInfo.InvariantCulture) : null);
    }

    private static HistoryRow Row(RecordedEvent recorded)
    {
        var row = new HistoryRow { Seq = recorded.Seq, Time = recorded.Time, Type = recorded.Event.Type };
        return recorded.Event switch
        {
            ScheduleStarts e => row with { DueAt = e.DueAt, RunId = e.RunId, NextDueAt = e.NextDueAt, Reason = Replacing(e) },
            ScheduleSkipped e => row with { DueAt = e.DueAt, Until = e.Until, Count = e.Count ?? 1, Reason = e.Reason, NextDueAt = e.NextDueAt },
            ScheduleBlocked e => row with { DueAt = e.DueAt, RunId = e.By, NextDueAt = e.NextDueAt },
            ScheduleQueued e => row with { DueAt = e.DueAt, RunId = e.By, NextDueAt = e.NextDueAt },
            ScheduleDispatched e => row with { DueAt = e.DueAt, RunId = e.RunId },
            ScheduleFailed e => row with { DueAt = e.DueAt, RunId = e.RunId, Reason = e.Error },
            ScheduleUpdated e => row with { Reason = Words.Of(e.Change), NextDueAt = e.NextDueAt },
            SchedulePaused e => row with { Actor = e.Actor, Reason = e.Reason },
            ScheduleResumed e => row with { Actor = e.Actor, Reason = e.Reason },
            ScheduleOverdue e => row with { DueAt = e.DueAt, RunId = e.RunId, Reason = Words.Of(e.Reason) },
            _ => row,
        };
    }

    private static string? Replacing(ScheduleStarts e) => e.Replaces is [_, ..] replaced ? $"replaces {string.Join(", ", replaced)}" : null;
}
