using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Orchestrator.Core.Schedules.Calendars;
using Orchestrator.Core.Schedules.Zones;

namespace Orchestrator.Core.Schedules.Rules;

/// <summary>
/// The due times of a schedule: a pure function of its terms and the rules of its zone. Everything is parsed once, when it is made.
/// </summary>
public sealed class ScheduleTimes
{
    // A rule whose days are all excluded is given up after so many of them, which is more than ten years of days.
    private const int MaxExcludedDays = 4_000;

    // The shortest period of a rule shows among so many of its due times: hours of a day, days of a month.
    private const int MaxCompared = 400;

    private readonly ZoneRules _zone;
    private readonly Func<DateTime, DateTime?> _next;
    private readonly DaySet? _exclude;
    private readonly DaySet? _only;
    private readonly DateTime _from = DateTime.SpecifyKind(DateTime.MinValue, DateTimeKind.Utc);
    private readonly DateTime _to = DateTime.SpecifyKind(DateTime.MaxValue, DateTimeKind.Utc);
    private readonly string _key;
    private readonly TimeSpan _jitter;

    private ScheduleTimes(ScheduleTerms terms, ZoneRules zone, string key, Func<DateTime, DateTime?> next, WrittenTime? start, WrittenTime? end)
    {
        (_zone, _key, _next, _jitter) = (zone, key, next, terms.Jitter ?? TimeSpan.Zero);
        if (start is { } from) _from = from.In(zone).UtcDateTime;
        if (end is { } to) _to = to.In(zone).UtcDateTime;
        if (!terms.Exclude.IsDefaultOrEmpty) _exclude = new(terms.Exclude);
        if (!terms.Only.IsDefaultOrEmpty) _only = new(terms.Only);
    }

    /// <summary>Whether it is due when the service starts, and at no time.</summary>
    public bool IsAtStart { get; private init; }

    /// <summary>Whether the rule fires at least hourly within the hours it names: clocks that are set do not concern it.</summary>
    public bool AtLeastHourly { get; private init; }

    /// <summary>Version of the time zone data; empty where it is not known.</summary>
    public string ZoneVersion => _zone.Version;

    /// <summary>Makes the due times of a schedule; the error says what is wrong with its terms.</summary>
    /// <param name="terms">The terms; calendars that are files have been read.</param>
    /// <param name="zone">The rules of the terms' zone.</param>
    /// <param name="key">The schedule, <c>workflow/id</c>: the seed of its jitter.</param>
    public static bool TryCreate(
        ScheduleTerms terms, ZoneRules zone, string key, [NotNullWhen(true)] out ScheduleTimes? times, [NotNullWhen(false)] out string? error)
    {
        times = null;
        error = null;
        WrittenTime? start = Read(terms.Start, "start", ref error), end = Read(terms.End, "end", ref error);
        if (error is not null) return false;
        if (end is { } to && start is { } from && to.In(zone) < from.In(zone)) error = $"end '{terms.End}' is before start '{terms.Start}'.";

        var (atStart, atLeastHourly) = (false, false);
        Func<DateTime, DateTime?>? next = null;
        if (terms.Cron is not null)
        {
            if (CronRule.TryParse(terms.Cron, out var cron, out var wrong))
            {
                (atStart, atLeastHourly) = (cron.IsAtStart, cron.AtLeastHourly);
                next = after => LocalWalk.Next(cron, zone, terms.Dst, after);
            }
            else error ??= wrong;
        }
        else if (terms.Every is { } period) next = Period(period, start?.In(zone) ?? DateTimeOffset.UnixEpoch);
        else if (terms.Rrule is not null)
        {
            if (start is not { } first) error ??= "rrule needs `start`: the first time that its periods are counted from.";
            else if (!Recurrence.TryParse(terms.Rrule, first.LocalIn(zone), out var rule, out var wrong)) error ??= wrong;
            else
            {
                atLeastHourly = rule.AtLeastHourly;
                next = after => LocalWalk.Next(rule, zone, terms.Dst, after) is { } at && !(at > rule.UntilInstant?.UtcDateTime) ? at : null;
            }
        }
        else next = Single(terms, zone, ref error);
        if (error is not null || next is null)
        {
            error ??= "A schedule needs one of cron, every, at, rrule.";
            return false;
        }
        times = new(terms, zone, key, next, start, end) { IsAtStart = atStart, AtLeastHourly = atLeastHourly };
        return true;
    }

    /// <summary>The first due time after an instant (strictly), UTC; null when there is none.</summary>
    public DateTimeOffset? Next(DateTimeOffset after)
    {
        if (IsAtStart) return null;
        var at = after.UtcDateTime < _from ? _from.AddTicks(-1) : after.UtcDateTime;
        for (var days = 0; days < MaxExcludedDays; days++)
        {
            if (at.Year > Recurrence.LatestYear || _next(at) is not { } due || due > _to) return null;
            if (_exclude is null && _only is null) return new(due, TimeSpan.Zero);
            var day = DateOnly.FromDateTime(_zone.LocalAt(new(due, TimeSpan.Zero)));
            if (_exclude?.Contains(day) != true && _only?.Contains(day) != false) return new(due, TimeSpan.Zero);
            // The rest of the day is out as well.
            var end = _zone.FirstAt(day.AddDays(1).ToDateTime(TimeOnly.MinValue)).UtcDateTime.AddTicks(-1);
            at = end > due ? end : due;
        }
        return null;
    }

    /// <summary>The due times after an instant (strictly), in order.</summary>
    public IEnumerable<DateTimeOffset> After(DateTimeOffset after)
    {
        for (var next = Next(after); next is { } due; next = Next(due)) yield return due;
    }

    /// <summary>Whether two successive due times, among the first that the rule has after an instant, are closer than a time.</summary>
    /// <param name="gap">Receives the time between them.</param>
    public bool IsCloserThan(TimeSpan least, DateTimeOffset after, out TimeSpan gap)
    {
        gap = TimeSpan.MaxValue;
        DateTimeOffset? before = null;
        foreach (var due in After(after).Take(MaxCompared))
        {
            if (due - before is { } time && time < gap) gap = time;
            if (gap < least) return true;
            before = due;
        }
        return false;
    }

    /// <summary>How long after a due time it is carried out: the jitter's part, the same on every node and at every time.</summary>
    public TimeSpan DelayOf(DateTimeOffset due)
    {
        if (_jitter <= TimeSpan.Zero) return TimeSpan.Zero;
        var text = string.Create(CultureInfo.InvariantCulture, $"{_key}\n{due.ToUnixTimeMilliseconds()}");
        var hash = BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        return TimeSpan.FromMilliseconds(hash % ((ulong)_jitter.TotalMilliseconds + 1));
    }

    private static WrittenTime? Read(string? text, string name, ref string? error)
    {
        if (text is null) return null;
        if (WrittenTime.TryParse(text, out var time, out var wrong)) return time;
        error ??= $"{name} {wrong}";
        return null;
    }

    private static Func<DateTime, DateTime?> Period(TimeSpan period, DateTimeOffset first)
    {
        var anchor = first.UtcTicks;
        return after =>
        {
            var ticks = after.Ticks < anchor ? anchor : after.Ticks + period.Ticks - (after.Ticks - anchor) % period.Ticks;
            return ticks > DateTime.MaxValue.Ticks || ticks < 0 ? null : new DateTime(ticks, DateTimeKind.Utc);
        };
    }

    private static Func<DateTime, DateTime?>? Single(ScheduleTerms terms, ZoneRules zone, ref string? error)
    {
        if (terms.At.IsDefaultOrEmpty) return null;
        var written = new List<WrittenTime>();
        foreach (var text in terms.At)
            if (Read(text, "at", ref error) is { } time) written.Add(time);
        var local = new SingleTimes([.. written.Where(w => w.Offset is null).Select(w => w.Local)]);
        ImmutableArray<DateTime> instants = [.. written.Where(w => w.Offset is not null).Select(w => w.Instant!.Value.UtcDateTime).Distinct().Order()];
        return after =>
        {
            var next = LocalWalk.Next(local, zone, terms.Dst, after);
            foreach (var instant in instants)
                if (instant > after) return next < instant ? next : instant;
            return next;
        };
    }

    private sealed class SingleTimes(ImmutableSortedSet<DateTime> times) : ILocalRule
    {
        public bool AtLeastHourly => false;

        public DateTime? After(DateTime floor)
        {
            foreach (var time in times)
                if (time > floor) return time;
            return null;
        }
    }
}
