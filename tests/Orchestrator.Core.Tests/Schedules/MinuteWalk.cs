namespace Orchestrator.Core.Tests.Schedules;

/// <summary>The slow, obvious reading of a five-field rule: look at the clock each minute.</summary>
internal sealed class MinuteWalk(string rule, TimeZoneInfo zone)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private readonly string[] _fields = rule.Split(' ');

    public List<DateTimeOffset> Between(DateTimeOffset after, DateTimeOffset end)
    {
        var found = new List<DateTimeOffset>();
        var at = new DateTimeOffset(after.Ticks - after.Ticks % TimeSpan.TicksPerMinute, TimeSpan.Zero).AddHours(-30);
        var everyHour = Values(_fields[1], 0, 23).Count == 24;
        var highest = Local(at);
        for (at += Minute; at <= end; at += Minute)
        {
            var now = Local(at);
            var due = everyHour ? Matches(now) : Passed(highest, now).Any(Matches);
            if (now > highest) highest = now;
            if (due && at > after) found.Add(at);
        }
        return found;
    }

    // Local minutes the clock shows or leaps over for the first time.
    private static IEnumerable<DateTime> Passed(DateTime highest, DateTime now)
    {
        for (var t = highest + Minute; t <= now; t += Minute) yield return t;
    }

    private DateTime Local(DateTimeOffset at) => TimeZoneInfo.ConvertTime(at, zone).DateTime;

    private bool Matches(DateTime t)
    {
        var date = Values(_fields[2], 1, 31).Contains(t.Day);
        var weekday = Values(_fields[4], 0, 7).Select(d => d % 7).Contains((int)t.DayOfWeek);
        var day = (_fields[2], _fields[4]) switch { ("*", _) => weekday, (_, "*") => date, _ => date || weekday };
        return day && Values(_fields[0], 0, 59).Contains(t.Minute) && Values(_fields[1], 0, 23).Contains(t.Hour) && Values(_fields[3], 1, 12).Contains(t.Month);
    }

    private static List<int> Values(string field, int min, int max)
    {
        var values = new List<int>();
        foreach (var item in field.Split(','))
        {
            var (range, step) = item.Split('/') is [var r, var s] ? (r, int.Parse(s)) : (item, 1);
            var (from, to) = range == "*" ? (min, max) : range.Split('-') is [var a, var b] ? (int.Parse(a), int.Parse(b)) : (int.Parse(range), int.Parse(range));
            for (var v = from; v <= to; v += step) values.Add(v);
        }
        return values;
    }
}
