using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Core;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules.Ledger;
using Orchestrator.Core.Schedules.Maintenance;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Scheduling;

namespace Orchestrator.Engine.Queries;

/// <summary>Ledgers of schedules as they are kept, read without the process that writes them.</summary>
internal static class ScheduleHistory
{
    /// <summary>What the entries of a schedule add up to.</summary>
    public static LedgerState StateOf(IRunHistory runs, string workflow, string schedule)
    {
        var stream = StreamId.Schedule(workflow, schedule);
        return ScheduleLedger.Fold(runs.ReadSystemLast(stream, ScheduleLedger.Looked)) ?? runs.ReadSystem(stream).Aggregate(LedgerState.Empty, (state, e) => state.Apply(e));
    }

    /// <summary>Pauses of all schedules.</summary>
    public static MaintenanceState AllOf(IRunHistory runs) => runs.ReadSystem(StreamId.AllSchedules).Aggregate(MaintenanceState.Empty, (state, e) => state.Apply(e));

    /// <summary>A page of entries of a schedule's ledger and of its manual runs, newest first.</summary>
    public static HistoryPage Page(IRunHistory runs, string workflow, string schedule, int most, HistoryCursor before)
    {
        var due = new Stack<RecordedEvent>(runs.ReadSystemLast(StreamId.Schedule(workflow, schedule), most + 1, before.Ledger));
        var asked = new Stack<RecordedEvent>(runs.ReadSystemLast(StreamId.Manual(workflow, schedule), most + 1, before.Manual));
        var page = new List<HistoryRow>();
        var next = before;
        while (page.Count < most && (due.Count > 0 || asked.Count > 0))
        {
            var isAsked = due.Count == 0 || asked.Count > 0 && asked.Peek().Time > due.Peek().Time;
            var entry = (isAsked ? asked : due).Pop();
            next = isAsked ? next with { Manual = entry.Seq } : next with { Ledger = entry.Seq };
            page.Add(Row(entry));
        }
        return new(page, due.Count > 0 || asked.Count > 0 ? next.ToString() : null);
    }

    private static HistoryRow Row(RecordedEvent recorded)
    {
        var row = new HistoryRow { Stream = recorded.Stream.ToString(), Seq = recorded.Seq, Time = recorded.Time, Type = recorded.Event.Type };
        return recorded.Event switch
        {
            ScheduleStarts e => row with { DueAt = e.DueAt, RunId = e.RunId, NextDueAt = e.NextDueAt, Reason = Replacing(e.Replaces) },
            ScheduleSkipped e => row with { DueAt = e.DueAt, Until = e.Until, Count = e.Count ?? 1, Reason = e.Reason, NextDueAt = e.NextDueAt },
            ScheduleBlocked e => row with { DueAt = e.DueAt, RunId = e.By, NextDueAt = e.NextDueAt },
            ScheduleQueued e => row with { DueAt = e.DueAt, RunId = e.By, NextDueAt = e.NextDueAt, Reason = Stopping(e.Stops) },
            ScheduleStopping e => row with { DueAt = e.DueAt, RunId = e.Runs is [var first, ..] ? first : null, NextDueAt = e.NextDueAt, Reason = Stopping(e.Runs) ?? "no run was open" },
            ScheduleStopped e => row with { DueAt = e.DueAt, RunId = e.Runs[0], Reason = Stopping(e.Runs) },
            ScheduleDispatched e => row with { DueAt = e.DueAt, RunId = e.RunId },
            ScheduleFailed e => row with { DueAt = e.DueAt, RunId = e.RunId, Reason = e.Error },
            ScheduleUpdated e => row with { Reason = Words.Of(e.Change), NextDueAt = e.NextDueAt },
            SchedulePaused e => row with { Actor = e.Actor, Reason = e.Reason, Until = e.Until },
            ScheduleResumed e => row with { Actor = e.Actor, Reason = e.Reason },
            ScheduleOverdue e => row with { DueAt = e.DueAt, RunId = e.RunId, Reason = Words.Of(e.Reason) },
            ScheduleRunRequested e => row with { DueAt = e.At, RequestId = e.RequestId, RunId = e.RunId, Actor = e.Actor, Reason = e.Reason },
            ScheduleRunStarted e => row with { DueAt = e.At, RequestId = e.RequestId, RunId = e.RunId, Reason = Replacing(e.Replaces) },
            _ => row,
        };
    }

    private static string? Stopping(ImmutableArray<RunId>? runs) => runs is [_, ..] stopped ? $"stops {string.Join(", ", stopped)}" : null;

    private static string? Replacing(ImmutableArray<RunId>? runs) => runs is [_, ..] replaced ? $"replaces {string.Join(", ", replaced)}" : null;
}

/// <summary>Where a page of a schedule's history begins: before an entry of its ledger and before one of its manual runs.</summary>
internal readonly record struct HistoryCursor(long? Ledger = null, long? Manual = null)
{
    /// <summary>Reads <c>81</c> or <c>81.7</c>; false for anything else.</summary>
    public static bool TryParse(string text, out HistoryCursor cursor)
    {
        cursor = default;
        var parts = text.Split('.');
        var numbers = parts.Select(p => long.TryParse(p, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n > 0 ? n : -1).ToArray();
        if (numbers.Length > 2 || numbers.Contains(-1)) return false;
        cursor = new(numbers[0], numbers.Length > 1 ? numbers[1] : null);
        return true;
    }

    // An end that was not reached yet is written as a number that every entry is before.
    public override string ToString() => Manual is null ? string.Create(CultureInfo.InvariantCulture, $"{Ledger}") : string.Create(CultureInfo.InvariantCulture, $"{Ledger ?? long.MaxValue}.{Manual}");
}
