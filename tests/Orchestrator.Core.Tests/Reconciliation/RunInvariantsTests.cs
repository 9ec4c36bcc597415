using Orchestrator.Core.Definitions;
using Orchestrator.Core.Reconciliation;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Tests.Runs;
using Orchestrator.Core.Tests.Runs.Replay;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Reconciliation;

public sealed class RunInvariantsTests
{
    public static TheoryData<string> Names => [.. GoldenRuns.All.Keys];

    [Theory, MemberData(nameof(Names))]
    public void They_hold_for_every_golden_run_and_for_each_beginning_of_it(string name)
    {
        var bench = GoldenRuns.All[name]();
        for (var n = 1; n <= bench.Events.Count; n++) RunInvariants.Of(bench.Id, bench.Events.GetRange(0, n)).ShouldBeEmpty();
    }

    [Fact]
    public void What_does_not_hold_is_named_with_both_values()
    {
        var bench = new Bench(A.Workflow(A.Task("a"), A.Task("b", "a"))).Begin().Succeed("a").Succeed("b");
        var end = bench.Events[^1];
        Told(bench, e => e with { Event = (WorkflowCompleted)e.Event with { Completed = 3 } }).ShouldBe(["completed in the terminal event: 2, 3"]);
        Told(bench, e => e with { Seq = 99 }).ShouldBe([$"seq of event {end.Seq}: {end.Seq}, 99"]);

        var twice = bench.Events.Append(end with { Seq = end.Seq + 1 }).ToList();
        Texts(RunInvariants.Of(bench.Id, twice)).ShouldContain("terminal events: 1, 2");
        Texts(RunInvariants.Of(bench.Id, twice)).ShouldContain($"events after the terminal one: none, workflow.completed at {end.Seq + 1}");

        var begun = bench.Events.First(e => e.Event is TaskStarted);
        var late = bench.Events.Take(bench.Events.Count - 1).Append(begun with { Seq = end.Seq }).ToList();
        Texts(RunInvariants.Of(bench.Id, late)).ShouldBe(["events of a after its end: none after completed, task.started", "starts of attempt 1 of a: 1, more"]);
        Texts(RunInvariants.Of(bench.Id, [.. bench.Events.Skip(1).Select((e, i) => e with { Seq = i + 1 })])).ShouldBe(["first event: workflow.created, workflow.queued"]);
    }

    [Fact]
    public void The_end_of_an_attempt_that_never_began_is_found()
    {
        var bench = new Bench(A.Workflow(A.Task("a") with { Retry = A.Retry(3) }, A.Task("b"))).Begin().Fail("a").RetryDue("a").Succeed("a").Succeed("b");
        List<string> Without(Func<RecordedEvent, bool> gone) => Texts(RunInvariants.Of(bench.Id, [.. bench.Events.Where(e => !gone(e)).Select((e, i) => e with { Seq = i + 1 })]));
        Without(e => e.Event is TaskStarted { Task: var t } && t == new TaskId("b")).ShouldBe(["start of attempt 1 of b, which has ended: 1, none"]);
        Without(e => e.Event is TaskStarted { Attempt: 2 }).ShouldBe(["start of attempt 2 of a, which has ended: 1, none"]);
        Without(e => e.Event is TaskRetrying).ShouldBe(["open attempts of a at the start of attempt 2: none, 1"]);
        Without(e => e.Event is TaskCompleted { Task: var t } && t == new TaskId("b")).ShouldBe(["total in the terminal event: 1, 2", "completed in the terminal event: 1, 2", "end of attempt 1 of b: 1, none"]);
    }

    [Fact]
    public void An_attempt_that_ends_twice_is_found()
    {
        var bench = new Bench(A.Workflow(A.Task("a") with { Retry = A.Retry(3) })).Begin().Fail("a");
        var again = bench.Events[^1];
        Texts(RunInvariants.Of(bench.Id, [.. bench.Events, again with { Seq = again.Seq + 1 }])).ShouldBe(["ends of attempt 1 of a: 1, more"]);
    }

    private static List<string> Told(Bench bench, Func<RecordedEvent, RecordedEvent> change) =>
        Texts(RunInvariants.Of(bench.Id, [.. bench.Events.Take(bench.Events.Count - 1), change(bench.Events[^1])]));

    private static List<string> Texts(IReadOnlyList<Difference> found) => [.. found.Select(d => $"{d.What}: {d.Journal}, {d.Found}")];
}
