using Orchestrator.Core.Definitions;
using Orchestrator.Core.Explanations;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules.Calendars;
using Orchestrator.Core.Schedules.Ledger;
using Orchestrator.Core.Schedules.Maintenance;
using Orchestrator.Core.Schedules.Rules;
using Orchestrator.Core.Schedules.Zones;
using Orchestrator.Core.Tests.Schedules;
using Orchestrator.Core.Tests.Schedules.Ledger;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Explanations;

public sealed class ScheduleExplanationTests
{
    private static ScheduleTimes? Compile(ScheduleTerms terms, string key) => ScheduleTimes.TryCreate(terms, ZoneRules.Utc, key, out var times, out _) ? times : null;

    private static Explanation Why(LedgerBench bench, string at, ScheduleDefinition? definition = null, bool? served = true, bool isPast = false, params RunFacts[] open) =>
        ScheduleExplanation.Of(new("nightly", "two", bench.Journal, Due.At(at), Compile)
        {
            Definition = definition ?? new() { Id = "two", Cron = "0 * * * *" }, IsServed = served, Service = served == false ? "The service is down." : "The service is up.", Open = open,
        }, Due.At(at), isPast);

    private static bool? Passes(Explanation why, string gate) => why.Gates.Single(g => g.Name == gate).Passes;

    private static LedgerBench Opened(string cron = "0 * * * *")
    {
        var bench = new LedgerBench();
        bench.Open(cron);
        return bench;
    }

    [Fact]
    public void A_pause_of_all_schedules_says_who_why_and_until_when()
    {
        var bench = Opened();
        var paused = new RecordedEvent(StreamId.AllSchedules, 1, Due.At("2026-01-01T00:10:00Z"), new SchedulesPaused("ann") { Reason = "upgrade", Until = Due.At("2026-01-01T03:00:00Z") });
        Explanation Paused(string at) => ScheduleExplanation.Of(new("nightly", "two", bench.Journal, Due.At(at), Compile)
        {
            Definition = new() { Id = "two", Cron = "0 * * * *" }, IsServed = true, Maintenance = MaintenanceState.Empty.Apply(paused),
        }, Due.At(at), isPast: false);
        Paused("2026-01-01T01:30:00Z").Gates.Single(g => g.Name == "decision").Sentence.ShouldBe("It was due at 2026-01-01 01:00:00Z, 30 min 0 s ago, and is decided when the pause of all schedules ends.");
        var why = Paused("2026-01-01T00:30:00Z");
        why.Status.ShouldBe("paused");
        why.Answer.ShouldStartWith("Schedule nightly/two: All schedules have been paused since 2026-01-01 00:10:00Z by ann until 2026-01-01 03:00:00Z: upgrade.");
        (Passes(why, "maintenance"), Passes(why, "pause")).ShouldBe((false, true));
        Passes(Why(bench, "2026-01-01T00:30:00Z"), "maintenance").ShouldBe(true);
    }

    [Fact]
    public void A_due_time_that_fired_names_its_run_and_the_next()
    {
        var bench = Opened();
        bench.TickAt("2026-01-01T01:00:00Z");
        bench.AcceptAll();
        var why = Why(bench, "2026-01-01T01:30:00Z");
        why.Status.ShouldBe("waiting");
        why.Answer.ShouldBe($"Schedule nightly/two: The due time 2026-01-01 01:00:00Z started run {LedgerBench.RunOf("2026-01-01T01:00:00Z")}. It is next due at 2026-01-01 02:00:00Z.");
        Passes(why, "dispatch").ShouldBe(true);
        why.Gates.ShouldAllBe(g => g.Passes != false);
    }

    [Fact]
    public void One_that_has_not_been_due_says_when_it_is()
    {
        var why = Why(Opened(), "2026-01-01T00:10:00Z");
        (why.Status, why.Answer).ShouldBe(("waiting", "Schedule nightly/two: It has not been due yet. It is next due at 2026-01-01 01:00:00Z."));
    }

    [Fact]
    public void A_pause_is_the_reason_with_who_and_why()
    {
        var bench = Opened();
        bench.Now = Due.At("2026-01-01T00:30:00Z");
        bench.Do(new LedgerInput.Pause("ann", "moving house"));
        var why = Why(bench, "2026-01-01T02:30:00Z");
        why.Status.ShouldBe("paused");
        why.Answer.ShouldStartWith("Schedule nightly/two: It has been paused since 2026-01-01 00:30:00Z by ann: moving house.");
        Passes(why, "pause").ShouldBe(false);
        Why(bench, "2026-01-01T00:20:00Z", isPast: true).Status.ShouldBe("waiting", "it was not paused then");
    }

    [Fact]
    public void A_due_time_of_a_pause_is_explained_by_what_was_decided_later()
    {
        var bench = Opened();
        bench.Now = Due.At("2026-01-01T00:30:00Z");
        bench.Do(new LedgerInput.Pause("ann", null));
        bench.Now = bench.AwakeSince = Due.At("2026-01-01T05:30:00Z");
        bench.Do(new LedgerInput.Resume("bob", null));
        var why = Why(bench, "2026-01-01T05:00:00Z", isPast: true);
        Passes(why, "decision").ShouldBe(false);
        why.Gates.Single(g => g.Name == "decision").Sentence.ShouldBe("5 due times from 2026-01-01 01:00:00Z to 2026-01-01 05:00:00Z started no run: the schedule was paused. Decided at 2026-01-01 05:30:00Z.");
    }

    [Fact]
    public void A_missed_due_time_names_the_misfire_and_the_catch_up()
    {
        var bench = Opened();
        bench.RestartAt("2026-01-01T02:30:00Z");
        bench.Open("0 * * * *");
        var why = Why(bench, "2026-01-01T02:40:00Z");
        why.Answer.ShouldContain("2 due times from 2026-01-01 01:00:00Z to 2026-01-01 02:00:00Z started no run: missed while the service was down");
        (Passes(why, "catch_up"), Passes(why, "decision")).ShouldBe((false, false));
        why.Gates.Single(g => g.Name == "catch_up").Value.ShouldBe("none");
    }

    [Fact]
    public void A_due_time_that_nobody_decides_is_told_by_the_service_that_is_down_or_as_overdue()
    {
        Why(Opened(), "2026-01-01T01:30:00Z", served: false).Status.ShouldBe("missed");
        Why(Opened(), "2026-01-01T01:30:00Z").Status.ShouldBe("overdue");
        Why(Opened(), "2026-01-01T01:00:10Z").Status.ShouldBe("deciding");
    }

    [Theory]
    [InlineData(OverlapRule.Skip, false, "blocked")]
    [InlineData(OverlapRule.Queue, false, "queued")]
    [InlineData(OverlapRule.Allow, true, "fired")]
    [InlineData(OverlapRule.Replace, true, "fired")]
    public void An_open_run_is_named_as_the_overlap_rule_treats_it(OverlapRule rule, bool passes, string entry)
    {
        var bench = Opened();
        var open = new RunFacts(LedgerBench.RunOf("2026-01-01T00:00:00Z"), "nightly", "default", RunStatus.Running) { Schedule = "two" };
        bench.Policy = new() { Overlap = rule };
        bench.OpenRuns.Add(open.Id);
        bench.TickAt("2026-01-01T01:00:00Z");
        var why = Why(bench, "2026-01-01T01:30:00Z", new() { Id = "two", Cron = "0 * * * *", Overlap = rule }, open: open);
        Passes(why, "overlap").ShouldBe(passes);
        why.Gates.Single(g => g.Name == "overlap").Facts.Single().Name.ShouldBe(open.Id.ToString());
        why.Gates.Single(g => g.Name == "decision").Value.ShouldBe($"schedule.{entry}");
        if (!passes) why.Answer.ShouldContain(open.Id.ToString());
    }

    [Theory]
    [InlineData("2026-12-25", true)]
    [InlineData("2026-12-24", false)]
    public void A_day_that_a_calendar_takes_away_names_the_calendar(string day, bool isExcluded)
    {
        var bench = new LedgerBench();
        bench.Open(new ScheduleTerms { Cron = "0 2 * * *", Exclude = [new DayCalendar { Weekdays = [DayOfWeek.Sunday] }, new DayCalendar { Yearly = [new(12, 25)] }] });
        var why = Why(bench, $"{day}T03:00:00Z", new() { Id = "two", Cron = "0 2 * * *", Exclude = ["sundays", "holidays"] });
        Passes(why, "calendar").ShouldBe(!isExcluded);
        if (!isExcluded) return;
        why.Status.ShouldBe("excluded");
        why.Answer.ShouldBe("Schedule nightly/two: It was not due at 2026-12-25 02:00:00Z: the excluded calendar 'holidays' excludes that day. It is next due at 2026-12-26 02:00:00Z.");
    }

    [Fact]
    public void One_that_is_off_says_since_when_and_one_that_never_was_on_too()
    {
        var bench = Opened();
        bench.Now = Due.At("2026-01-01T00:30:00Z");
        bench.Do(new LedgerInput.Close(IsRemoved: false));
        var off = Why(bench, "2026-01-01T02:00:00Z", new() { Id = "two", Cron = "0 * * * *", Enabled = false });
        (off.Status, Passes(off, "definition"), Passes(off, "in_force")).ShouldBe(("disabled", false, false));
        off.Answer.ShouldContain("not been in force since 2026-01-01 00:30:00Z: it was disabled");
        Why(bench, "2026-01-01T00:10:00Z", isPast: true).Status.ShouldBe("waiting");
        Why(new LedgerBench(), "2026-01-01T02:00:00Z").Answer.ShouldContain("It was never in force");
    }

    [Fact]
    public void A_refused_run_says_why()
    {
        var bench = Opened();
        bench.TickAt("2026-01-01T01:00:00Z");
        bench.Do(new LedgerInput.Refused(LedgerBench.RunOf("2026-01-01T01:00:00Z"), "region is required"));
        var why = Why(bench, "2026-01-01T01:30:00Z");
        Passes(why, "dispatch").ShouldBe(false);
        why.Answer.ShouldContain("was refused: region is required.");
    }

    [Fact]
    public void One_whose_end_has_passed_is_over()
    {
        var bench = new LedgerBench();
        bench.Open(new ScheduleTerms { Cron = "0 * * * *", End = "2026-01-01T01:00:00Z" });
        bench.TickAt("2026-01-01T01:00:00Z");
        var why = Why(bench, "2026-01-01T05:00:00Z");
        (why.Status, Passes(why, "start_and_end"), Passes(why, "rule")).ShouldBe(("over", false, false));
    }

    [Fact]
    public void A_dense_rule_is_searched_backwards_quickly_and_exactly()
    {
        var bench = Opened("* * * * * *");
        bench.Now = bench.AwakeSince = Due.At("2026-01-09T00:00:00Z");
        Why(bench, "2026-06-01T00:00:00.5Z", served: false).Gates.Single(g => g.Name == "decision").Sentence.ShouldStartWith("It was due at 2026-06-01 00:00:00Z");
    }
}
