using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Schedules.Calendars;
using Orchestrator.Core.Schedules.Deadlines;
using Orchestrator.Core.Schedules.Ledger;
using Orchestrator.Core.Schedules.Rules;
using Orchestrator.Core.Schedules.Zones;

namespace Orchestrator.Core.Definitions.Reading;

/// <summary>Reads `schedules`. One that is wrong does not stop the others.</summary>
internal sealed class ScheduleReader(ImmutableArray<ParameterDefinition> parameters, ReadCalendars calendars, Draft draft)
{
    public const int MaxCatchup = 10_000;
    public static readonly TimeSpan ShortestPeriod = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan LongestPeriod = TimeSpan.FromDays(3660);
    public static readonly TimeSpan LongestJitter = TimeSpan.FromDays(1);

    private static readonly string[] s_ofRuns = ["overlap", "params", "expected_by", "heartbeat"], s_ofOverlaps = ["overlap"];
    private readonly ImmutableArray<RefusedSchedule>.Builder _refused = ImmutableArray.CreateBuilder<RefusedSchedule>();

    /// <summary>Those that are wrong.</summary>
    public ImmutableArray<RefusedSchedule> Refused => _refused.ToImmutable();

    /// <summary>How many problems they have of their own, beside those of their calendars.</summary>
    public int Problems { get; private set; }

    public ImmutableArray<ScheduleDefinition> Read(Fields workflow)
    {
        var schedules = ImmutableArray.CreateBuilder<ScheduleDefinition>();
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in workflow.Items("schedules", "a list of schedules"))
        {
            var before = draft.Problems.Count;
            var schedule = One(item, ids);
            Problems += draft.Problems.Count - before;
            ImmutableArray<Problem> problems = [.. draft.Problems.Since(before), .. OfCalendars(schedule)];
            if (!problems.IsEmpty) _refused.Add(new(IdOf(item), problems));
            else if (schedule is not null) schedules.Add(schedule);
        }
        return schedules.ToImmutable();
    }

    private IEnumerable<Problem> OfCalendars(ScheduleDefinition? schedule) => schedule is null ? []
        : schedule.Exclude.Concat(schedule.Only).Distinct().Where(calendars.Wrong.ContainsKey).SelectMany(name => calendars.Wrong[name]);

    private static string? IdOf(SourceNode item) => (item as SourceMap)?.Find("id") is SourceScalar { Text: var id } && Names.IsName(id) ? id : null;

    private ScheduleDefinition? One(SourceNode item, HashSet<string> ids)
    {
        if (item is not SourceMap map)
        {
            draft.Problems.Add(ProblemCodes.WrongType, item.Span, $"A schedule must be a map, not {item.Found}.", "Write `- {id: nightly, cron: \"0 2 * * *\"}`.");
            return null;
        }
        if (One(map) is not { } schedule) return null;
        if (!ids.Add(schedule.Id))
            draft.Problems.Add(ProblemCodes.DuplicateName, map.Find("id")!.Span, $"Schedule '{schedule.Id}' is declared twice.", "Give one of them another id.");
        return schedule;
    }

    private ScheduleDefinition? One(SourceMap map)
    {
        var fields = new Fields(map, Vocabulary.Schedule, "a schedule", draft.Problems);
        var id = fields.Required("id");
        if (id is not null && !Names.IsName(id))
            draft.Problems.Add(ProblemCodes.BadValue, fields.At("id"), $"`{SourceScalar.Shorten(id)}` is not a schedule id.", Names.NameRule);
        var rule = Rule(fields);
        var zone = fields.Text("timezone");
        if (zone is not null && !ScheduleZone.TryFind(zone, out _, out var wrong))
            draft.Problems.Add(ProblemCodes.BadSchedule, fields.At("timezone"), wrong);
        var dst = fields.Map("dst", Vocabulary.Dst, "a map such as {gap: skip, overlap: both}");
        var choice = fields.Map("calendars", Vocabulary.CalendarChoice, "a map such as {exclude: [holidays]}");
        var schedule = new ScheduleDefinition
        {
            Span = map.Span,
            Id = id ?? "",
            Cron = rule == "cron" ? fields.Required("cron")?.Trim() : null,
            Every = rule == "every" ? fields.Duration("every", ShortestPeriod, LongestPeriod) : null,
            At = rule == "at" ? [.. fields.Texts("at", orSingle: true).Select(t => t.Text.Trim())] : [],
            Rrule = rule == "rrule" ? fields.Required("rrule")?.Trim() : null,
            Timezone = zone ?? "UTC",
            Dst = new(dst?.Word<GapRule>("gap") ?? default, dst?.Word<OverlapPass>("overlap") ?? default),
            Exclude = Calendars(choice, "exclude"),
            Only = Calendars(choice, "only"),
            Start = fields.Text("start")?.Trim(),
            End = fields.Text("end")?.Trim(),
            Jitter = fields.Duration("jitter", TimeSpan.Zero, LongestJitter),
            ExpectedBy = ExpectedBy(fields),
            Heartbeat = fields.Text("heartbeat")?.Trim() is { } address ? CallbackReader.Address(fields, "heartbeat", address) : null,
            Catchup = Catchup(fields),
            Overlap = fields.Word<OverlapRule>("overlap") ?? default,
            Action = Action(fields),
            Enabled = fields.Flag("enabled") ?? true,
            Params = Params(fields),
        };
        if (schedule is { Cron: null, Every: null, Rrule: null } && schedule.At.IsEmpty) return null;
        Check(fields, schedule, dst);
        return id is null ? null : schedule;
    }

    // Most schedules have `cron`: a missing one is reported on its own.
    private static string? Rule(Fields fields)
    {
        if (Vocabulary.ScheduleRules.Any(fields.Has)) return fields.OnlyOne(Vocabulary.ScheduleRules, "");
        fields.Problems.Add(ProblemCodes.MissingKey, fields.Span, "A schedule has no `cron`.", "Add `cron:`, or one of every, at, rrule.");
        return null;
    }

    private static ScheduleAction Action(Fields fields)
    {
        var action = fields.Word<ScheduleAction>("action") ?? default;
        foreach (var key in action switch { ScheduleAction.Stop => s_ofRuns, ScheduleAction.Restart => s_ofOverlaps, _ => [] })
            if (fields.Has(key))
                fields.Problems.Add(ProblemCodes.Conflict, fields.At(key), $"`{key}` has no meaning for `action: {Words.Of(action)}`{(action == ScheduleAction.Stop ? ": it starts no run" : ": it ends every open run of the workflow first")}.", "Remove it.");
        return action;
    }

    // What the rule means does not depend on the zone's clocks, so that none has to be known here.
    private void Check(Fields fields, ScheduleDefinition schedule, Fields? dst)
    {
        var terms = schedule.Terms(name => calendars.All.GetValueOrDefault(name) ?? new DayCalendar());
        if (!ScheduleTimes.TryCreate(terms, ZoneRules.Utc, schedule.Id, out var times, out var wrong))
        {
            var key = new[] { "start", "end" }.FirstOrDefault(k => wrong.StartsWith(k + " '", StringComparison.Ordinal)) ?? Vocabulary.ScheduleRules.First(fields.Has);
            draft.Problems.Add(ProblemCodes.BadSchedule, fields.At(key), wrong);
            return;
        }
        var says = dst is not null && (dst.Has("gap") && schedule.Dst.Gap != GapRule.Skip || dst.Has("overlap") && schedule.Dst.Overlap != OverlapPass.Both);
        if (dst is not null && schedule.Every is not null || times.AtLeastHourly && says)
            draft.Problems.Add(ProblemCodes.Conflict, fields.At("dst"),
                schedule.Every is not null ? "`dst` has no meaning for `every`: a period does not follow the clocks."
                    : "This rule fires at least hourly within the hours it names: it runs through both passes of a repeated hour and is never shifted.",
                "Remove `dst`, or give each time of day a schedule of its own.");
        if (times.IsAtStart && schedule.ExpectedBy is not null)
            draft.Problems.Add(ProblemCodes.Conflict, fields.At("expected_by"), "`expected_by` has no meaning for @reboot: it has no due times.", "Remove it, or give the schedule a rule with times.");
        if (schedule.Jitter is { } jitter && times.IsCloserThan(jitter, DateTimeOffset.UnixEpoch, out var gap))
            draft.Problems.Add(ProblemCodes.BadSchedule, fields.At("jitter"),
                $"`jitter` is {DurationText.Format(jitter)}, more than the {DurationText.Format(gap)} between two due times.", $"Use at most {DurationText.Format(gap)}.");
        var isUnknown = schedule.Exclude.Concat(schedule.Only).Any(name => calendars.Wrong.ContainsKey(name) || calendars.All.GetValueOrDefault(name) is null or { Ics: not null });
        if (!times.IsAtStart && !isUnknown && times.Next(DateTimeOffset.UnixEpoch) is null)
            draft.Problems.Add(ProblemCodes.BadSchedule, fields.Span, $"Schedule '{schedule.Id}' is never due: its start, end and calendars leave no time that its rule has.");
    }

    private ImmutableArray<string> Calendars(Fields? choice, string key)
    {
        if (choice is null) return [];
        var names = ImmutableArray.CreateBuilder<string>();
        foreach (var name in choice.Texts(key, orSingle: true))
        {
            if (calendars.All.ContainsKey(name.Text)) names.Add(name.Text);
            else
                draft.Problems.Add(ProblemCodes.BadSchedule, name.Span, $"The workflow declares no calendar '{SourceScalar.Shorten(name.Text)}'.",
                    Suggest.DidYouMean(name.Text, calendars.All.Keys) is { Length: > 0 } guess ? guess : "Declare it under `calendars:`.");
        }
        return names.ToImmutable();
    }

    private static DeadlineRule? ExpectedBy(Fields fields)
    {
        if (fields.Text("expected_by")?.Trim() is not { } text) return null;
        if (DeadlineRule.TryParse(text, out var rule)) return rule;
        fields.Problems.Add(ProblemCodes.BadSchedule, fields.At("expected_by"), $"`expected_by` cannot be '{SourceScalar.Shorten(text)}'.",
            "Give a time after the due time such as 30m, at most 366d, or a time of day in the schedule's zone such as \"06:00\".");
        return null;
    }

    private static CatchUpRule Catchup(Fields fields)
    {
        if (fields["catchup"] is null) return CatchUpRule.None;
        if (fields["catchup"] is SourceScalar)
        {
            if (fields.Word<CatchUpPolicy>("catchup") is not { } word) return CatchUpRule.None;
            return HasWindow(fields, word, null) ? new(word) : CatchUpRule.None;
        }
        if (fields.Map("catchup", Vocabulary.Catchup, "none, latest, all or a map such as {policy: all, window: 6h, max: 10}") is not { } map) return CatchUpRule.None;
        if (!map.Has("policy")) map.Required("policy");
        var policy = map.Word<CatchUpPolicy>("policy") ?? default;
        HasWindow(fields, policy, map);
        return new(policy)
        {
            Window = map.Duration("window", TimeSpan.FromSeconds(1), TimeSpan.FromDays(3660)),
            Max = map.Whole("max", 1, MaxCatchup) ?? CatchUpRule.DefaultMax,
        };
    }

    // Runs for months that passed are hardly what anyone means.
    private static bool HasWindow(Fields fields, CatchUpPolicy policy, Fields? map)
    {
        if (policy != CatchUpPolicy.All || map?.Has("window") == true) return true;
        fields.Problems.Add(ProblemCodes.MissingKey, fields.At("catchup"), "`catchup: all` has no `window`.",
            "Say how old a missed due time may be: `{policy: all, window: 6h}`.");
        return false;
    }

    private ImmutableSortedDictionary<string, JsonElement> Params(Fields fields)
    {
        var values = ImmutableSortedDictionary.CreateBuilder<string, JsonElement>(StringComparer.Ordinal);
        foreach (var entry in fields.Entries("params"))
        {
            if (parameters.FirstOrDefault(p => p.Name == entry.Key) is not { } parameter)
                draft.Problems.Add(ProblemCodes.UnknownParameter, entry.At, $"The workflow declares no parameter '{SourceScalar.Shorten(entry.Key)}'.",
                    Suggest.DidYouMean(entry.Key, parameters.Select(p => p.Name)) is { Length: > 0 } guess ? guess : "Declare it under `params:`.");
            else if (ParameterValues.Of(parameter, entry.Value, out var expected) is { } value)
                values[entry.Key] = value;
            else
                draft.Problems.Add(ProblemCodes.BadValue, entry.Value.Span, $"Parameter '{entry.Key}' must be {expected}, not {entry.Value.Found}.");
        }
        return values.ToImmutable();
    }
}
