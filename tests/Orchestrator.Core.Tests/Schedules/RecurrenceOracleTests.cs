using FsCheck;
using FsCheck.Fluent;
using Ical.Net.CalendarComponents;
using Ical.Net.DataTypes;
using Orchestrator.Core.Schedules.Rules;
using Orchestrator.Core.Schedules.Zones;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Schedules;

/// <summary>
/// Recurrence rules held against Ical.Net in floating local time. Left out is where it departs from RFC 5545: a yearly BYMONTHDAY without BYMONTH, which it keeps to the month of
/// the start, a yearly BYYEARDAY with BYMONTH, whose times it repeats, and UNTIL of months and years, whose last period it leaves out where the start's day in it would be later.
/// </summary>
public sealed class RecurrenceOracleTests
{
    private const int Compared = 40;
    private static readonly DateTime Latest = new(2100, 1, 1);

    [Theory]
    [InlineData("FREQ=DAILY;COUNT=10", "1997-09-02T09:00:00")]
    [InlineData("FREQ=DAILY;UNTIL=19971224T000000", "1997-09-02T09:00:00")]
    [InlineData("FREQ=DAILY;INTERVAL=2", "1997-09-02T09:00:00")]
    [InlineData("FREQ=YEARLY;UNTIL=20000131T140000;BYMONTH=1;BYDAY=SU,MO,TU,WE,TH,FR,SA", "1998-01-01T09:00:00")]
    [InlineData("FREQ=WEEKLY;INTERVAL=2;UNTIL=19971224T000000;WKST=SU;BYDAY=MO,WE,FR", "1997-09-01T09:00:00")]
    [InlineData("FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU", "1997-09-07T09:00:00")]
    [InlineData("FREQ=MONTHLY;COUNT=6;BYDAY=-2MO", "1997-09-22T09:00:00")]
    [InlineData("FREQ=MONTHLY;BYMONTHDAY=-3", "1997-09-28T09:00:00")]
    [InlineData("FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1", "1997-09-30T09:00:00")]
    [InlineData("FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11,12,13,14,15", "1997-09-10T09:00:00")]
    [InlineData("FREQ=YEARLY;COUNT=10;BYMONTH=6,7", "1997-06-10T09:00:00")]
    [InlineData("FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200", "1997-01-01T09:00:00")]
    [InlineData("FREQ=YEARLY;BYDAY=20MO", "1997-05-19T09:00:00")]
    [InlineData("FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", "1997-05-12T09:00:00")]
    [InlineData("FREQ=YEARLY;BYMONTH=3;BYDAY=TH", "1997-03-13T09:00:00")]
    [InlineData("FREQ=YEARLY;BYDAY=TH;BYMONTH=6,7,8", "1997-06-05T09:00:00")]
    [InlineData("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", "1998-02-13T09:00:00")]
    [InlineData("FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13", "1997-09-13T09:00:00")]
    [InlineData("FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8", "1996-11-05T09:00:00")]
    [InlineData("FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3", "1997-09-04T09:00:00")]
    [InlineData("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2", "1997-09-29T09:00:00")]
    [InlineData("FREQ=HOURLY;INTERVAL=3;UNTIL=19970902T170000", "1997-09-02T09:00:00")]
    [InlineData("FREQ=MINUTELY;INTERVAL=15;COUNT=6", "1997-09-02T09:00:00")]
    [InlineData("FREQ=DAILY;BYHOUR=9,10,11,12,13,14,15,16;BYMINUTE=0,20,40", "1997-09-02T09:00:00")]
    [InlineData("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", "1997-08-05T09:00:00")]
    [InlineData("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", "1997-08-05T09:00:00")]
    [InlineData("FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5", "2007-01-15T09:00:00")]
    public void Examples_of_the_standard_are_the_same(string rule, string start)
    {
        var at = DateTime.Parse(start, System.Globalization.CultureInfo.InvariantCulture);
        Ours(rule, at, Compared).ShouldNotBeNull().ShouldBe(Theirs(rule, at));
    }

    [Fact]
    public void Random_rules_are_the_same()
    {
        var compared = 0;
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            var random = new Random(seed);
            var rule = Rule(random);
            var from = new DateTime(2020, 1, 1).AddDays(random.Next(3000)).AddMinutes(random.Next(48) * 30);
            // A start that the rule itself has: whether another one counts is told apart by no two programs alike.
            if (Ours(rule, from, 1) is not [var start]) return;
            if (random.Next(3) == 0) rule += $";COUNT={random.Next(1, 30)}";
            else if (random.Next(2) == 0 && !rule.Contains("=YEARLY", StringComparison.Ordinal) && !rule.Contains("=MONTHLY", StringComparison.Ordinal)) rule += $";UNTIL={start.AddDays(random.Next(1, 2000)):yyyyMMdd'T'HHmmss}";
            compared++;
            Ours(rule, start, Compared).ShouldNotBeNull().ShouldBe(Theirs(rule, start), $"{rule} from {start:s}");
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000).WithReplay(20261130, 1));
        compared.ShouldBeGreaterThan(800);
    }

    private static List<DateTime>? Ours(string rule, DateTime start, int most)
    {
        var terms = new ScheduleTerms { Rrule = rule, Start = start.ToString("yyyy-MM-dd'T'HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture) };
        if (!ScheduleTimes.TryCreate(terms, ZoneRules.Utc, "nightly/two", out var times, out _)) return null;
        return [.. times.After(new DateTimeOffset(start, TimeSpan.Zero).AddTicks(-1)).Take(most).Select(d => d.UtcDateTime).TakeWhile(d => d < Latest)];
    }

    private static List<DateTime> Theirs(string rule, DateTime start) =>
    [
        .. new CalendarEvent { Start = new CalDateTime(start), RecurrenceRule = new RecurrencePattern(rule) }.GetOccurrences(new CalDateTime(start))
            .Take(Compared).Select(o => o.Period.StartTime.Value).TakeWhile(d => d < Latest),
    ];

    private static string Rule(Random random)
    {
        string[] frequencies = ["YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY"], days = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
        var frequency = frequencies[random.Next(frequencies.Length)];
        var parts = new List<string> { $"FREQ={frequency}" };
        if (random.Next(2) == 0) parts.Add($"INTERVAL={random.Next(1, 5)}");
        var months = random.Next(3) == 0;
        if (months) parts.Add($"BYMONTH={Some(() => random.Next(1, 13))}");
        if (frequency == "YEARLY" && !months && random.Next(5) == 0) parts.Add($"BYYEARDAY={Some(() => Signed(366))}");
        else if (frequency != "WEEKLY" && (months || frequency != "YEARLY") && random.Next(4) == 0) parts.Add($"BYMONTHDAY={Some(() => Signed(31))}");
        var counts = frequency is "MONTHLY" or "YEARLY" && !parts.Exists(p => p.StartsWith("BYYEARDAY", StringComparison.Ordinal) || p.StartsWith("BYMONTHDAY", StringComparison.Ordinal));
        if (random.Next(3) == 0) parts.Add($"BYDAY={Some(() => $"{(counts && random.Next(2) == 0 ? $"{Signed(4)}" : "")}{days[random.Next(7)]}")}");
        if (random.Next(4) == 0) parts.Add($"BYHOUR={Some(() => random.Next(24))}");
        if (random.Next(5) == 0) parts.Add($"BYMINUTE={Some(() => random.Next(60))}");
        if (frequency is "MONTHLY" or "YEARLY" or "WEEKLY" && parts.Exists(p => p.StartsWith("BY", StringComparison.Ordinal)) && random.Next(5) == 0) parts.Add($"BYSETPOS={(random.Next(2) == 0 ? 1 : -1)}");
        if (frequency == "WEEKLY" && random.Next(3) == 0) parts.Add($"WKST={days[random.Next(7)]}");
        return string.Join(';', parts);

        int Signed(int most) => random.Next(1, most + 1) * (random.Next(3) == 0 ? -1 : 1);

        string Some<T>(Func<T> one) => string.Join(',', Enumerable.Range(0, random.Next(1, 4)).Select(_ => one()).Distinct());
    }
}
