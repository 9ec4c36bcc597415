using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Orchestrator.Core.Schedules.Rules;

namespace Orchestrator.Core.Schedules.Calendars;

/// <summary>
/// Reads an iCalendar file (RFC 5545) as a set of days: each event's DTSTART to DTEND, repeated by RRULE and RDATE less EXDATE. Times of day and
/// zones do not matter: a day is the one that is written. Cancelled events are left out. A file that ends early is refused: its days would not be all.
/// </summary>
public static class IcsCalendar
{
    private const string Calendar = "VCALENDAR";
    private const string Single = "VEVENT";
    private const int MaxDepth = 16;
    private const int MaxLines = 200_000;
    private const int MaxRanges = 10_000;
    private const int LastYear = 2099;   // of what is repeated without an end
    private const int MaxDaysOfEvent = 3660;

    /// <summary>Reads a file's text; the error names the line.</summary>
    public static bool TryRead(string text, [NotNullWhen(true)] out DayCalendar? calendar, [NotNullWhen(false)] out string? error)
    {
        calendar = null;
        error = null;
        var ranges = ImmutableArray.CreateBuilder<DayRange>();
        var open = new Stack<string>();
        var seen = false;
        Event? current = null;
        foreach (var (number, line) in Unfold(text))
        {
            if (number > MaxLines) error = $"The calendar has more than {MaxLines} lines.";
            var (name, value) = Split(line);
            if (name == "BEGIN")
            {
                open.Push(value.ToUpperInvariant());
                seen |= open.Peek() == Calendar;
                if (open.Peek() == Single) current = new();
                if (open.Count > MaxDepth) error ??= "too many parts begin within one another.";
            }
            else if (name == "END")
            {
                if (!open.TryPop(out var part) || !part.Equals(value, StringComparison.OrdinalIgnoreCase)) error ??= $"END:{Shorten(value)} ends nothing that began.";
                else if (part == Single) error ??= current!.AddTo(ranges);
            }
            // An alarm within an event has times of its own.
            else if (open.TryPeek(out var part) && part == Single) error ??= current!.Note(name, value);
            if (ranges.Count > MaxRanges) error ??= $"The calendar names more than {MaxRanges} spans of days.";
            if (error is not null)
            {
                error = $"line {number}: {error}";
                return false;
            }
        }
        if (!seen) error = "The file is not an iCalendar file: it has no BEGIN:VCALENDAR.";
        else if (open.TryPeek(out var part)) error = $"The file ends early: it has no END:{Shorten(part)}.";
        else calendar = new() { Ranges = ranges.ToImmutable() };
        return calendar is not null;
    }

    // A line that begins with a blank goes on with the one before. With each line: where it begins.
    private static IEnumerable<(int Number, string Line)> Unfold(string text)
    {
        string? line = null;
        var (number, begins) = (0, 0);
        foreach (var raw in text.Split('\n'))
        {
            number++;
            var part = raw.TrimEnd('\r');
            if (line is not null && part.Length > 0 && part[0] is ' ' or '\t') line += part[1..];
            else
            {
                if (!string.IsNullOrEmpty(line)) yield return (begins, line);
                (line, begins) = (part, number);
            }
        }
        if (!string.IsNullOrEmpty(line)) yield return (begins, line);
    }

    private static string Shorten(string text) => text.Length > 40 ? text[..40] + "..." : text;

    private static (string Name, string Value) Split(string line)
    {
        var quoted = false;
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] == '"') quoted = !quoted;
            if (line[i] == ':' && !quoted) return (line[..i].Split(';')[0].Trim().ToUpperInvariant(), line[(i + 1)..].Trim());
        }
        return ("", "");
    }

    private sealed class Event
    {
        private DateTime? _start;
        private DateTime? _end;
        private int? _days;
        private string? _rule;
        private bool _cancelled;
        private readonly List<DateTime> _more = [];
        private readonly List<DateOnly> _except = [];

        public string? Note(string name, string value)
        {
            switch (name)
            {
                case "DTSTART": return Time(name, value, t => _start = t);
                case "DTEND": return Time(name, value, t => _end = t);
                case "RRULE": _rule = value; break;
                case "STATUS": _cancelled = value.Equals("CANCELLED", StringComparison.OrdinalIgnoreCase); break;
                case "DURATION": _days = DaysOf(value) ?? _days; break;
                case "RDATE": return Times(name, value, _more.Add);
                case "EXDATE": return Times(name, value, t => _except.Add(DateOnly.FromDateTime(t)));
            }
            return null;
        }

        public string? AddTo(ImmutableArray<DayRange>.Builder ranges)
        {
            if (_start is not { } start) return "an event has no DTSTART.";
            if (_cancelled) return null;
            // The end is not part of the event: one at midnight ends the day before.
            var days = _end is { } end ? Math.Max(1, (int)Math.Ceiling((end - start.Date).TotalDays)) : Math.Max(1, _days ?? 1);
            if (days > MaxDaysOfEvent) return $"an event lasts {days} days: at most {MaxDaysOfEvent} are allowed.";
            foreach (var time in _more.Prepend(start)) Add(ranges, time, days);
            if (_rule is null) return null;
            if (!Recurrence.TryParse(_rule, start, out var rule, out var error)) return error;
            for (var next = rule.After(start); next is { } at && at.Year <= LastYear && ranges.Count <= MaxRanges; next = rule.After(at)) Add(ranges, at, days);
            return null;
        }

        private void Add(ImmutableArray<DayRange>.Builder ranges, DateTime start, int days)
        {
            var day = DateOnly.FromDateTime(start);
            if (!_except.Contains(day)) ranges.Add(new(day, day.AddDays(days - 1)));
        }

        // P2D, P2DT12H or P1W; what is shorter than a day touches one day.
        private static int? DaysOf(string duration)
        {
            if (!duration.StartsWith('P')) return null;
            var end = duration.AsSpan().IndexOfAny('D', 'W');
            if (end < 2 || !int.TryParse(duration.AsSpan(1, end - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return null;
            return duration[end] == 'W' ? number * 7 : number;
        }

        private static string? Times(string name, string value, Action<DateTime> take)
        {
            string? error = null;
            foreach (var item in value.Split(',')) error ??= Time(name, item.Split('/')[0], take);
            return error;
        }

        private static string? Time(string name, string value, Action<DateTime> take)
        {
            string[] forms = ["yyyyMMdd", "yyyyMMdd'T'HHmmss", "yyyyMMdd'T'HHmmss'Z'"];
            if (!DateTime.TryParseExact(value, forms, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
                return $"{name} '{Shorten(value)}' is not a date or time such as 20261224 or 20261224T180000.";
            take(time);
            return null;
        }
    }
}
