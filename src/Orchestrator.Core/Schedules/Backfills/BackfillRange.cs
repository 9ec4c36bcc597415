using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Orchestrator.Core.Schedules.Rules;
using Orchestrator.Core.Schedules.Zones;

namespace Orchestrator.Core.Schedules.Backfills;

/// <summary>The items of a range: the due times of a schedule, or dates. Pure.</summary>
public static class BackfillRange
{
    private const string InstantForm = "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'";
    private const string DateForm = "yyyy-MM-dd";

    /// <summary>The due times of a schedule from a time to a time, both included; the error says what is wrong with them.</summary>
    /// <param name="times">The due times of the schedule.</param>
    /// <param name="zone">The zone of the schedule: times without an offset are local times there.</param>
    /// <param name="from">The begin.</param>
    /// <param name="to">The end; a date means its whole day.</param>
    /// <param name="now">Due times after it are not due yet: they are the schedule's own.</param>
    /// <param name="items">The due times, oldest first.</param>
    /// <param name="error">What is wrong.</param>
    public static bool TryDueTimes(
        ScheduleTimes times, ZoneRules zone, string from, string to, DateTimeOffset now, [NotNullWhen(true)] out BackfillItems? items, [NotNullWhen(false)] out string? error)
    {
        items = null;
        error = null;
        if (times.IsAtStart) error = "The schedule is due when the service starts and at no other time: there is nothing to backfill.";
        else if (!WrittenTime.TryParse(from, out var begin, out var wrong)) error = $"from: {wrong}";
        else if (!WrittenTime.TryParse(to, out var end, out wrong)) error = $"to: {wrong}";
        else
        {
            var (first, last) = (begin.In(zone), TryDate(to, out var day) ? EndOf(day, zone) : end.In(zone));
            if (last < first) error = $"The range ends before it begins: from {from} to {to}.";
            else if (Keys(times, first, last < now ? last : now) is not { } keys) error = TooMany;
            else if (keys.Length == 0) error = first > now ? $"Nothing was due: {from} is in the future." : $"Nothing was due from {from} to {to}.";
            else items = new(keys, from, to, StepDays: null);
        }
        return error is null;
    }

    /// <summary>Dates from a date to a date, both included; the error says what is wrong with them.</summary>
    /// <param name="from">The first.</param>
    /// <param name="to">The last, where the step meets it.</param>
    /// <param name="step">Time between two of them: whole days.</param>
    /// <param name="items">The dates, oldest first.</param>
    /// <param name="error">What is wrong.</param>
    public static bool TryDates(string from, string to, TimeSpan step, [NotNullWhen(true)] out BackfillItems? items, [NotNullWhen(false)] out string? error)
    {
        items = null;
        error = null;
        if (!TryDate(from, out var first)) error = NoDate("from", from);
        else if (!TryDate(to, out var last)) error = NoDate("to", to);
        else if (last < first) error = $"The range ends before it begins: from {from} to {to}.";
        else if (step < TimeSpan.FromDays(1) || step.Ticks % TimeSpan.TicksPerDay != 0) error = "step must be whole days, such as 1d or 7d.";
        else if ((last.DayNumber - first.DayNumber) / step.Days + 1 > BackfillPlan.MaxItems) error = TooMany;
        else items = new([.. Dates(first, last, step.Days).Select(d => d.ToString(DateForm, CultureInfo.InvariantCulture))], from, to, step.Days);
        return error is null;
    }

    /// <summary>The due time that an item stands for; null: it is a date.</summary>
    public static DateTimeOffset? DueAt(string key) =>
        DateTimeOffset.TryParseExact(key, InstantForm, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var due) ? due : null;

    private static string TooMany => string.Create(CultureInfo.InvariantCulture, $"The range has more than {BackfillPlan.MaxItems} items. Give a shorter one.");

    private static ImmutableArray<string>? Keys(ScheduleTimes times, DateTimeOffset first, DateTimeOffset last)
    {
        var keys = ImmutableArray.CreateBuilder<string>();
        if (first == DateTimeOffset.MinValue) first = first.AddTicks(1);
        for (var due = times.Next(first.AddTicks(-1)); due <= last; due = times.Next(due.Value))
        {
            if (keys.Count == BackfillPlan.MaxItems) return null;
            keys.Add(due.Value.UtcDateTime.ToString(InstantForm, CultureInfo.InvariantCulture));
        }
        return keys.ToImmutable();
    }

    private static IEnumerable<DateOnly> Dates(DateOnly first, DateOnly last, int step)
    {
        for (var number = first.DayNumber; number <= last.DayNumber; number += step) yield return DateOnly.FromDayNumber(number);
    }

    private static DateTimeOffset EndOf(DateOnly day, ZoneRules zone) =>
        day == DateOnly.MaxValue ? DateTimeOffset.MaxValue : zone.FirstAt(day.AddDays(1).ToDateTime(TimeOnly.MinValue)).AddTicks(-1);

    private static bool TryDate(string text, out DateOnly date) => DateOnly.TryParseExact(text, DateForm, CultureInfo.InvariantCulture, DateTimeStyles.None, out date);

    private static string NoDate(string name, string text) => $"{name}: '{(text.Length > 60 ? text[..60] + "..." : text)}' is not a date: write 2026-12-24.";
}
