using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Running;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Running;

/// <summary>Whoever answers a run hears the truth: taken means durable, anything else says why not.</summary>
public sealed class AnswerRunTests
{
    private static readonly ImmutableSortedDictionary<string, JsonElement> NoValues = ImmutableSortedDictionary<string, JsonElement>.Empty;

    private static TaskDefinition Ask(int required = 1, params string[] approvers) => Rig.Task("q") with { Action = new ApprovalAction("Go on?") { Required = required, Approvers = [.. approvers] } };

    private static RunInput.Approve Approve(string by, string task = "q") => new(new(task), by, null, NoValues);

    private static RunInput.Reject Reject(string by) => new(new("q"), by, null);

    [Fact]
    public async Task An_answer_is_acknowledged_only_once_it_is_durable()
    {
        var journal = new GatedJournal();
        await using var rig = new Rig(journal: journal);
        var (id, end) = await rig.StartAsync(Rig.Flow(Ask()));
        await rig.Clock.WaitForTimersAsync(1);
        journal.Refuse();
        var answer = rig.Engine.AnswerAsync(id, Approve("ann"));
        await rig.Clock.WaitForTimersAsync(2);   // it was refused once and will be tried again
        answer.IsCompleted.ShouldBeFalse();
        (await rig.EventsAsync(id)).ShouldNotContain(e => e.Event is CheckpointApproved);
        journal.TakeAgain();
        rig.Clock.Advance(TimeSpan.FromSeconds(1));
        (await answer.WaitAsync(TimeSpan.FromSeconds(30))).Refusal.ShouldBeNull();
        (await rig.EventsAsync(id)).ShouldContain(e => e.Event is CheckpointApproved);
        (await end).ShouldBeOfType<WorkflowCompleted>();
    }

    [Fact]
    public async Task An_answer_to_a_run_that_is_owned_elsewhere_by_now_is_an_error_and_not_an_acknowledgement()
    {
        var journal = new GatedJournal();
        await using var rig = new Rig(journal: journal);
        var (id, end) = await rig.StartAsync(Rig.Flow(Ask()));
        journal.Before = (stream, _) => Task.FromException(new JournalConflictException(stream, 1, 2));
        await Should.ThrowAsync<RunInterruptedException>(() => rig.Engine.AnswerAsync(id, Approve("ann")).WaitAsync(TimeSpan.FromSeconds(30)));
        await Should.ThrowAsync<RunInterruptedException>(() => end);
    }

    [Fact]
    public async Task Of_two_answers_that_come_together_the_second_hears_what_the_first_has_changed()
    {
        var journal = new GatedJournal();
        await using var rig = new Rig(journal: journal);
        var (id, end) = await rig.StartAsync(Rig.Flow(Ask(required: 2), Rig.Task("a")));
        await rig.Gate.NextAsync();
        var gate = journal.Hold<CheckpointApproved>();
        var ann = rig.Engine.AnswerAsync(id, Approve("ann"));
        var bob = rig.Engine.AnswerAsync(id, Approve("bob"));   // both of these wait for the batch of the first
        var late = rig.Engine.AnswerAsync(id, Reject("eve"));
        journal.TakeAgain();
        gate.SetResult();
        (await ann.WaitAsync(TimeSpan.FromSeconds(30))).Refusal.ShouldBeNull();
        (await bob.WaitAsync(TimeSpan.FromSeconds(30))).Refusal.ShouldBeNull();
        (await late.WaitAsync(TimeSpan.FromSeconds(30))).Refusal!.Code.ShouldBe("not_waiting");
        (await rig.EventsAsync(id)).ShouldNotContain(e => e.Event is CheckpointRejected);
        end.IsCompleted.ShouldBeFalse();
    }

    [Theory]
    [InlineData("approve nowhere ann", "not_found")]
    [InlineData("approve a ann", "not_waiting")]
    [InlineData("approve q eve", "not_allowed")]
    [InlineData("approve q ann", "answered")]
    [InlineData("signal loaded", "not_waiting")]
    public async Task An_answer_that_changes_nothing_is_refused_with_its_code(string what, string code)
    {
        await using var rig = new Rig();
        var (id, _) = await rig.StartAsync(Rig.Flow(Ask(2, "ann", "bob"), Rig.Task("a")));
        await rig.Gate.NextAsync();
        (await rig.Engine.AnswerAsync(id, Approve("ann"))).Refusal.ShouldBeNull();
        var words = what.Split(' ');
        RunInput input = words[0] == "signal" ? new RunInput.Signal(words[1], NoValues) : Approve(words[2], words[1]);
        (await rig.Engine.AnswerAsync(id, input)).Refusal!.Code.ShouldBe(code);
    }

    [Fact]
    public async Task A_run_that_is_unknown_or_over_or_whose_worker_stops_is_not_open()
    {
        await using var rig = new Rig();
        var nobody = RunId.New(rig.Clock.GetUtcNow(), new byte[10]);
        (await rig.Engine.AnswerAsync(nobody, Approve("ann"))).Refusal!.Code.ShouldBe("not_open");
        var (over, end) = await rig.StartAsync(Rig.Flow(Ask()));
        await rig.Engine.AnswerAsync(over, Approve("ann"));
        await end;
        (await rig.Engine.AnswerAsync(over, Approve("bob"))).Refusal!.Code.ShouldBe("not_open");
        var (open, _) = await rig.StartAsync(Rig.Flow(Ask()));
        await rig.Engine.StopAsync(TimeSpan.Zero);
        (await rig.Engine.AnswerAsync(open, Approve("ann"))).Refusal!.Code.ShouldBe("not_open");
    }

    [Fact]
    public async Task What_was_approved_before_a_restart_counts_after_it()
    {
        await using var first = new Rig();
        var (id, _) = await first.StartAsync(Rig.Flow(Ask(required: 2)));
        (await first.Engine.AnswerAsync(id, Approve("ann"))).Refusal.ShouldBeNull();
        await using var second = await first.RestartAsync(TimeSpan.FromHours(1), id);
        var end = second.EndOf(id);
        (await second.Engine.AnswerAsync(id, Approve("ann"))).Refusal!.Code.ShouldBe("answered");
        (await second.Engine.AnswerAsync(id, Approve("bob"))).Refusal.ShouldBeNull();
        (await end).ShouldBeOfType<WorkflowCompleted>();
    }
}
