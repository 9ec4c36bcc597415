using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Orchestrator.Core.Schedules.Calendars;
using Orchestrator.Core.Schedules.Deadlines;
using Orchestrator.Core.Schedules.Ledger;
using Orchestrator.Core.Schedules.Rules;
using Orchestrator.Core.Schedules.Zones;

namespace Orchestrator.Core.Definitions;

/// <summary>A schedule: exactly one of <see cref="Cron"/>, <see cref="Every"/>, <see cref="At"/> and <see cref="Rrule"/> says when.</summary>
public sealed record ScheduleDefinition
{
    /// <summary>Unique within the workflow, <c>[A-Za-z0-9][A-Za-z0-9._-]{0,99}</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The rule as the author wrote it: 5 fields (Unix), 6 or 7 (seconds first), or a macro such as @daily or @reboot.</summary>
    public string? Cron { get; init; }

    /// <summary>A period, counted from <see cref="Start"/>, or from 1970 where there is none.</summary>
    public TimeSpan? Every { get; init; }

    /// <summary>Single times.</summary>
    public ImmutableArray<string> At { get; init; } = [];

    /// <summary>A recurrence rule of RFC 5545; its first possible time is <see cref="Start"/>.</summary>
    public string? Rrule { get; init; }

    /// <summary>IANA zone that local times are in.</summary>
    public string Timezone { get; init; } = "UTC";

    /// <summary>What a local time means that the clocks leave out or repeat.</summary>
    public DstRule Dst { get; init; }

    /// <summary>Calendars of the workflow, by name, on whose days nothing is due.</summary>
    public ImmutableArray<string> Exclude { get; init; } = [];

    /// <summary>Calendars of the workflow, by name, on whose days alone something is due; none: all days.</summary>
    public ImmutableArray<string> Only { get; init; } = [];

    /// <summary>Nothing is due before it: a local time, or an instant.</summary>
    public string? Start { get; init; }

    /// <summary>Nothing is due after it.</summary>
    public string? End { get; init; }

    /// <summary>Each run starts up to so much after its due time, always by the same time for the same due time.</summary>
    public TimeSpan? Jitter { get; init; }

    /// <summary>By when a run must have completed; null: nothing watches.</summary>
    public DeadlineRule? ExpectedBy { get; init; }

    /// <summary>Absolute http or https address of an external monitor of its runs; null: none.</summary>
    public string? Heartbeat { get; init; }

    /// <summary>What happens to missed due times.</summary>
    public CatchUpRule Catchup { get; init; } = CatchUpRule.None;

    /// <summary>What a due time does that finds an earlier run open.</summary>
    public OverlapRule Overlap { get; init; }

    /// <summary>What a due time does.</summary>
    public ScheduleAction Action { get; init; }

    /// <summary>Whether it fires.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Parameter values of its runs.</summary>
    public ImmutableSortedDictionary<string, JsonElement> Params { get; init; } = ImmutableSortedDictionary<string, JsonElement>.Empty;

    /// <summary>Where it stands; not part of the definition's version.</summary>
    [JsonIgnore]
    public SourceSpan Span { get; init; }

    /// <summary>The rule as one text, for people.</summary>
    [JsonIgnore]
    public string RuleText => Cron ?? (Every is { } every ? "every " + DurationText.Format(every) : Rrule ?? string.Join(", ", At));

    /// <summary>How its due times are decided.</summary>
    [JsonIgnore]
    public SchedulePolicy Policy => new() { CatchUp = Catchup, Overlap = Overlap, Action = Action };

    /// <summary>Everything its due times follow from.</summary>
    /// <param name="calendars">The calendar of a name, with the days of its file.</param>
    public ScheduleTerms Terms(Func<string, DayCalendar> calendars) => new()
    {
        Cron = Cron, Every = Every, At = At, Rrule = Rrule, Timezone = Timezone, Dst = Dst, Start = Start, End = End, Jitter = Jitter,
        Exclude = [.. Exclude.Select(calendars)],
        Only = [.. Only.Select(calendars)],
    };
}
