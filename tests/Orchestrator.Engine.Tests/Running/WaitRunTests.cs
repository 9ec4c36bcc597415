using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Running;

/// <summary>Waits by the engine's clock, which may be set, and across restarts.</summary>
public sealed class WaitRunTests
{
    private static readonly ImmutableSortedDictionary<string, JsonElement> NoData = ImmutableSortedDictionary<string, JsonElement>.Empty;

    private static TaskDefinition Wait(string id, WaitAction action, params string[] dependsOn) => Rig.Task(id, dependsOn) with { Action = action };

    private static WaitAction Poll(double seconds, double backoff = 2, double most = 3) => new()
    {
        Poll = new() { Check = new DelegateAction("gate"), Interval = TimeSpan.FromSeconds(seconds), Backoff = backoff, MaxInterval = TimeSpan.FromSeconds(most) },
    };

    [Fact]
    public async Task A_wait_for_a_duration_ends_when_the_clock_says_so_and_no_earlier()
    {
        await using var rig = new Rig();
        var (_, end) = await rig.StartAsync(Rig.Flow(Wait("w", new() { For = "10m" })));
        await rig.Clock.WaitForTimersAsync(1);
        rig.Clock.Advance(TimeSpan.FromMinutes(10) - TimeSpan.FromMilliseconds(1));
        rig.Clock.Waiting.Count.ShouldBe(1);
        rig.Clock.Advance(TimeSpan.FromMilliseconds(1));
        (await end).ShouldBeOfType<WorkflowCompleted>().DurationMs.ShouldBe(600_000);
    }

    [Fact]
    public async Task A_clock_that_is_set_back_makes_a_wait_last_until_it_shows_the_instant()
    {
        await using var rig = new Rig();
        var until = rig.Clock.GetUtcNow().AddMinutes(10);
        var (_, end) = await rig.StartAsync(Rig.Flow(Wait("w", new() { Until = until.ToString("O") })));
        await rig.Clock.WaitForTimersAsync(1);
        rig.Clock.Advance(TimeSpan.FromMinutes(9));
        rig.Clock.SetWallClock(rig.Clock.GetUtcNow().AddHours(-1));
        rig.Clock.Advance(TimeSpan.FromMinutes(30));
        rig.Clock.Waiting.Count.ShouldBe(1, "it is not the instant yet");
        rig.Clock.AdvanceTo(until);
        (await end).ShouldBeOfType<WorkflowCompleted>();
    }

    [Fact]
    public async Task A_clock_that_is_set_forward_past_the_instant_ends_a_wait_within_a_minute()
    {
        await using var rig = new Rig();
        var (_, end) = await rig.StartAsync(Rig.Flow(Wait("w", new() { Until = rig.Clock.GetUtcNow().AddHours(8).ToString("O") })));
        await rig.Clock.WaitForTimersAsync(1);
        rig.Clock.SetWallClock(rig.Clock.GetUtcNow().AddHours(9));
        rig.Clock.Advance(TimeSpan.FromMinutes(1));
        (await end).ShouldBeOfType<WorkflowCompleted>();
    }

    [Fact]
    public async Task After_a_restart_a_wait_lasts_as_long_as_was_left_of_it()
    {
        await using var first = new Rig();
        var (id, _) = await first.StartAsync(Rig.Flow(Wait("w", new() { For = "10m" })));
        await first.Clock.WaitForTimersAsync(1);
        await using var second = await first.RestartAsync(TimeSpan.FromMinutes(4), id);
        var end = second.EndOf(id);
        await second.Clock.WaitForTimersAsync(1);
        second.Clock.Advance(TimeSpan.FromMinutes(6));
        (await end).ShouldBeOfType<WorkflowCompleted>();
        var events = await second.EventsAsync(id);
        events.Count(e => e.Event is TaskStarted).ShouldBe(1);
        events.Count(e => e.Event is TaskRetrying).ShouldBe(0);
    }

    [Fact]
    public async Task A_wait_that_was_over_while_nobody_held_the_run_ends_at_once_after_it()
    {
        await using var first = new Rig();
        var (id, _) = await first.StartAsync(Rig.Flow(Wait("w", new() { For = "10m" })));
        await first.Clock.WaitForTimersAsync(1);
        await using var second = await first.RestartAsync(TimeSpan.FromDays(2), id);
        (await second.EndOf(id)).ShouldBeOfType<WorkflowCompleted>().Resumed.ShouldBeTrue();
    }

    [Fact]
    public async Task An_event_ends_a_wait_and_one_that_does_not_come_is_a_timeout()
    {
        await using var rig = new Rig();
        var flow = Rig.Flow(Wait("w", new() { Event = "loaded" }) with { Timeout = TimeSpan.FromHours(1) });
        var (first, completed) = await rig.StartAsync(flow);
        var (_, late) = await rig.StartAsync(flow);
        (await rig.Engine.AnswerAsync(first, new RunInput.Signal("loaded", NoData.Add("rows", JsonSerializer.SerializeToElement(3))))).Refusal.ShouldBeNull();
        (await completed).ShouldBeOfType<WorkflowCompleted>();
        (await rig.EventsAsync(first)).Select(e => e.Event).OfType<TaskCompleted>().Single().Outputs!["rows"].GetInt32().ShouldBe(3);
        await rig.Clock.WaitForTimersAsync(1);
        rig.Clock.Advance(TimeSpan.FromHours(1));
        (await late).ShouldBeOfType<WorkflowFailed>().ErrorType.ShouldBe(FailureKind.Timeout);
    }

    [Fact]
    public async Task A_question_expires_by_the_clock()
    {
        await using var rig = new Rig();
        var (_, end) = await rig.StartAsync(Rig.Flow(Rig.Task("q") with { Action = new ApprovalAction("Go on?") }));
        await rig.Clock.WaitForTimersAsync(1);
        rig.Clock.Advance(TimeSpan.FromHours(72));
        (await end).ShouldBeOfType<WorkflowFailed>().ErrorType.ShouldBe(FailureKind.Expired);
    }

    [Fact]
    public async Task Checks_are_repeated_at_intervals_that_grow_up_to_their_cap_and_hold_no_slot()
    {
        await using var rig = new Rig(o => o.Slots = 1);
        var (id, end) = await rig.StartAsync(Rig.Flow(Wait("p", Poll(seconds: 1))));
        foreach (var seconds in (int[])[1, 2, 3, 3])
        {
            (await rig.Gate.NextAsync()).Fail();
            await rig.Clock.WaitForTimersAsync(1);
            (rig.Clock.Waiting.Single() - rig.Clock.GetUtcNow()).ShouldBe(TimeSpan.FromSeconds(seconds));
            rig.Engine.Snapshot.UsedSlots.ShouldBe(0);
            rig.Clock.Advance(TimeSpan.FromSeconds(seconds));
        }
        (await rig.Gate.NextAsync()).Succeed();
        (await end).ShouldBeOfType<WorkflowCompleted>().DurationMs.ShouldBe(9_000);
        (await rig.EventsAsync(id)).Count(e => e.Event is AttemptClosed).ShouldBe(1, "a check that says not yet is no attempt that failed");
    }

    [Fact]
    public async Task Checks_that_never_succeed_end_with_the_tasks_timeout()
    {
        await using var rig = new Rig();
        var (_, end) = await rig.StartAsync(Rig.Flow(Wait("p", Poll(seconds: 60, most: 60)) with { Timeout = TimeSpan.FromSeconds(90) }));
        (await rig.Gate.NextAsync()).Fail();
        await rig.Clock.WaitForTimersAsync(2);
        rig.Clock.Advance(TimeSpan.FromSeconds(60));
        (await rig.Gate.NextAsync()).Fail();
        await rig.Clock.WaitForTimersAsync(2);
        rig.Clock.Advance(TimeSpan.FromSeconds(30));
        (await end).ShouldBeOfType<WorkflowFailed>().ErrorType.ShouldBe(FailureKind.Timeout);
    }

    [Fact]
    public async Task Checks_go_on_after_a_restart_as_the_same_attempt_and_nothing_counts_as_lost()
    {
        await using var first = new Rig();
        var (id, _) = await first.StartAsync(Rig.Flow(Wait("p", Poll(seconds: 10, most: 10))) with { MaxWorkerLosses = 0 });
        (await first.Gate.NextAsync()).Fail();
        await first.Clock.WaitForTimersAsync(1);
        await using var second = await first.RestartAsync(TimeSpan.FromMinutes(1), id);
        var end = second.EndOf(id);
        var check = await second.Gate.NextAsync();
        check.Attempt.Attempt.ShouldBe(1);
        check.Succeed();
        (await end).ShouldBeOfType<WorkflowCompleted>();
        (await second.EventsAsync(id)).Count(e => e.Event is TaskRetrying or TaskFailed).ShouldBe(0);
    }

    [Fact]
    public async Task A_paused_run_gives_its_place_to_another_and_takes_one_again_when_it_goes_on()
    {
        await using var rig = new Rig(o => o.MaxRunningRuns = 1);
        var (waiting, first) = await rig.StartAsync(Rig.Flow(Wait("w", new() { Event = "go" }), Rig.Task("a", "w")));
        var (_, second) = await rig.StartAsync(Rig.Flow(Rig.Task("b")));
        var b = await rig.Gate.NextAsync();
        b.Task.ShouldBe("b");
        var (third, last) = await rig.StartAsync(Rig.Flow(Rig.Task("c")));
        (await rig.Engine.AnswerAsync(waiting, new RunInput.Signal("go", NoData))).Refusal.ShouldBeNull();
        var a = await rig.Gate.NextAsync();
        a.Task.ShouldBe("a");
        b.Succeed();
        await second;
        (await rig.EventsAsync(third))[^1].Event.ShouldBeOfType<WorkflowQueued>("the run that went on has the only place");
        a.Succeed();
        await first;
        (await rig.Gate.NextAsync()).Succeed();
        (await last).ShouldBeOfType<WorkflowCompleted>();
    }
}
