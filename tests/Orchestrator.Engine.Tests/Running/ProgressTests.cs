using Orchestrator.Core.Runs;
using Orchestrator.Engine.Executors;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Running;

/// <summary>How far an attempt is: told often, journaled seldom, and never falsely.</summary>
public sealed class ProgressTests
{
    [Fact]
    public async Task The_first_is_journaled_at_once_then_one_a_second_the_latest_and_the_last_before_the_end()
    {
        await using var rig = new Rig();
        var (id, end) = await rig.StartAsync(Rig.Flow(Rig.Task("a")));
        var a = await rig.Gate.NextAsync();
        var progress = a.Attempt.Progress!;

        var first = rig.NextAsync<TaskProgress>();
        progress.Report("1", 1);
        (await first).Message.ShouldBe("1");

        var second = rig.NextAsync<TaskProgress>();
        for (var i = 2; i <= 1000; i++) progress.Report($"{i}", i);
        rig.Clock.Advance(AttemptProgress.Interval);
        (await second).ShouldBe(new TaskProgress(new("a"), 1, "1000", 100));

        progress.Report("nearly", 99);
        progress.Report("done", 100);
        a.Succeed();
        (await end).ShouldBeOfType<WorkflowCompleted>();
        progress.Report("too late", 100);
        var told = (await rig.EventsAsync(id)).Select(e => e.Event).ToList();
        told.OfType<TaskProgress>().Select(p => p.Message).ShouldBe(["1", "1000", "done"]);
        told.FindIndex(e => e is TaskProgress { Message: "done" }).ShouldBeLessThan(told.FindIndex(e => e is TaskCompleted));
    }

    [Fact]
    public async Task A_quiet_second_opens_the_way_for_the_next_report()
    {
        await using var rig = new Rig();
        var (_, _) = await rig.StartAsync(Rig.Flow(Rig.Task("a")));
        var a = await rig.Gate.NextAsync();
        foreach (var message in new[] { "one", "two" })
        {
            var next = rig.NextAsync<TaskProgress>();
            a.Attempt.Progress!.Report(message, null);
            (await next).Message.ShouldBe(message);
            rig.Clock.Advance(AttemptProgress.Interval);
        }
    }

    [Fact]
    public async Task What_is_reported_is_bounded()
    {
        await using var rig = new Rig();
        var (id, end) = await rig.StartAsync(Rig.Flow(Rig.Task("a")));
        var a = await rig.Gate.NextAsync();
        a.Attempt.Progress!.Report(new string('x', 10_000), double.NaN);
        a.Attempt.Progress!.Report(null, 1e9);
        a.Succeed();
        await end;
        var told = (await rig.EventsAsync(id)).Select(e => e.Event).OfType<TaskProgress>().ToList();
        (told[0].Message!.Length, told[0].Percent).ShouldBe((AttemptProgress.LongestMessage, null));
        (told[1].Message, told[1].Percent).ShouldBe((null, 100));
    }
}
