using Orchestrator.Core.Schedules.Zones;

namespace Orchestrator.Core.Tests.Schedules;

/// <summary>The slow, obvious reading of a five-field rule: look at the clock each minute.</summary>
internal sealed class MinuteWalk(string rule, TimeZoneInfo zone, DstRule dst = default)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    [ThreadStatic]
    private static ((string, DateTimeOffset, DateTimeOffset) Of, ((DateTimeOffset At, DateTime Local)[], ILookup<DateTime, DateTimeOffset>) Shown)? s_clock;
    private readonly string[] _fields = rule.Split(' ');

    public List<DateTimeOffset> Between(DateTimeOffset after, DateTimeOffset end, int hoursAround = 30)
    {
        var found = new List<DateTimeOffset>();
        var first = new DateTimeOffset(after.Ticks - after.Ticks % TimeSpan.TicksPerMinute, TimeSpan.Zero).AddHours(-hoursAround);
        var (minutes, shown) = Clock(zone, first, end.AddHours(hoursAround));
        var highest = minutes[0].Local;
        foreach (var (at, local) in minutes)
        {
            var leapt = !IsHourly && dst.Gap == GapRule.Shift && Between(highest, local).Any(Matches);
            if (local > highest) highest = local;
            var counts = IsHourly || dst.Overlap switch { OverlapPass.First => shown[local].First() == at, OverlapPass.Last => shown[local].Last() == at, _ => true };
            if (at > after && at <= end && (leapt || counts && Matches(local))) found.Add(at);
        }
        return found;
    }

    // At least twice in each run of hours it names.
    private bool IsHourly
    {
        get
        {
            var hours = Values(_fields[1], 0, 23);
            return Values(_fields[0], 0, 59).Distinct().Count() > 1 || hours.Distinct().Count() > 1 && hours.All(h => hours.Contains((h + 1) % 24) || hours.Contains((h + 23) % 24));
        }
    }

    // Local minutes that the clock leaves out.
    private static IEnumerable<DateTime> Between(DateTime highest, DateTime now)
    {
        for (var t = highest + Minute; t < now; t += Minute) yield return t;
    }

    // Kept for the next rule, which is mostly asked about the same days.
    private static ((DateTimeOffset At, DateTime Local)[], ILookup<DateTime, DateTimeOffset>) Clock(TimeZoneInfo zone, DateTimeOffset first, DateTimeOffset end)
    {
        if (s_clock is { } kept && kept.Of == (zone.Id, first, end)) return kept.Shown;
        var minutes = Enumerable.Range(0, (int)(end - first).TotalMinutes).Select(i => first + i * Minute)
            .Select(at => (At: at, Local: TimeZoneInfo.ConvertTime(at, zone).DateTime)).ToArray();
        var shown = (minutes, minutes.ToLookup(m => m.Local, m => m.At));
        s_clock = ((zone.Id, first, end), shown);
        return shown;
    }

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
