using Orchestrator.Core.Schedules.Rules;
using Orchestrator.Core.Schedules.Simulation;
using Orchestrator.Core.Schedules.Zones;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Schedules.Simulation;

/// <summary>What clocks do to due times, in Helsinki: on 29 March 2026 03:00 to 04:00 is left out, on 25 October it comes twice.</summary>
public sealed class ClockEffectTests
{
    private static readonly DstRule Skip = new(GapRule.Skip, OverlapPass.First), Both = new(GapRule.Shift, OverlapPass.Both), Last = new(GapRule.Shift, OverlapPass.Last);

    public static TheoryData<string, DstRule, string, string> Rules => new()
    {
        { "30 3 * * *", default, "01:00 shifted", "00:30 first_pass" },
        { "30 3 * * *", Skip, "01:00 left_out", "00:30 first_pass" },
        { "30 3 * * *", Both, "01:00 shifted", "00:30 first_pass|01:30 last_pass" },
        { "30 3 * * *", Last, "01:00 shifted", "01:30 last_pass" },
        { "0 4 * * *", default, "01:00 none", "02:00 none" },
        { "0 4 * * *", Skip, "01:00 none", "02:00 none" },
        { "*/30 3 * * *", Skip, "", "00:00 first_pass|00:30 first_pass|01:00 last_pass|01:30 last_pass" },
    };

    [Theory]
    [MemberData(nameof(Rules))]
    public void Each_due_time_says_what_the_clocks_did(string cron, DstRule dst, string spring, string autumn)
    {
        var terms = new ScheduleTerms { Cron = cron, Timezone = "Europe/Helsinki", Dst = dst };
        var effects = new ClockEffects(terms, Due.Zone(terms.Timezone), "nightly/two", Due.Times(terms));
        On("2026-03-28T22:00Z").ShouldBe(spring.Split('|', StringSplitOptions.RemoveEmptyEntries));
        On("2026-10-24T22:00Z").ShouldBe(autumn.Split('|', StringSplitOptions.RemoveEmptyEntries));

        string[] On(string from)
        {
            var (begin, end) = (Due.At(from).AddHours(-1), Due.At(from).AddHours(20));
            return [.. Due.Times(terms).After(begin).TakeWhile(d => d <= end).Select(d => (At: d, Effect: effects.Of(d)))
                .Concat(effects.LeftOut(begin, end).Select(d => (At: d, Effect: ClockEffect.LeftOut))).OrderBy(d => d.At).Select(d => $"{d.At:HH:mm} {Words.Of(d.Effect)}")];
        }
    }

    [Fact]
    public void A_period_does_not_follow_the_clocks()
    {
        var terms = new ScheduleTerms { Every = TimeSpan.FromHours(1), Timezone = "Europe/Helsinki" };
        var effects = new ClockEffects(terms, Due.Zone(terms.Timezone), "nightly/two", Due.Times(terms));
        Due.Times(terms).After(Due.At("2026-10-24T00:00Z")).Take(72).ShouldAllBe(d => effects.Of(d) == ClockEffect.None);
    }
}
