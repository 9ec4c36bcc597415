using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Runs;

/// <summary>Questions to people, and what is said to those whose answer is not taken.</summary>
public sealed class ApprovalTests
{
    private static readonly ImmutableSortedDictionary<string, JsonElement> NoValues = ImmutableSortedDictionary<string, JsonElement>.Empty;

    [Fact]
    public void An_approval_completes_the_task_with_who_said_so_and_what_they_entered()
    {
        var bench = new Bench(A.Workflow(A.Ask("q"))).Begin().Approve("q", "ann", "fine", ("amount", 3));
        var outputs = bench.State.Of(new("q")).Outputs;
        (outputs["approved_by"].GetRawText(), outputs["comment"].GetString(), outputs["amount"].GetInt32()).ShouldBe(("""["ann"]""", "fine", 3));
        bench.State.Status.ShouldBe(RunStatus.Completed);
    }

    [Fact]
    public void As_many_different_people_must_approve_as_are_required_and_later_values_win()
    {
        var bench = new Bench(A.Workflow(A.Ask("q", required: 2))).Begin().Approve("q", "ann", null, ("amount", 3), ("note", "x")).Approve("q", "ann", null, ("amount", 9));
        bench.Status("q").ShouldBe("running");
        bench.Last<CheckpointApproved>().Count.ShouldBe(1);
        bench.Approve("q", "bob", null, ("amount", 4));
        var outputs = bench.State.Of(new("q")).Outputs;
        (outputs["approved_by"].GetRawText(), outputs["amount"].GetInt32(), outputs["note"].GetString()).ShouldBe(("""["ann","bob"]""", 4, "x"));
    }

    [Fact]
    public void One_rejection_is_enough_and_is_not_tried_again()
    {
        var bench = new Bench(A.Workflow(A.Ask("q", required: 2) with { Retry = A.Retry(3) })).Begin().Approve("q", "ann").Reject("q", "bob", "too dear");
        bench.Last<TaskFailed>().Error.ShouldBe("Rejected by bob: too dear");
        bench.State.End.ShouldBeOfType<WorkflowFailed>().ErrorType.ShouldBe(FailureKind.Rejected);
    }

    [Fact]
    public void A_question_that_nobody_answers_expires_and_its_task_fails()
    {
        var bench = new Bench(A.Workflow(A.Ask("q") with { Action = new ApprovalAction("Go on?") { Expires = TimeSpan.FromHours(1) } })).Begin().WaitDue("q");
        bench.Count<CheckpointExpired>().ShouldBe(1);
        bench.Last<TaskFailed>().Error.ShouldBe("Nobody answered until 2026-01-01 01:00:00 UTC.");
        bench.State.End.ShouldBeOfType<WorkflowFailed>().ErrorType.ShouldBe(FailureKind.Expired);
    }

    [Fact]
    public void A_tasks_timeout_makes_its_question_expire_earlier()
    {
        var bench = new Bench(A.Workflow(A.Ask("q") with { Timeout = TimeSpan.FromMinutes(5) })).Begin();
        bench.Last<CheckpointPending>().ExpiresAt.ShouldBe(bench.Now.AddMinutes(5));
    }

    [Fact]
    public void Only_the_named_people_can_answer()
    {
        var bench = new Bench(A.Workflow(A.Ask("q", 1, "ann"))).Begin().Approve("q", "eve").Reject("q", "eve");
        bench.Status("q").ShouldBe("running");
        bench.Approve("q", "ann").State.Status.ShouldBe(RunStatus.Completed);
    }

    [Fact]
    public void What_was_approved_before_a_takeover_counts_after_it()
    {
        var bench = new Bench(A.Workflow(A.Ask("q", required: 2))).Begin().Approve("q", "ann").TakeOver().Approve("q", "bob");
        bench.State.Status.ShouldBe(RunStatus.Completed);
    }

    [Theory]
    [InlineData("nowhere", "ann", "not_found", "has no task 'nowhere'")]
    [InlineData("a", "ann", "not_waiting", "it is running")]
    [InlineData("q", "eve", "not_allowed", "these may: ann, bob")]
    [InlineData("q", "ann", "answered", "approvals still needed: 1")]
    [InlineData("q", "bob", null, null)]
    public void Whoever_approves_hears_why_that_changes_nothing(string task, string by, string? code, string? words)
    {
        var bench = new Bench(A.Workflow(A.Ask("q", 2, "ann", "bob"), A.Task("a"))).Begin().Approve("q", "ann");
        var refusal = Answers.Refuse(bench.State, new RunInput.Approve(new(task), by, null, NoValues));
        refusal?.Code.ShouldBe(code);
        (refusal?.Message ?? "").ShouldContain(words ?? "");
        (refusal is null).ShouldBe(code is null);
    }

    [Fact]
    public void Somebody_who_has_approved_may_still_reject() =>
        Answers.Refuse(new Bench(A.Workflow(A.Ask("q", 2))).Begin().Approve("q", "ann").State, new RunInput.Reject(new("q"), "ann", null)).ShouldBeNull();

    [Theory]
    [InlineData("loaded", null)]
    [InlineData("Loaded", "not_waiting")]
    public void Whoever_sends_an_event_hears_when_nobody_waits_for_it(string name, string? code) =>
        Answers.Refuse(new Bench(A.Workflow(A.Event("w", "loaded"))).Begin().State, new RunInput.Signal(name, NoValues))?.Code.ShouldBe(code);

    [Fact]
    public void A_run_that_is_over_takes_no_answers()
    {
        var bench = new Bench(A.Workflow(A.Ask("q"), A.Event("w", "loaded"))).Begin().Take(new RunInput.Cancel("me"));
        RunInput[] late = [new RunInput.Approve(new("q"), "ann", null, NoValues), new RunInput.Reject(new("q"), "ann", null), new RunInput.Signal("loaded", NoValues)];
        foreach (var input in late)
        {
            Answers.Refuse(bench.State, input)!.Code.ShouldBe("not_open");
            var before = bench.Events.Count;
            bench.Take(input).Events.Count.ShouldBe(before);
        }
    }
}
