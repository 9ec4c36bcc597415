using System.Globalization;
using Orchestrator.Core.Schedules.Rules;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Schedules;

/// <summary>The examples of RFC 5545, 3.8.5.3, in its order: local times, from 2 September 1997, 09:00, where none is said.</summary>
public sealed class RecurrenceTests
{
    [Theory]
    [InlineData("FREQ=DAILY;COUNT=10", "0902 0903 0904 0905 0906 0907 0908 0909 0910 0911 .")]
    [InlineData("FREQ=DAILY;UNTIL=19970906T090000", "0902 0903 0904 0905 0906 .")]
    [InlineData("FREQ=DAILY;INTERVAL=2", "0902 0904 0906 0908")]
    [InlineData("FREQ=DAILY;INTERVAL=10;COUNT=5", "0902 0912 0922 1002 1012 .")]
    [InlineData("FREQ=WEEKLY;COUNT=10", "0902 0909 0916 0923 0930 1007 1014 1021 1028 1104 .")]
    [InlineData("FREQ=WEEKLY;INTERVAL=2;WKST=SU", "0902 0916 0930 1014 1028 1111 1125 1209 1223 980106")]
    [InlineData("FREQ=WEEKLY;COUNT=10;WKST=SU;BYDAY=TU,TH", "0902 0904 0909 0911 0916 0918 0923 0925 0930 1002 .")]
    [InlineData("FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH", "0902 0904 0916 0918 0930 1002 1014 1016 .")]
    [InlineData("FREQ=MONTHLY;BYMONTHDAY=-3", "0928 1029 1128 1229 980129 980226")]
    [InlineData("FREQ=MONTHLY;COUNT=10;BYMONTHDAY=2,15", "0902 0915 1002 1015 1102 1115 1202 1215 980102 980115 .")]
    [InlineData("FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3", "0904 1007 1106 .")]
    [InlineData("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2", "0929 1030 1127 1230 980129 980226 980330")]
    [InlineData("FREQ=MONTHLY;BYDAY=TU", "0902 0909 0916 0923 0930 1007 1014")]
    [InlineData("FREQ=MONTHLY;INTERVAL=2;BYDAY=TU", "0902 0909 0916 0923 0930 1104 1111 1118 1125 980106")]
    [InlineData("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", "980213 980313 981113 990813 001013")]
    [InlineData("FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8", "1104 011106 051108")]
    [InlineData("FREQ=YEARLY;BYMONTH=9;BYDAY=2TU", "0909 980908 990914")]
    public void Examples_from_the_second_of_September(string rule, string days) => Check(rule, "1997-09-02T09:00:00", days);

    [Theory]
    [InlineData("FREQ=YEARLY;BYMONTH=1;BYDAY=SU,MO,TU,WE,TH,FR,SA;UNTIL=19980103T090000", "1998-01-01T09:00:00", "980101 980102 980103 .")]
    [InlineData("FREQ=MONTHLY;COUNT=10;BYDAY=1FR", "1997-09-05T09:00:00", "0905 1003 1107 1205 980102 980206 980306 980403 980501 980605 .")]
    [InlineData("FREQ=MONTHLY;UNTIL=19971224T000000;BYDAY=1FR", "1997-09-05T09:00:00", "0905 1003 1107 1205 .")]
    [InlineData("FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU", "1997-09-07T09:00:00", "0907 0928 1102 1130 980104 980125 980301 980329 980503 980531 .")]
    [InlineData("FREQ=MONTHLY;COUNT=6;BYDAY=-2MO", "1997-09-22T09:00:00", "0922 1020 1117 1222 980119 980216 .")]
    [InlineData("FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1", "1997-09-30T09:00:00", "0930 1001 1031 1101 1130 1201 1231 980101 980131 980201 .")]
    [InlineData("FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11,12,13,14,15", "1997-09-10T09:00:00", "0910 0911 0912 0913 0914 0915 990310 990311 990312 990313 .")]
    [InlineData("FREQ=YEARLY;COUNT=10;BYMONTH=6,7", "1997-06-10T09:00:00", "0610 0710 980610 980710 990610 990710 000610 000710 010610 010710 .")]
    [InlineData("FREQ=YEARLY;INTERVAL=2;COUNT=10;BYMONTH=1,2,3", "1997-03-10T09:00:00", "0310 990110 990210 990310 010110 010210 010310 030110 030210 030310 .")]
    [InlineData("FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200", "1997-01-01T09:00:00", "0101 0410 0719 000101 000409 000718 030101 030410 030719 060101 .")]
    [InlineData("FREQ=YEARLY;BYDAY=20MO", "1997-05-19T09:00:00", "0519 980518 990517")]
    [InlineData("FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", "1997-05-12T09:00:00", "0512 980511 990517")]
    [InlineData("FREQ=YEARLY;BYMONTH=3;BYDAY=TH", "1997-03-13T09:00:00", "0313 0320 0327 980305 980312 980319 980326 990304")]
    [InlineData("FREQ=YEARLY;BYDAY=TH;BYMONTH=6,7,8", "1997-06-05T09:00:00", "0605 0612 0619 0626 0703 0710 0717 0724 0731 0807 0814 0821 0828 980604")]
    [InlineData("FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13", "1997-09-13T09:00:00", "0913 1011 1108 1213 980110 980207 980307 980411 980509 980613")]
    [InlineData("FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8", "1996-11-05T09:00:00", "961105 001107 041102")]
    [InlineData("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", "1997-08-05T09:00:00", "0805 0810 0819 0824 .")]
    [InlineData("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", "1997-08-05T09:00:00", "0805 0817 0819 0831 .")]
    [InlineData("FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5", "2007-01-15T09:00:00", "070115 070130 070215 070315 070330 .")]
    // Where others clamp, throw or count wrong.
    [InlineData("FREQ=MONTHLY", "2026-01-31T09:00:00", "260131 260331 260531 260731 260831")]
    [InlineData("FREQ=YEARLY", "2024-02-29T09:00:00", "240229 280229 320229")]
    [InlineData("FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO", "2020-01-01T09:00:00", "201228 261228 321227")]
    [InlineData("FREQ=YEARLY;BYWEEKNO=-1", "2020-01-06T09:00:00", "201228 211227 221226")]
    [InlineData("FREQ=YEARLY;BYYEARDAY=-1", "2020-01-01T09:00:00", "201231 211231")]
    [InlineData("FREQ=DAILY;INTERVAL=3;BYMONTH=1", "2026-01-01T09:00:00", "260101 260104 260107 260110 260113 260116 260119 260122 260125 260128 260131 270102")]
    public void Examples_with_a_start_of_their_own(string rule, string start, string days) => Check(rule, start, days);

    [Theory]
    [InlineData("FREQ=HOURLY;INTERVAL=3;UNTIL=19970902T170000", "02T09:00 02T12:00 02T15:00 .")]
    [InlineData("FREQ=MINUTELY;INTERVAL=15;COUNT=6", "02T09:00 02T09:15 02T09:30 02T09:45 02T10:00 02T10:15 .")]
    [InlineData("FREQ=MINUTELY;INTERVAL=90;COUNT=4", "02T09:00 02T10:30 02T12:00 02T13:30 .")]
    [InlineData("FREQ=MINUTELY;INTERVAL=20;BYHOUR=9,10,11,12,13,14,15,16", "02T09:00 02T09:20 02T09:40 02T10:00")]
    [InlineData("FREQ=DAILY;BYHOUR=9,16;BYMINUTE=0,40", "02T09:00 02T09:40 02T16:00 02T16:40 03T09:00")]
    [InlineData("FREQ=DAILY;BYHOUR=9,10,11;BYSETPOS=1,-1", "02T09:00 02T11:00 03T09:00")]
    [InlineData("FREQ=HOURLY;BYMINUTE=10,20,30;BYSETPOS=-1", "02T09:30 02T10:30")]
    [InlineData("FREQ=WEEKLY;BYDAY=MO,FR;BYHOUR=8,20;BYSETPOS=2,3", "05T08:00 08T20:00 12T08:00 15T20:00")]
    public void Examples_by_the_hour(string rule, string times)
    {
        var wanted = times.Split(' ');
        From(rule, "1997-09-02T09:00:00").Take(wanted.Length).Select(t => t.ToString("dd'T'HH:mm", CultureInfo.InvariantCulture))
            .Concat(wanted[^1] == "." ? ["."] : []).ShouldBe(wanted);
    }

    [Fact]
    public void Twenty_minutes_of_working_hours_are_the_same_by_day_and_by_minute()
    {
        var days = From("FREQ=DAILY;BYHOUR=9,10,11,12,13,14,15,16;BYMINUTE=0,20,40", "1997-09-02T09:00:00").Take(500);
        From("FREQ=MINUTELY;INTERVAL=20;BYHOUR=9,10,11,12,13,14,15,16", "1997-09-02T09:00:00").Take(500).ShouldBe(days);
    }

    [Theory]
    [InlineData("FREQ=FORTNIGHTLY", "rrule FREQ 'FORTNIGHTLY' is not a frequency: use SECONDLY, MINUTELY, HOURLY, DAILY, WEEKLY, MONTHLY or YEARLY.")]
    [InlineData("INTERVAL=2", "rrule has no FREQ: write FREQ=DAILY, WEEKLY, MONTHLY, YEARLY, HOURLY, MINUTELY or SECONDLY.")]
    [InlineData("FREQ=DAILY;COUNT=3;UNTIL=20300101", "rrule has both COUNT and UNTIL: keep one.")]
    [InlineData("FREQ=DAILY;BYHOUR=24", "rrule BYHOUR '24' is out of range (0-23).")]
    [InlineData("FREQ=MONTHLY;BYMONTHDAY=0", "rrule BYMONTHDAY '0' is out of range (1-31, or -31 to -1 from the end).")]
    [InlineData("FREQ=WEEKLY;BYDAY=2MO", "rrule BYDAY with a number needs FREQ=MONTHLY or YEARLY without BYWEEKNO.")]
    [InlineData("FREQ=MONTHLY;BYWEEKNO=3", "rrule BYWEEKNO needs FREQ=YEARLY.")]
    [InlineData("FREQ=DAILY;BYSETPOS=1", "rrule BYSETPOS needs another BY... part to choose from.")]
    [InlineData("FREQ=DAILY;BYEASTER=1", "rrule 'BYEASTER' is not a part: use FREQ, INTERVAL, COUNT, UNTIL, BYSECOND, BYMINUTE, BYHOUR, BYDAY, BYMONTHDAY, BYYEARDAY, BYWEEKNO, BYMONTH, BYSETPOS, WKST.")]
    [InlineData("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "rrule 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30' never fires: no time from 1997-09-02T09:00:00 on matches it.")]
    [InlineData("DTSTART:19970902T090000\nRRULE:FREQ=DAILY", "rrule holds more than one rule: write one RRULE, and its first time under `start`.")]
    public void A_wrong_rule_is_refused_in_plain_words(string rule, string expected)
    {
        Recurrence.TryParse(rule, Start("1997-09-02T09:00:00"), out _, out var error).ShouldBeFalse();
        error.ShouldBe(expected);
    }

    [Fact]
    public void The_prefix_of_a_calendar_file_may_stay() => From("RRULE:FREQ=DAILY", "2026-01-01T00:00:00").First().ShouldBe(Start("2026-01-01T00:00:00"));

    private static void Check(string rule, string start, string days)
    {
        var wanted = days.Split(' ');
        var actual = From(rule, start).Take(wanted.Length).ToArray();
        actual.ShouldAllBe(t => t.TimeOfDay == TimeSpan.FromHours(9));
        actual.Select(t => t.ToString(t.Year == Start(start).Year && wanted[0].Length == 4 ? "MMdd" : "yyMMdd", CultureInfo.InvariantCulture))
            .Concat(wanted[^1] == "." ? ["."] : []).ShouldBe(wanted.Select(w => w));
    }

    private static DateTime Start(string text) => DateTime.Parse(text, CultureInfo.InvariantCulture);

    private static IEnumerable<DateTime> From(string rule, string start)
    {
        if (!Recurrence.TryParse(rule, Start(start), out var parsed, out var error)) throw new FormatException(error);
        for (var next = parsed.After(Start(start).AddTicks(-1)); next is { } at; next = parsed.After(at)) yield return at;
    }
}
