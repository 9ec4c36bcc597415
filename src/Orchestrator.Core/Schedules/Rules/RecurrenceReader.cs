using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Orchestrator.Core.Schedules.Rules;

/// <summary>Reads the text of a recurrence rule (RFC 5545, 3.3.10).</summary>
internal static class RecurrenceReader
{
    private const int LongestText = 2000;
    private const int MaxCount = 100_000;
    private const int MaxInterval = 100_000;
    private const string Prefix = "RRULE:";
    private static readonly string[] Days = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"];
    private static readonly string[] Known =
        ["FREQ", "INTERVAL", "COUNT", "UNTIL", "BYSECOND", "BYMINUTE", "BYHOUR", "BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYMONTH", "BYSETPOS", "WKST"];

    public static bool TryRead(string text, [NotNullWhen(true)] out RecurrenceParts? parts, [NotNullWhen(false)] out string? error)
    {
        parts = null;
        if (text.Length > LongestText)
        {
            error = $"rrule has {text.Length} characters: at most {LongestText} are allowed.";
            return false;
        }
        var rule = text.Trim();
        if (rule.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)) rule = rule[Prefix.Length..];
        error = rule.AsSpan().IndexOfAny("\r\n:") >= 0 ? "rrule holds more than one rule: write one RRULE, and its first time under `start`." : null;
        var given = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var part in rule.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var (name, value) = part.Split('=', 2) is [var n, var v] ? (n.Trim().ToUpperInvariant(), v.Trim()) : (part, "");
            if (!Known.Contains(name)) error ??= $"rrule '{name}' is not a part: use {string.Join(", ", Known)}.";
            else if (value.Length == 0) error ??= $"rrule {name} has no value.";
            else if (!given.TryAdd(name, value)) error ??= $"rrule {name} is given twice.";
        }
        if (error is not null) return false;
        parts = Read(given, ref error);
        error ??= Conflict(parts);
        return error is null;
    }

    private static RecurrenceParts Read(Dictionary<string, string> given, ref string? error)
    {
        var frequency = Frequency.Daily;
        if (!given.TryGetValue("FREQ", out var freq)) error ??= "rrule has no FREQ: write FREQ=DAILY, WEEKLY, MONTHLY, YEARLY, HOURLY, MINUTELY or SECONDLY.";
        else if (!freq.All(char.IsAsciiLetter) || !Enum.TryParse(freq, ignoreCase: true, out frequency))
            error ??= $"rrule FREQ '{freq}' is not a frequency: use SECONDLY, MINUTELY, HOURLY, DAILY, WEEKLY, MONTHLY or YEARLY.";
        return new()
        {
            Frequency = frequency,
            Interval = One(given, "INTERVAL", 1, MaxInterval, ref error) ?? 1,
            Count = One(given, "COUNT", 1, MaxCount, ref error),
            Until = Until(given, ref error),
            Seconds = [.. List(given, "BYSECOND", 0, 60, false, ref error).Select(s => Math.Min(s, 59))],   // a leap second is the second before it
            Minutes = List(given, "BYMINUTE", 0, 59, false, ref error),
            Hours = List(given, "BYHOUR", 0, 23, false, ref error),
            Weekdays = Weekdays(given, ref error),
            MonthDays = List(given, "BYMONTHDAY", 1, 31, true, ref error),
            YearDays = List(given, "BYYEARDAY", 1, 366, true, ref error),
            Weeks = List(given, "BYWEEKNO", 1, 53, true, ref error),
            Months = List(given, "BYMONTH", 1, 12, false, ref error),
            Positions = List(given, "BYSETPOS", 1, 366, true, ref error),
            WeekStart = given.TryGetValue("WKST", out var day) ? Weekday(day, "WKST", ref error) : DayOfWeek.Monday,
        };
    }

    private static string? Conflict(RecurrenceParts parts) => parts switch
    {
        { Count: not null, Until: not null } => "rrule has both COUNT and UNTIL: keep one.",
        { Weeks.Length: > 0, Frequency: not Frequency.Yearly } => "rrule BYWEEKNO needs FREQ=YEARLY.",
        { YearDays.Length: > 0, Frequency: Frequency.Daily or Frequency.Weekly or Frequency.Monthly } => "rrule BYYEARDAY does not go with FREQ=DAILY, WEEKLY or MONTHLY.",
        { MonthDays.Length: > 0, Frequency: Frequency.Weekly } => "rrule BYMONTHDAY does not go with FREQ=WEEKLY.",
        _ when parts.Weekdays.Any(w => w.Nth != 0) && parts is { Frequency: not (Frequency.Monthly or Frequency.Yearly) } or { Weeks.Length: > 0 } && parts.Weekdays.Any(w => w.Nth != 0) =>
            "rrule BYDAY with a number needs FREQ=MONTHLY or YEARLY without BYWEEKNO.",
        { Positions.Length: > 0, Seconds.Length: 0, Minutes.Length: 0, Hours.Length: 0, Weekdays.Length: 0, MonthDays.Length: 0, YearDays.Length: 0, Weeks.Length: 0, Months.Length: 0 } =>
            "rrule BYSETPOS needs another BY... part to choose from.",
        _ => null,
    };

    private static WrittenTime? Until(Dictionary<string, string> given, ref string? error)
    {
        if (!given.TryGetValue("UNTIL", out var text)) return null;
        if (DateTime.TryParseExact(text, "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)) return new(date.AddDays(1).AddSeconds(-1), null);
        if (DateTime.TryParseExact(text, ["yyyyMMdd'T'HHmmss", "yyyyMMdd'T'HHmmss'Z'"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
            return new(time, text.EndsWith('Z') ? TimeSpan.Zero : null);
        error ??= $"rrule UNTIL '{text}' is not a time: write 20261231, 20261231T235959 or 20261231T235959Z.";
        return null;
    }

    private static int? One(Dictionary<string, string> given, string name, int min, int max, ref string? error) =>
        given.ContainsKey(name) && List(given, name, min, max, false, ref error) is [var only, ..] ? only : null;

    private static ImmutableArray<int> List(Dictionary<string, string> given, string name, int min, int max, bool orNegative, ref string? error)
    {
        if (!given.TryGetValue(name, out var text)) return [];
        var values = ImmutableArray.CreateBuilder<int>();
        foreach (var item in text.Split(','))
        {
            if (int.TryParse(item, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
                && (value >= min && value <= max || orNegative && -value >= min && -value <= max)) values.Add(value);
            else error ??= $"rrule {name} '{item}' is out of range ({min}-{max}{(orNegative ? $", or -{max} to -{min} from the end" : "")}).";
        }
        return values.ToImmutable();
    }

    private static ImmutableArray<RecurringWeekday> Weekdays(Dictionary<string, string> given, ref string? error)
    {
        if (!given.TryGetValue("BYDAY", out var text)) return [];
        var days = ImmutableArray.CreateBuilder<RecurringWeekday>();
        foreach (var item in text.Split(','))
        {
            var number = item.Length > 2 ? item[..^2] : "";
            var nth = 0;
            if (number.Length > 0 && (!int.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out nth) || nth is 0 or < -53 or > 53))
                error ??= $"rrule BYDAY '{item}' is not a weekday: write MO, 2TU (the second) or -1FR (the last).";
            days.Add(new(Weekday(item[^Math.Min(2, item.Length)..], "BYDAY", ref error), nth));
        }
        return days.ToImmutable();
    }

    private static DayOfWeek Weekday(string text, string name, ref string? error)
    {
        var day = Array.FindIndex(Days, d => d.Equals(text, StringComparison.OrdinalIgnoreCase));
        if (day < 0) error ??= $"rrule {name} '{text}' is not a weekday: use {string.Join(", ", Days)}.";
        return (DayOfWeek)Math.Max(day, 0);
    }
}
