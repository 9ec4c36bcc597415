using System.Globalization;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Schedules.Ledger;
using Orchestrator.Core.Schedules.Rules;
using Orchestrator.Core.Schedules.Simulation;
using Orchestrator.Core.Schedules.Zones;
using Orchestrator.Engine.Scheduling;

namespace Orchestrator.Engine.Queries;

/// <summary>Which schedules are asked about; null: all.</summary>
internal sealed record ScheduleChoice(string? Workflow = null, string? Schedule = null)
{
    public bool Has(WorkflowDefinition workflow, ScheduleDefinition schedule) =>
        (Workflow ?? workflow.Name) == workflow.Name && (Schedule ?? schedule.Id) == schedule.Id;
}

/// <summary>What people and programs ask about schedules.</summary>
/// <param name="definitions">The definitions in force.</param>
/// <param name="ledger">What is known of the schedule of a workflow and an id.</param>
/// <param name="all">The pause that all schedules are in.</param>
/// <param name="now">The instant that is asked at.</param>
internal sealed class ScheduleQueries(IEnumerable<WorkflowDefinition> definitions, Func<string, string, LedgerState> ledger, SchedulePause? all, DateTimeOffset now)
{
    // Of all schedules of a calendar together: a week of one that fires each second, and some more.
    private const int MaxCounted = 1_000_000;
    private readonly ScheduleZones _zones = new();
    // A pause that is over by now ends at the next query.
    private readonly SchedulePause? _all = all?.Until <= now ? null : all;

    /// <summary>Schedules by workflow and id, and whether all are paused.</summary>
    public SchedulePage Page(ScheduleChoice choice) => new(List(choice), AllSchedulesRow.Of(_all));

    /// <summary>Schedules by workflow and id.</summary>
    public IReadOnlyList<ScheduleRow> List(ScheduleChoice choice) => [.. Known(choice).Select(Row)];

    /// <summary>The due times to come of all that is chosen, in their order.</summary>
    /// <param name="most">At most this many.</param>
    /// <param name="until">None after it.</param>
    public DuePage Next(ScheduleChoice choice, int most, DateTimeOffset? until)
    {
        var waiting = new PriorityQueue<KnownSchedule, (DateTimeOffset, int)>();
        foreach (var known in Known(choice).Where(k => k.Standing is ScheduleStanding.Active or ScheduleStanding.Paused))
            if (known.Next is { } first && !(first > until)) waiting.Enqueue(known with { Order = waiting.Count }, (first, waiting.Count));
        var rows = new List<DueRow>();
        while (waiting.TryDequeue(out var known, out var place))
        {
            if (rows.Count == most) return new(rows, HasMore: true);
            rows.Add(Due(known, place.Item1));
            if (known.Times!.Next(place.Item1) is { } next && !(next > until)) waiting.Enqueue(known, (next, known.Order));
        }
        return new(rows, HasMore: false);
    }

    /// <summary>The zone that a calendar of schedules is shown in: theirs, where they have but one; else UTC.</summary>
    public string ZoneOf(ScheduleChoice choice) => Shown(choice).Select(k => k.Schedule.Timezone).Distinct().ToList() is [var only] ? only : "UTC";

    /// <summary>Due times by hours of days.</summary>
    /// <param name="choice">Which schedules.</param>
    /// <param name="timezone">The zone whose clocks are shown.</param>
    /// <param name="from">The first day; null: today.</param>
    /// <param name="days">How many.</param>
    /// <param name="error">What is wrong with the zone.</param>
    public CalendarPage? Calendar(ScheduleChoice choice, string timezone, DateOnly? from, int days, out string? error)
    {
        if (!_zones.TryFind(timezone, out var zone, out error)) return null;
        var first = from ?? DateOnly.FromDateTime(zone.LocalAt(now));
        var (schedules, cells, left) = (new List<CalendarSchedule>(), new List<CalendarCell>(), MaxCounted);
        foreach (var known in Shown(choice))
        {
            var hours = DueHours.Of(known.Times!, zone, first, days, left, out var isCut);
            if (hours.Count == 0) continue;
            left -= hours.Sum(h => h.Count);
            schedules.Add(new(known.Workflow.Name, known.Schedule.Id, known.Standing, known.Schedule.RuleText, known.Schedule.Timezone, known.Schedule.Action, isCut));
            cells.AddRange(hours.Select(h => new CalendarCell(known.Workflow.Name, known.Schedule.Id, h.Day, h.Hour, h.Count, h.First, h.Last)));
        }
        return new(timezone, [.. Enumerable.Range(0, days).Select(first.AddDays).Select(d => new CalendarDay(d, Change(zone, d), [.. DueHours.LeftOut(zone, d)]))],
            schedules, [.. cells.OrderBy(c => c.FirstAt)]);
    }

    private IEnumerable<KnownSchedule> Shown(ScheduleChoice choice) => Known(choice).Where(k => k is { Times: not null, Standing: ScheduleStanding.Active or ScheduleStanding.Paused });

    internal IEnumerable<KnownSchedule> Known(ScheduleChoice choice) =>
        from workflow in definitions.OrderBy(w => w.Name, StringComparer.Ordinal)
        from schedule in workflow.Schedules.OrderBy(s => s.Id, StringComparer.Ordinal)
        where choice.Has(workflow, schedule)
        select Known(workflow, schedule);

    private KnownSchedule Known(WorkflowDefinition workflow, ScheduleDefinition schedule)
    {
        var state = ledger(workflow.Name, schedule.Id);
        var isUsable = ArmedSchedule.TryCreate(workflow, schedule, _zones, out var armed, out var problem, out _);
        _zones.TryFind(schedule.Timezone, out var zone, out _);
        var next = armed?.Times.Next(now);
        var standing = !schedule.Enabled ? ScheduleStanding.Disabled
            : !isUsable ? ScheduleStanding.Refused
            : state.PausedAt is not null ? ScheduleStanding.Paused
            : next is null && !armed!.Times.IsAtStart ? ScheduleStanding.Finished
            : _all is not null ? ScheduleStanding.Paused : ScheduleStanding.Active;
        return new(workflow, schedule, state, standing) { Pause = standing == ScheduleStanding.Paused ? state.Pause ?? _all : null, Times = armed?.Times, Terms = armed?.Terms, Zone = zone, Problem = problem, Next = next };
    }

    private static ScheduleRow Row(KnownSchedule known) => new()
    {
        Workflow = known.Workflow.Name,
        Schedule = known.Schedule.Id,
        State = known.Standing,
        Rule = known.Schedule.RuleText,
        Timezone = known.Schedule.Timezone,
        NextAt = known.Standing == ScheduleStanding.Disabled ? null : known.Next,
        NextLocal = known.Standing != ScheduleStanding.Disabled && known.Next is { } at ? Local(known.Zone!, at) : null,
        ClockChange = known.Standing != ScheduleStanding.Disabled && known.Next is { } due ? Change(known.Zone!, due) : null,
        Catchup = known.Schedule.Catchup.Policy,
        Overlap = known.Schedule.Overlap,
        Action = known.Schedule.Action,
        PausedAt = known.Pause?.At,
        PausedBy = known.Pause?.Actor,
        PauseReason = known.Pause?.Reason,
        PausedUntil = known.Pause?.Until,
        PausedWithAll = known.Pause is not null && known.State.Pause is null,
        LastDueAt = known.State.LastStart?.DueAt,
        LastRunId = known.State.LastStart?.RunId,
        Queued = known.State.Queued.Count,
        Pending = known.State.Pending.Count,
        InForce = known.State.Terms is { } terms && terms == known.Terms?.ToText(),
        Problem = known.Problem,
    };

    private static DueRow Due(KnownSchedule known, DateTimeOffset due) => new()
    {
        Workflow = known.Workflow.Name,
        Schedule = known.Schedule.Id,
        DueAt = due,
        Local = Local(known.Zone!, due),
        Timezone = known.Schedule.Timezone,
        StartsAt = known.Times!.DelayOf(due) is var delay && delay > TimeSpan.Zero ? due + delay : null,
        ClockChange = Change(known.Zone!, due),
        State = known.Standing,
    };

    internal static string Local(ZoneRules zone, DateTimeOffset at) =>
        at.ToOffset(Whole(zone.OffsetAt(at))).ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture);

    // Offsets of long ago have seconds, which no text of an instant can hold.
    private static TimeSpan Whole(TimeSpan offset) => TimeSpan.FromMinutes(Math.Round(offset.TotalMinutes));

    internal static int? Change(ZoneRules zone, DateTimeOffset at) => Change(zone, DateOnly.FromDateTime(zone.LocalAt(at)));

    private static int? Change(ZoneRules zone, DateOnly day) => ClockChanges.On(zone, day) is var by && by != TimeSpan.Zero ? (int)by.TotalMinutes : null;
}

/// <summary>A schedule with what is known of it.</summary>
internal sealed record KnownSchedule(WorkflowDefinition Workflow, ScheduleDefinition Schedule, LedgerState State, ScheduleStanding Standing)
{
    public ScheduleTimes? Times { get; init; }

    public ScheduleTerms? Terms { get; init; }

    public ZoneRules? Zone { get; init; }

    public string? Problem { get; init; }

    public DateTimeOffset? Next { get; init; }

    /// <summary>The pause it is in, its own or that of all.</summary>
    public SchedulePause? Pause { get; init; }

    /// <summary>Its place among those that are due at the same instant.</summary>
    public int Order { get; init; }
}
