using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Running;

/// <summary>Handlers and repetitions of whole runs, whatever is cut off between two events.</summary>
public sealed class EndingRunTests
{
    private static WorkflowDefinition Failing() => Rig.Flow(Rig.Task("a")) with { Retry = new() { MaxAttempts = 2, InitialDelay = TimeSpan.FromMinutes(5), MaxDelay = TimeSpan.FromHours(1) } };

    [Fact]
    public async Task A_restart_while_handlers_run_repeats_the_one_that_was_lost_and_keeps_the_outcome()
    {
        var handlers = new HandlersDefinition { OnFailure = [Rig.Task("page"), Rig.Task("tidy")], Finally = [Rig.Task("last")] };
        await using var first = new Rig();
        var (id, _) = await first.StartAsync(Rig.Flow(Rig.Task("a")) with { Handlers = handlers });
        (await first.Gate.NextAsync()).Fail();
        (await first.Gate.NextAsync()).Succeed();
        (await first.Gate.NextAsync()).Task.ShouldBe("tidy");
        await using var second = await first.RestartAsync(TimeSpan.FromMinutes(1), id);
        var end = second.EndOf(id);
        var tidy = await second.Gate.NextAsync();
        (tidy.Task, tidy.Attempt.Attempt).ShouldBe(("tidy", 2));
        tidy.Succeed();
        var last = await second.Gate.NextAsync();
        last.Task.ShouldBe("last");
        last.Succeed();
        (await end).ShouldBeOfType<WorkflowFailed>().HandlersFailed.ShouldBe(0);
        (await second.EventsAsync(id)).Count(e => e.Event is WorkflowFinalizing).ShouldBe(1);
    }

    [Fact]
    public async Task A_failed_run_is_repeated_by_the_clock_and_the_repetition_says_of_what()
    {
        await using var rig = new Rig();
        var (id, end) = await rig.StartAsync(Failing());
        var retrying = rig.NextAsync<WorkflowRetrying>();
        (await rig.Gate.NextAsync()).Fail();
        var next = await retrying;
        (await end).ShouldBeOfType<WorkflowFailed>().Reason.ShouldEndWith($"started anew as {next.NextRunId}");
        var created = (await rig.EventsAsync(next.NextRunId))[0].Event.ShouldBeOfType<WorkflowCreated>();
        (created.RetryOf, created.RunAttempt, created.NotBefore, created.CorrelationId).ShouldBe((id, 2, next.NotBefore, id.ToString()));
        var second = rig.EndOf(next.NextRunId);
        while (rig.Clock.GetUtcNow() < next.NotBefore)
        {
            await rig.Clock.WaitForTimersAsync(1);
            rig.Gate.AnyWaiting.ShouldBeFalse();
            rig.Clock.Advance(TimeSpan.FromMinutes(1));
        }
        (await rig.Gate.NextAsync()).Fail();
        (await second).ShouldBeOfType<WorkflowFailed>("the policy allows no third");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_crash_between_the_decision_to_repeat_and_the_end_leaves_exactly_one_repetition(bool wasSubmitted)
    {
        var journal = new GatedJournal();
        await using var first = new Rig(journal: journal);
        var (id, end) = await first.StartAsync(Failing());
        var retrying = first.NextAsync<WorkflowRetrying>();
        var held = wasSubmitted ? journal.Hold<WorkflowEnded>() : null;
        if (!wasSubmitted) journal.Before = (_, events) => events[0].Seq == 1 ? Task.FromException(new JournalUnavailableException("no space left")) : Task.CompletedTask;
        (await first.Gate.NextAsync()).Fail();
        var next = await retrying;
        if (wasSubmitted) await PollAsync(async () => (await first.EventsAsync(next.NextRunId)).Count > 0);
        var stopping = first.Engine.StopAsync(TimeSpan.Zero);
        held?.SetException(new JournalUnavailableException("no space left"));
        await stopping.WaitAsync(TimeSpan.FromSeconds(30));
        await Should.ThrowAsync<Exception>(() => end);
        (await first.EventsAsync(id))[^1].Event.ShouldBeOfType<WorkflowRetrying>();

        await using var second = await first.RestartAsync(TimeSpan.FromHours(1), wasSubmitted ? [id, next.NextRunId] : [id]);
        var again = await second.Gate.NextAsync();
        again.Attempt.RunId.ShouldBe(next.NextRunId);
        var ended = second.EndOf(next.NextRunId);
        again.Succeed();
        (await ended).ShouldBeOfType<WorkflowCompleted>();
        second.Gate.AnyWaiting.ShouldBeFalse();
        (await second.EventsAsync(next.NextRunId)).Count(e => e.Event is WorkflowCreated).ShouldBe(1);
    }

    [Fact]
    public async Task A_repetition_that_cannot_be_journaled_while_the_worker_stops_is_left_to_whoever_takes_the_run_over()
    {
        var journal = new GatedJournal();
        await using var rig = new Rig(journal: journal);
        var (id, _) = await rig.StartAsync(Failing());
        var (_, other) = await rig.StartAsync(Rig.Flow(Rig.Task("b")));
        var (a, b) = (await rig.Gate.NextAsync(), await rig.Gate.NextAsync());
        if (a.Attempt.RunId != id) (a, b) = (b, a);   // which of two runs comes first is nobody's promise
        var held = journal.Hold<WorkflowCreated>();
        var retrying = rig.NextAsync<WorkflowRetrying>();
        a.Fail();
        var next = await retrying;
        await PollAsync(() => Task.FromResult(rig.Engine.Snapshot.OpenRuns == 3));
        var stopping = rig.Engine.StopAsync(TimeSpan.FromHours(1));
        held.SetException(new JournalUnavailableException("no space left"));
        b.Succeed();
        await other;
        await stopping.WaitAsync(TimeSpan.FromSeconds(30));
        (await rig.EventsAsync(id))[^1].Event.ShouldBeOfType<WorkflowRetrying>();
        (await rig.EventsAsync(next.NextRunId)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_repetition_for_which_there_is_no_room_ends_the_run_and_says_so()
    {
        await using var rig = new Rig(o => o.MaxOpenRuns = 1);
        var (_, end) = await rig.StartAsync(Failing());
        (await rig.Gate.NextAsync()).Fail();
        (await end).ShouldBeOfType<WorkflowFailed>().Reason.ShouldContain("it could not be started anew: 1 runs are open");
    }

    // The journal tells nobody when somebody else's append is in.
    private static async Task PollAsync(Func<Task<bool>> holds)
    {
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        var started = TimeProvider.System.GetTimestamp();
        while (!await holds())
        {
            TimeProvider.System.GetElapsedTime(started).ShouldBeLessThan(TimeSpan.FromSeconds(30));
            await again.WaitForNextTickAsync();
        }
    }
}
