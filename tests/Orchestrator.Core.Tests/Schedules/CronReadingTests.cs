using Orchestrator.Core.Schedules.Rules;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Schedules;

public sealed class CronReadingTests
{
    [Theory]
    [InlineData("* * * * *")]
    [InlineData("  0   2 *  * 1-5 ")]
    [InlineData("0 0 1,15 * 7")]
    [InlineData("0 0 * jan-mar mon,Wed")]
    [InlineData("0 0 * * FRI-SUN")]
    [InlineData("5/15 8-18/2 * * *")]
    [InlineData("0 0 2 * * ?")]
    [InlineData("0 0 22-2 ? * FRI-MON")]
    [InlineData("0 0 12 L * ?")]
    [InlineData("0 0 12 L-3,LW,LW-2,15W,L-3W * ?")]
    [InlineData("0 0 12 ? * 6#3,FRIL,2L,L")]
    [InlineData("0 0 12 1 1 ? 2027-2030/2,2040")]
    [InlineData("@hourly")]
    [InlineData("@Daily")]
    [InlineData("@midnight")]
    [InlineData("@weekly")]
    [InlineData("@monthly")]
    [InlineData("@yearly")]
    [InlineData("@annually")]
    [InlineData("@reboot")]
    [InlineData("0 0 * JUL WED")]
    public void A_rule_is_read_and_keeps_its_text(string text)
    {
        CronRule.TryParse(text, out var rule, out var error).ShouldBeTrue(error);
        rule!.Text.ShouldBe(text.Trim());
    }

    [Theory]
    [InlineData("61 * * * *", "minute '61' is out of range: allowed 0-59.")]
    [InlineData("0 24 * * *", "hour '24' is out of range: allowed 0-23.")]
    [InlineData("0 0 0 * *", "day-of-month '0' is out of range: allowed 1-31.")]
    [InlineData("0 0 * 13 *", "month '13' is out of range: allowed 1-12 or JAN-DEC.")]
    [InlineData("0 0 * FOO *", "month 'FOO' is not a value: allowed 1-12 or JAN-DEC.")]
    [InlineData("0 0 * * 8", "day-of-week '8' is out of range: allowed 0-7 or SUN-SAT.")]
    [InlineData("0 0 12 ? * 0", "day-of-week '0' is out of range: allowed 1-7 or SUN-SAT.")]
    [InlineData("60 0 0 * * ?", "second '60' is out of range: allowed 0-59.")]
    [InlineData("0 0 0 1 1 ? 1969", "year '1969' is out of range: allowed 1970-2199.")]
    [InlineData("*/0 * * * *", "minute '*/0': the step must be 1-59.")]
    [InlineData("*/60 * * * *", "minute '*/60': the step must be 1-59.")]
    [InlineData("* */24 * * *", "hour '*/24': the step must be 1-23.")]
    [InlineData("30-10 * * * *", "minute '30-10': the range begins after it ends; allowed 0-59, smaller first.")]
    [InlineData("-5 * * * *", "minute '-5' is not a value: allowed 0-59.")]
    [InlineData("1,,2 * * * *", "minute '' is not a value: allowed 0-59.")]
    [InlineData("0 0 L * *", "day-of-month 'L' and day-of-week '*': 'L' belongs to the form with seconds. Put the second first (6 fields, such as '0 0 12 L * ?', where weekday 1 is Sunday); in 5 fields '*' is any day.")]
    [InlineData("0 0 15W * *", "day-of-month '15W' and day-of-week '*': 'W' belongs to the form with seconds. Put the second first (6 fields, such as '0 0 12 L * ?', where weekday 1 is Sunday); in 5 fields '*' is any day.")]
    [InlineData("0 0 * * FRI#3", "day-of-month '*' and day-of-week 'FRI#3': '#' belongs to the form with seconds. Put the second first (6 fields, such as '0 0 12 L * ?', where weekday 1 is Sunday); in 5 fields '*' is any day.")]
    [InlineData("0 0 * * 5L", "day-of-month '*' and day-of-week '5L': 'L' belongs to the form with seconds. Put the second first (6 fields, such as '0 0 12 L * ?', where weekday 1 is Sunday); in 5 fields '*' is any day.")]
    [InlineData("0 0 ? * MON", "day-of-month '?' and day-of-week 'MON': '?' belongs to the form with seconds. Put the second first (6 fields, such as '0 0 12 L * ?', where weekday 1 is Sunday); in 5 fields '*' is any day.")]
    [InlineData("0 0 12 L-31 * ?", "day-of-month 'L-31' is not a value: allowed L, LW, and L or LW less 1-30 days, such as L-3.")]
    [InlineData("0 0 12 ? * 6#6", "day-of-week '6#6': behind # stands which one of the month, 1-5.")]
    [InlineData("0 0 12 ? * ?", "day-of-month and day-of-week are both '?': at most one of them can be left open so; write '*' in the other.")]
    [InlineData("@noon", "'@noon' is not a macro: use @hourly, @daily, @midnight, @weekly, @monthly, @yearly, @annually, @reboot.")]
    [InlineData("0 0 30 2 *", "'0 0 30 2 *' never fires: no date matches its day-of-month, month, day-of-week and year.")]
    [InlineData("0 0 31 4,6,9,11 *", "'0 0 31 4,6,9,11 *' never fires: no date matches its day-of-month, month, day-of-week and year.")]
    [InlineData("0 0 0 ? 2 2#5 2027", "'0 0 0 ? 2 2#5 2027' never fires: no date matches its day-of-month, month, day-of-week and year.")]
    public void A_wrong_value_is_named_with_its_field_and_what_is_allowed(string text, string expected)
    {
        CronRule.TryParse(text, out var rule, out var error).ShouldBeFalse();
        rule.ShouldBeNull();
        error.ShouldBe(expected);
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("* * * *")]
    [InlineData("* * * * * * * *")]
    [InlineData("0 9 ? * MON")]
    [InlineData("99999999999999999999 * * * *")]
    [InlineData("* * * * * W")]
    [InlineData("0 0 0 W * ?")]
    [InlineData("0 0 0 LX * ?")]
    [InlineData("0 0 0 L-W * ?")]
    [InlineData("a-b * * * *")]
    [InlineData("1-2-3 * * * *")]
    [InlineData("1/2/3 * * * *")]
    public void Nonsense_is_refused_with_a_reason(string text)
    {
        CronRule.TryParse(text, out _, out var error).ShouldBeFalse();
        error.ShouldNotBeNullOrWhiteSpace();
    }

    [Fact]
    public void Endless_text_is_refused_without_repeating_it()
    {
        CronRule.TryParse(new string('1', 100_000), out _, out var error).ShouldBeFalse();
        error!.Length.ShouldBeLessThan(200);
    }
}
