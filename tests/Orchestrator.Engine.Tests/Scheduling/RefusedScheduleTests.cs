using System.Collections.Immutable;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules.Calendars;
using Orchestrator.Core.Schedules.Ledger;
using Shouldly;
using Xunit;
using static Orchestrator.Engine.Tests.Scheduling.SchedulingBench;

namespace Orchestrator.Engine.Tests.Scheduling;

/// <summary>Schedules that are wrong: the others fire, what was last good stays in force, and each is told once with its place.</summary>
public sealed class RefusedScheduleTests : IDisposable
{
    private readonly SchedulingBench _bench = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("orc-refused-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_schedule_that_is_wrong_from_the_start_fires_once_it_is_mended()
    {
        (await _bench.Apply(WithWrong(Schedule("other", "0 * * * *")))).ShouldBeTrue();
        await _bench.PassTo("2026-01-01T01:30:00Z");
        _bench.Fired.ShouldBe(["other 2026-01-01T01:00:00Z"]);
        _bench.Refused.ShouldHaveSingleItem().ShouldBe(new ScheduleRefused("nightly", "two", "nightly.yaml", 3, 7, "ORC125 'EST' is an abbreviation."));
        await _bench.Apply(WithWrong(Schedule("other", "0 * * * *")) with { Owner = "me" });
        _bench.Refused.Count.ShouldBe(1);
        await _bench.Apply(Workflow("nightly", Schedule("other", "0 * * * *"), Schedule("two", "0 2 * * *")));
        await _bench.PassTo("2026-01-01T02:00:00Z");
        _bench.Fired.Skip(1).Order().ShouldBe(["other 2026-01-01T02:00:00Z", "two 2026-01-01T02:00:00Z"]);
    }

    [Fact]
    public async Task An_edit_that_makes_it_wrong_leaves_its_last_good_version_in_force()
    {
        await _bench.Apply(Workflow("nightly", Schedule("two", "0 2 * * *")));
        await _bench.Apply(WithWrong(Schedule("other", "0 * * * *")));
        await _bench.PassTo("2026-01-01T02:00:00Z");
        _bench.Fired.Order().ShouldBe(["other 2026-01-01T01:00:00Z", "other 2026-01-01T02:00:00Z", "two 2026-01-01T02:00:00Z"]);
        _bench.Ledger().ShouldBe(["Enabled 01T00:00", "fired 01T02:00", "dispatched 01T02:00"]);
    }

    [Fact]
    public async Task A_restart_with_a_schedule_that_is_wrong_ends_it_for_no_time()
    {
        var schedule = Schedule("two", "0 * * * *") with { Catchup = new(CatchUpPolicy.Latest) };
        await _bench.Apply(Workflow("nightly", schedule));
        _bench.Restart();
        await _bench.Apply(WithWrong());
        await _bench.PassTo("2026-01-01T03:30:00Z");
        _bench.Ledger().ShouldBe(["Enabled 01T00:00"]);
        await _bench.Apply(Workflow("nightly", schedule));
        _bench.Ledger().Take(3).ShouldBe(["Enabled 01T00:00", "skipped 01T01:00 x2 superseded", "caught_up 01T03:00"]);
    }

    [Fact]
    public async Task One_that_is_wrong_again_is_told_again()
    {
        await _bench.Apply(WithWrong());
        await _bench.Apply(Workflow("nightly", Schedule("two", "0 2 * * *")));
        await _bench.Apply(WithWrong());
        _bench.Refused.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData(null, "does not exist or is no regular file")]
    [InlineData("<html>Not found</html>", "it has no BEGIN:VCALENDAR")]
    [InlineData("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:soon\n", "line 3: DTSTART 'soon' is not a date")]
    [InlineData("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260101\n", "The file ends early")]
    public async Task A_calendar_file_that_is_missing_or_broken_is_told_with_the_schedules_place_and_looked_at_again(string? text, string words)
    {
        var file = Path.Combine(_folder, "holidays.ics");
        if (text is not null) await File.WriteAllTextAsync(file, text);
        var workflow = Workflow("nightly", Schedule("two", "0 * * * *") with { Exclude = ["holidays"], Span = new("nightly.yaml", 3, 5) }, Schedule("other", "0 * * * *")) with
        {
            BaseDir = _folder,
            Calendars = Calendars("holidays", new() { Ics = "holidays.ics" }),
        };
        (await _bench.Apply(workflow)).ShouldBeFalse();
        (await _bench.Apply(workflow)).ShouldBeFalse();
        await _bench.PassTo("2026-01-01T01:00:00Z");
        _bench.Fired.ShouldBe(["other 2026-01-01T01:00:00Z"]);
        var refused = _bench.Refused.ShouldHaveSingleItem();
        (refused.ScheduleId, refused.File, refused.Line, refused.Column).ShouldBe(("two", "nightly.yaml", 3, 5));
        refused.Error.ShouldContain(words);
        refused.Error.ShouldContain("calendar 'holidays'");

        await File.WriteAllTextAsync(file, "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20260102\nEND:VEVENT\nEND:VCALENDAR\n");
        (await _bench.Apply(workflow)).ShouldBeTrue();
        await _bench.PassTo("2026-01-01T02:00:00Z");
        _bench.Fired.ShouldContain("two 2026-01-01T02:00:00Z");
    }

    private static WorkflowDefinition WithWrong(params ScheduleDefinition[] others) => Workflow("nightly", others) with
    {
        RefusedSchedules = [new("two", [new(ProblemCodes.BadSchedule, "'EST' is an abbreviation.", "", new("nightly.yaml", 3, 7))])],
    };

    private static ImmutableSortedDictionary<string, DayCalendar> Calendars(string name, DayCalendar calendar) =>
        ImmutableSortedDictionary<string, DayCalendar>.Empty.Add(name, calendar);
}
