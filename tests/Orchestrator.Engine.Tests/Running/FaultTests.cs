using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Runs.Replay;
using Orchestrator.Core.Serialization;
using Orchestrator.Engine.Running;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Running;

/// <summary>An input that cannot be decided on or recorded costs that input: nobody waits for ever, no run vanishes, the others go on.</summary>
public sealed class FaultTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly ImmutableSortedDictionary<string, JsonElement> NoValues = ImmutableSortedDictionary<string, JsonElement>.Empty;
    private static readonly JsonElement Half = JsonElement.Parse("\"\\ud800\"");
    private static readonly JsonElement Deep = JsonBounds.Parse(Encoding.UTF8.GetBytes(new string('[', 65) + new string(']', 65)));

    private static TaskDefinition Wait(string id = "w") => Rig.Task(id) with { Action = new WaitAction { Event = "go" } };

    private static TaskDefinition Ask(int required = 1) => Rig.Task("q") with { Action = new ApprovalAction("Go on?") { Required = required } };

    private static RunInput.Signal Signal(params (string Name, JsonElement Value)[] data) => new("go", NoValues.AddRange(data.Select(d => KeyValuePair.Create(d.Name, d.Value))));

    private static RunInput.Approve Approve(string by) => new(new("q"), by, null, NoValues);

    public static TheoryData<string> Unfit => new("half", "deep", "name");

    [Theory]
    [MemberData(nameof(Unfit))]
    public async Task A_signal_that_no_journal_can_keep_is_refused_and_the_run_goes_on(string what)
    {
        await using var rig = new Rig();
        var (id, end) = await rig.StartAsync(Rig.Flow(Wait()));
        var bad = what switch { "half" => Signal(("v", Half)), "deep" => Signal(("v", Deep)), _ => Signal((((char)0xd800).ToString(), JsonElement.Parse("1"))) };
        var refusal = (await rig.Engine.AnswerAsync(id, bad).WaitAsync(Patience)).Refusal.ShouldNotBeNull();
        refusal.Code.ShouldBe(Answers.InvalidValues);
        refusal.Message.ShouldContain(what == "deep" ? "64 levels" : "surrogate");
        (await rig.Engine.AnswerAsync(id, Signal(("v", JsonElement.Parse("1")))).WaitAsync(Patience)).Refusal.ShouldBeNull();
        (await end).ShouldBeOfType<WorkflowCompleted>();
    }

    [Fact]
    public async Task An_answer_that_no_journal_can_keep_is_refused_and_the_run_can_be_cancelled()
    {
        await using var rig = new Rig();
        var (id, end) = await rig.StartAsync(Rig.Flow(Ask()));
        var half = ((char)0xdc00).ToString();
        foreach (var bad in (RunInput[])[Approve("ann") with { Values = NoValues.Add("v", Half) }, Approve("ann") with { Comment = half }, Approve(half), new RunInput.Reject(new("q"), "ann", half)])
            (await rig.Engine.AnswerAsync(id, bad).WaitAsync(Patience)).Refusal!.Code.ShouldBe(Answers.InvalidValues);
        (await rig.Engine.CancelAsync(id, "ann").WaitAsync(Patience)).ShouldBeTrue();
        (await end).ShouldBeOfType<WorkflowCancelled>();
    }

    [Fact]
    public async Task A_run_with_a_parameter_that_no_journal_can_keep_is_refused()
    {
        await using var rig = new Rig();
        foreach (var bad in (JsonElement[])[Half, Deep, default])
            (await Should.ThrowAsync<RunRefusedException>(() => rig.Engine.SubmitAsync(new RunRequest { Definition = Rig.Flow(Rig.Task("a")), Origin = new RunOrigin.Api("test"), Params = RunParameters.Checked(NoValues.Add("p", bad)) }).WaitAsync(Patience)))
                .Message.ShouldContain("parameter 'p'");
        var flow = Rig.Flow(Rig.Task("a") with { FanOut = new FanOut { Items = JsonElement.Parse("\"${{ params.p }}\"") } });
        await Should.ThrowAsync<RunRefusedException>(() => rig.Engine.SubmitAsync(new RunRequest { Definition = flow, Origin = new RunOrigin.Api("test"), Params = RunParameters.Checked(NoValues.Add("p", JsonElement.Parse("[\"\\ud800\"]"))) }).WaitAsync(Patience));
    }

    [Fact]
    public async Task Results_that_no_journal_can_keep_fail_their_task()
    {
        await using var rig = new Rig();
        foreach (var (bad, kind) in new[] { (Half, FailureKind.Error), (Deep, FailureKind.OutputLimit) })
        {
            var (_, end) = await rig.StartAsync(Rig.Flow(Rig.Task("a")));
            (await rig.Gate.NextAsync()).Release.SetResult(new TaskOutcome.Succeeded { Outputs = NoValues.Add("v", bad) });
            var failed = (await end).ShouldBeOfType<WorkflowFailed>();
            failed.ErrorType.ShouldBe(kind);
            failed.Error.ShouldContain("output 'v'");
        }
    }

    [Fact]
    public async Task An_acceptance_that_cannot_be_decided_on_is_answered_and_the_loop_goes_on()
    {
        await using var rig = new Rig();
        var foreign = new TaskCompleted(new("nobody"), 0) { ReusedFrom = RunId.New(rig.Clock.GetUtcNow(), new byte[10]) };
        await Should.ThrowAsync<RunFaultException>(() => rig.Engine.SubmitAsync(new RunRequest { Definition = Rig.Flow(Rig.Task("a")), Origin = new RunOrigin.Retry(foreign.ReusedFrom!.Value, "test") { Kept = [foreign] } }).WaitAsync(Patience));
        rig.Engine.Snapshot.OpenRuns.ShouldBe(0);
        var (_, end) = await rig.StartAsync(Rig.Flow(Rig.Task("a")));
        (await rig.Gate.NextAsync()).Succeed();
        (await end).ShouldBeOfType<WorkflowCompleted>();
    }

    [Fact]
    public async Task A_question_to_the_loop_that_it_cannot_look_at_is_answered_and_the_loop_goes_on()
    {
        await using var rig = new Rig();
        var (id, end) = await rig.StartAsync(Rig.Flow(Ask()));
        await Should.ThrowAsync<InvalidOperationException>(() => rig.Engine.AnswerAsync(id, new RunInput.Approve(default, "ann", null, NoValues)).WaitAsync(Patience));
        (await rig.Engine.AnswerAsync(id, Approve("ann")).WaitAsync(Patience)).Refusal.ShouldBeNull();
        (await end).ShouldBeOfType<WorkflowCompleted>();
    }

    [Fact]
    public async Task An_acceptance_that_cannot_be_recorded_is_answered()
    {
        var journal = new GatedJournal();
        await using var rig = new Rig(journal: journal);
        journal.Before = (_, _) => Unwritable();
        await Should.ThrowAsync<RunFaultException>(() => rig.StartAsync(Rig.Flow(Rig.Task("a"))).WaitAsync(Patience));
        journal.TakeAgain();
        var (_, end) = await rig.StartAsync(Rig.Flow(Rig.Task("a")));
        (await rig.Gate.NextAsync()).Succeed();
        (await end).ShouldBeOfType<WorkflowCompleted>();
    }

    [Fact]
    public async Task An_answer_whose_decision_throws_is_refused_and_the_same_answer_is_taken_once_it_does_not()
    {
        await using var rig = new Rig();
        var trap = new Trap();
        var flow = Rig.Flow(Wait(), Rig.Task("b", "w") with { If = "${{ params.p == 1 }}" });
        var (id, end) = await StartAsync(rig, flow, trap);
        trap.Armed = true;
        (await rig.Engine.AnswerAsync(id, Signal()).WaitAsync(Patience)).Refusal!.Code.ShouldBe(Answers.InternalError);
        trap.Armed = false;
        (await rig.Engine.AnswerAsync(id, Signal()).WaitAsync(Patience)).Refusal.ShouldBeNull();
        (await rig.Gate.NextAsync()).Succeed();
        (await end).ShouldBeOfType<WorkflowCompleted>();
        Replays(flow, await rig.EventsAsync(id));
    }

    [Fact]
    public async Task An_attempt_whose_result_cannot_be_decided_on_fails_by_panic()
    {
        await using var rig = new Rig();
        var trap = new Trap();
        var flow = Rig.Flow(Rig.Task("a"), Rig.Task("b", "a") with { If = "${{ params.p == 1 }}" });
        var (id, end) = await StartAsync(rig, flow, trap);
        var held = await rig.Gate.NextAsync();
        trap.Armed = true;
        held.Succeed();
        (await end).ShouldBeOfType<WorkflowFailed>().ShouldSatisfyAllConditions(f => f.ErrorType.ShouldBe(FailureKind.Panic), f => f.ErrorClass.ShouldBe(ErrorClass.Internal), f => f.FailedTasks.ShouldBe([new TaskId("a")]));
        rig.Engine.Snapshot.UsedSlots.ShouldBe(0);
        Replays(flow, await rig.EventsAsync(id));
    }

    [Fact]
    public async Task A_state_that_cannot_go_on_ends_the_run_as_failed_by_panic()
    {
        var journal = new GatedJournal();
        await using var rig = new Rig(journal: journal);
        journal.Before = (_, events) => events.Any(e => e.Event is TaskStarted { Attempt: 2 }) ? Unwritable() : Task.CompletedTask;
        var flow = Rig.Flow(Rig.Task("a") with { Retry = new RetryPolicy { MaxAttempts = 3 } }, Rig.Task("c"), Wait());
        var (id, end) = await rig.StartAsync(flow);
        var (one, other) = (await rig.Gate.NextAsync(), await rig.Gate.NextAsync());
        (one.Task == "a" ? one : other).Fail();   // the other attempt is stopped with the run
        await rig.Clock.WaitForTimersAsync(1);
        rig.Clock.Advance(TimeSpan.FromSeconds(2));
        var failed = (await end).ShouldBeOfType<WorkflowFailed>();
        (failed.ErrorType, failed.ErrorClass).ShouldBe((FailureKind.Panic, ErrorClass.Internal));
        failed.Error.ShouldContain("An internal error");
        var events = await rig.EventsAsync(id);
        events.ShouldContain(e => e.Event is WorkflowCancelRequested);
        Replays(flow, events);
    }

    [Fact]
    public async Task Of_answers_in_one_batch_only_the_one_that_cannot_be_recorded_is_refused()
    {
        var journal = new GatedJournal();
        await using var rig = new Rig(journal: journal);
        var (id, end) = await rig.StartAsync(Rig.Flow(Ask(required: 3), Rig.Task("a")));
        await rig.Gate.NextAsync();
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        journal.Before = (_, events) => events.Any(e => e.Event is CheckpointApproved { By: "mallory" }) ? Unwritable() : gate.Task;
        var ann = rig.Engine.AnswerAsync(id, Approve("ann"));
        var mallory = rig.Engine.AnswerAsync(id, Approve("mallory"));   // both of these wait for the batch of the first, and share one
        var bob = rig.Engine.AnswerAsync(id, Approve("bob"));
        gate.SetResult();
        (await ann.WaitAsync(Patience)).Refusal.ShouldBeNull();
        (await bob.WaitAsync(Patience)).Refusal.ShouldBeNull();
        (await mallory.WaitAsync(Patience)).Refusal!.Code.ShouldBe(Answers.InternalError);
        (await rig.EventsAsync(id)).Select(e => e.Event).OfType<CheckpointApproved>().Select(a => a.By).ShouldBe(["ann", "bob"]);
        end.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task Durations_longer_than_the_calendar_are_limits_that_never_come()
    {
        await using var rig = new Rig();
        var flow = Rig.Flow(Rig.Task("a") with { Timeout = TimeSpan.MaxValue, Sla = new SlaDefinition(TimeSpan.MaxValue) }, Wait() with { Timeout = TimeSpan.MaxValue }, Ask() with { Action = new ApprovalAction("?") { Expires = TimeSpan.MaxValue } })
            with { Timeout = TimeSpan.MaxValue };
        var (id, end) = await rig.StartAsync(flow);
        (await rig.Gate.NextAsync()).Succeed();
        (await rig.Engine.AnswerAsync(id, Signal()).WaitAsync(Patience)).Refusal.ShouldBeNull();
        (await rig.Engine.AnswerAsync(id, Approve("ann")).WaitAsync(Patience)).Refusal.ShouldBeNull();
        (await end).ShouldBeOfType<WorkflowCompleted>();
    }

    private static async Task<(RunId Id, Task<WorkflowEnded> End)> StartAsync(Rig rig, WorkflowDefinition flow, Trap trap)
    {
        var (accepted, end) = await rig.Engine.SubmitAndWatchAsync(new RunRequest
        {
            Definition = flow, Origin = new RunOrigin.CommandLine("test"), Params = RunParameters.Checked(ImmutableSortedDictionary.Create<string, JsonElement>(trap).Add("p", JsonElement.Parse("1")).Add("q", JsonElement.Parse("2"))),
        });
        return (accepted.RunId, end.WaitAsync(Patience));
    }

    private static Task Unwritable() => Task.FromException(new InvalidOperationException("no writer can write this"));

    private static void Replays(WorkflowDefinition flow, IReadOnlyList<RecordedEvent> events) => RunReplay.Of(new RunPlan(flow), events).Difference.ShouldBeNull();

    /// <summary>Keys that cannot be looked up while it is armed: a fault in the middle of a decision.</summary>
    private sealed class Trap : IComparer<string>
    {
        public volatile bool Armed;

        public int Compare(string? x, string? y) => Armed ? throw new ArithmeticException("the trap") : string.CompareOrdinal(x, y);
    }
}
