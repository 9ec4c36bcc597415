using System.Globalization;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules.Ledger;
using Orchestrator.Core.Schedules.Rules;
using Orchestrator.Core.Schedules.Zones;

namespace Orchestrator.Core.Tests.Schedules.Ledger;

/// <summary>A schedule <c>nightly/two</c> with its ledger, and a clock the test sets. Runs are accepted when the test says so.</summary>
internal sealed class LedgerBench
{
    private ScheduleTimes? _times;

    public LedgerBench(string now = "2026-01-01T00:00:00Z") => Now = AwakeSince = Due.At(now);

    public DateTimeOffset Now { get; set; }
    public DateTimeOffset AwakeSince { get; set; }
    public SchedulePolicy Policy { get; set; } = SchedulePolicy.Default;
    public List<RunId> OpenRuns { get; } = [];
    public List<MaintenanceWindow> Maintenance { get; } = [];
    public DateTimeOffset? Until { get; set; }
    public LedgerState State { get; private set; } = LedgerState.Empty;
    public List<RecordedEvent> Journal { get; } = [];

    public static RunId RunOf(string due, string installation = "here") => RunId.ForSchedule(installation, "nightly/two", Due.At(due));

    public static ScheduleTerms Cron(string rule) => new() { Cron = rule };

    public static ScheduleTimes Compile(ScheduleTerms terms, string key) =>
        ScheduleTimes.TryCreate(terms, ZoneRules.Utc, key, out var times, out var error) ? times : throw new FormatException(error);

    /// <summary>What an input leads to, one line an entry.</summary>
    public string[] Do(LedgerInput input)
    {
        var entries = LedgerDecisions.Decide(State, input, new("nightly", "two", () => "here", Now) { Times = _times, Policy = Policy, AwakeSince = AwakeSince, Open = OpenRuns, Maintenance = [.. Maintenance], Until = Until });
        Take(entries);
        if (input is LedgerInput.Open open) _times = open.Times;
        if (State.Terms is null) _times = null;
        return [.. entries.Select(e => Line((ScheduleEvent)e.Event))];
    }

    public string[] Open(string cron) => Open(Cron(cron));

    public string[] Open(ScheduleTerms terms) => Do(new LedgerInput.Open(terms, Compile(terms, "nightly/two")));

    public string[] TickAt(string now)
    {
        Now = Due.At(now);
        return Do(new LedgerInput.Tick());
    }

    /// <summary>What a kill -9 leaves is the journal; the process is back at an instant.</summary>
    public void RestartAt(string now)
    {
        Now = AwakeSince = Due.At(now);
        State = Journal.Aggregate(LedgerState.Empty, (state, e) => state.Apply(e));
        _times = null;
    }

    public void Take(IReadOnlyList<RecordedEvent> entries)
    {
        Journal.AddRange(entries);
        State = entries.Aggregate(State, (state, e) => state.Apply(e));
    }

    public void Put(params ScheduleEvent[] entries) => Take([.. entries.Select((e, i) => new RecordedEvent(StreamId.Schedule("nightly", "two"), State.Version + 1 + i, Now, e))]);

    public void AcceptAll(string? but = null)
    {
        foreach (var run in State.Pending.Values)
            if (but is null || run.DueAt != Due.At(but)) Do(new LedgerInput.Accepted(run.RunId));
    }

    public static string Line(ScheduleEvent e) => e switch
    {
        ScheduleStarts s => $"{s.Type[9..]} {T(s.DueAt)}{(s.Replaces is { } replaced ? $" replaces {replaced.Length}" : "")}{Next(s.NextDueAt)}",
        ScheduleSkipped { Until: { } until } s => $"skipped {T(s.DueAt)}..{T(until)} x{s.Count} {s.Reason}{Next(s.NextDueAt)}",
        ScheduleSkipped s => $"skipped {T(s.DueAt)} {s.Reason}{Next(s.NextDueAt)}",
        ScheduleBlocked b => $"blocked {T(b.DueAt)}{Next(b.NextDueAt)}",
        ScheduleStopping s => $"stopping {T(s.DueAt)} x{s.Runs.Length}{Next(s.NextDueAt)}",
        ScheduleStopped s => $"stopped {T(s.DueAt)}",
        ScheduleQueued q => $"queued {T(q.DueAt)}{Next(q.NextDueAt)}",
        ScheduleDispatched d => $"dispatched {T(d.DueAt)}",
        ScheduleFailed f => $"failed {T(f.DueAt)}",
        ScheduleUpdated u => $"{Words.Of(u.Change)} {T(u.From)}{Next(u.NextDueAt)}",
        _ => e.Type[9..],
    };

    private static string Next(DateTimeOffset? due) => due is { } at ? $" > {T(at)}" : "";

    private static string T(DateTimeOffset at) => at.ToString(at.Second == 0 ? "ddTHH:mm" : "ddTHH:mm:ss", CultureInfo.InvariantCulture);
}
