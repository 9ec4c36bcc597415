using Orchestrator.Core.Definitions;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Definitions;

/// <summary>A schedule that is wrong among others: the definition does not pass, and what is right of it can be in force.</summary>
public sealed class PartialReadingTests
{
    private const string Tasks = "tasks: [{id: a, noop: true}]\n";

    [Theory]
    [InlineData("{id: bad, cron: '99 2 * * *'}", "bad 4:21 ORC125")]
    [InlineData("{id: bad, cron: '@daily', timezone: Middle/Earth}", "bad 4:41 ORC125")]
    [InlineData("{id: bad, cron: '0 0 30 2 *'}", "bad 4:21 ORC125")]
    [InlineData("{id: good, cron: '@daily'}", "good 4:10 ORC120")]
    [InlineData("{id: bad, every: 5m, jitter: 6m}", "bad 4:34 ORC125")]
    [InlineData("{id: bad, cron: '@daily', catchup: all}", "bad 4:40 ORC112")]
    [InlineData("{id: bad, cron: '@daily', calendars: {exclude: nowhere}}", "bad 4:52 ORC125")]
    [InlineData("{id: bad, cron: '@daily', calendars: {only: broken}}", "bad 2:30 ORC125")]
    [InlineData("{id: bad, cron: '@daily', params: {n: 1}}", "bad 4:40 ORC126")]
    [InlineData("{id: bad, cron: '@daily', evry: 5m}", "bad 4:31 ORC110")]
    [InlineData("{id: bad}", "bad 4:5 ORC112")]
    [InlineData("{id: 'b a d', cron: '@daily'}", "- 4:10 ORC113")]
    [InlineData("{cron: '@daily'}", "- 4:5 ORC112")]
    [InlineData("nightly", "- 4:5 ORC111")]
    public void The_others_of_its_file_are_usable(string schedule, string refused)
    {
        var read = Read($"name: a\ncalendars: {{broken: {{dates: [2026-02-30]}}}}\nschedules: [{{id: good, cron: '@hourly'}},\n    {schedule},\n  {{id: other, cron: '@daily'}}]\n{Tasks}");
        read.Workflow.ShouldBeNull();
        var usable = read.Usable.ShouldNotBeNull();
        usable.Schedules.Select(s => s.Id).ShouldBe(["good", "other"]);
        usable.Calendars.ShouldBeEmpty();
        var wrong = usable.RefusedSchedules.ShouldHaveSingleItem();
        var first = wrong.Problems[0];
        $"{wrong.Id ?? "-"} {first.At.Line}:{first.At.Column} {first.Code}".ShouldBe(refused);
    }

    [Theory]
    [InlineData("schedules: 5")]
    [InlineData("schedules: [{id: bad, cron: nonsense}]\nmax_parallel: 0")]
    [InlineData("schedules: [{id: bad, cron: nonsense}]\nparams: {n: {type: int}}")]
    public void Where_more_is_wrong_nothing_is_usable(string keys) => Read($"name: a\n{keys}\n{Tasks}").Usable.ShouldBeNull();

    [Fact]
    public void A_calendar_that_is_wrong_does_not_concern_schedules_without_it()
    {
        var usable = Read($"name: a\ncalendars: {{c: {{yearly: [13-01]}}, d: {{weekdays: [sat]}}}}\nschedules: [{{id: s, cron: '@daily', calendars: {{exclude: d}}}}]\n{Tasks}").Usable.ShouldNotBeNull();
        usable.Schedules.ShouldHaveSingleItem().Exclude.ShouldBe(["d"]);
        usable.RefusedSchedules.ShouldBeEmpty();
        usable.Calendars.Keys.ShouldBe(["d"]);
    }

    [Fact]
    public void The_documents_of_one_file_do_not_spoil_each_other()
    {
        var text = $"name: a\nschedules: [{{id: bad, cron: nonsense}}, {{id: s, cron: '@daily'}}]\n{Tasks}---\nname: b\n{Tasks}---\nname: a\n{Tasks}";
        var read = DefinitionReader.ReadAll(System.Text.Encoding.UTF8.GetBytes(text), "w.yaml");
        read.Select(r => r.Usable?.Name).ShouldBe(["a", "b", null]);
        read[0].Problems.ShouldHaveSingleItem();
    }

    private static ReadResult Read(string text) => DefinitionReader.Read(text, "w.yaml");
}
