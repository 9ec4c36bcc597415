using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Runs;

/// <summary>A task that becomes many: its items, its children, and how it ends.</summary>
public sealed class FanningOutTests
{
    [Fact]
    public void A_task_with_items_becomes_a_child_for_each_of_them_and_they_are_tasks_of_the_run()
    {
        var bench = new Bench(A.Workflow(A.Each("each", 3))).Begin();
        bench.Types[4..].ShouldBe(["task.started each", "task.expanded each", "task.started each[0]", "task.started each[1]", "task.started each[2]"]);
        bench.State.Counts.Total.ShouldBe(4);
        bench.State.ItemOf(bench.State.IndexOf(new("each[1]")))!.Value.GetInt32().ShouldBe(2);
    }

    [Fact]
    public void Its_results_stand_in_the_order_of_the_items_however_the_children_ended()
    {
        var bench = new Bench(A.Workflow(A.Each("each", 3) with { AllowFailure = false }, A.Task("after", "each") with { If = "tasks.each.outputs.count == 3" })).Begin();
        bench.Succeed("each[2]", ("n", 3)).Succeed("each[0]", ("n", 1)).Succeed("each[1]", ("n", 2));
        bench.State.Of(new("each")).Outputs["results"].GetRawText().ShouldBe("""[{"n":1},{"n":2},{"n":3}]""");
        bench.Status("after").ShouldBe("running");
    }

    [Fact]
    public void Without_items_it_completes_at_once_with_no_results()
    {
        var bench = new Bench(A.Workflow(A.Each("each", 0), A.Task("after", "each"))).Begin();
        bench.Status("each").ShouldBe("completed");
        bench.State.Of(new("each")).Outputs["results"].GetRawText().ShouldBe("[]");
        bench.Succeed("after").State.End!.Counts.ShouldBe(new RunCounts(2, 2, 0, 0, 0, 0));
    }

    [Fact]
    public void Items_can_be_the_results_of_a_task_before_it()
    {
        var each = A.Task("each", "list") with { FanOut = new() { Items = A.Json("${{ tasks.list.outputs.files }}") } };
        var bench = new Bench(A.Workflow(A.Task("list"), each)).Begin().Succeed("list", ("files", new[] { "a.csv", "b.csv" }));
        bench.Last<TaskExpanded>().Items.GetRawText().ShouldBe("""["a.csv","b.csv"]""");
        bench.State.RunningTasks.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData("${{ tasks.list.outputs.missing }}")]
    [InlineData("${{ tasks.list.outputs.number }}")]
    public void Items_that_cannot_be_worked_out_fail_the_task_before_it_has_children(string items)
    {
        var each = A.Task("each", "list") with { FanOut = new() { Items = A.Json(items) }, Retry = A.Retry(3) };
        var bench = new Bench(A.Workflow(A.Task("list"), each)).Begin().Succeed("list", ("number", 7));
        bench.Last<TaskFailed>().Kind.ShouldBe(FailureKind.ConditionError);
        bench.Last<TaskFailed>().Error.ShouldStartWith("The items cannot be worked out: ");
        bench.State.End!.Counts.ShouldBe(new RunCounts(2, 1, 1, 0, 0, 0));
    }

    [Fact]
    public void A_matrix_is_every_combination_and_its_last_axis_is_the_fastest()
    {
        var matrix = A.Task("each") with { FanOut = new() { Axes = [new("os", A.Json(new[] { "a", "b" })), new("v", A.Json(new[] { 1, 2 }))] } };
        var bench = new Bench(A.Workflow(matrix)).Begin();
        bench.Last<TaskExpanded>().Items.GetRawText().ShouldBe("""[{"os":"a","v":1},{"os":"a","v":2},{"os":"b","v":1},{"os":"b","v":2}]""");
        bench.Events.Select(e => e.Event).OfType<TaskStarted>().First().Executor.ShouldBe("matrix");
    }

    [Fact]
    public void Combinations_that_agree_with_an_exclusion_have_no_child()
    {
        var matrix = A.Task("each") with
        {
            FanOut = new()
            {
                Axes = [new("os", A.Json(new[] { "a", "b" })), new("v", A.Json(new[] { 1, 2 }))],
                Exclude = [System.Collections.Immutable.ImmutableSortedDictionary<string, System.Text.Json.JsonElement>.Empty.Add("os", A.Json("a")).Add("v", A.Json(2))],
            },
        };
        new Bench(A.Workflow(matrix)).Begin().Last<TaskExpanded>().Items.GetRawText().ShouldBe("""[{"os":"a","v":1},{"os":"b","v":1},{"os":"b","v":2}]""");
    }

    [Fact]
    public void It_holds_no_slot_of_its_own()
    {
        var bench = new Bench(A.Workflow(A.Each("each", 2)), slots: 1).Begin();
        bench.Status("each[0]").ShouldBe("running");
        bench.Succeed("each[0]").Succeed("each[1]");
        bench.State.Status.ShouldBe(RunStatus.Completed);
    }

    [Fact]
    public void No_more_children_are_in_flight_than_its_own_limit_allows_and_one_that_waits_for_a_retry_is_in_flight()
    {
        var each = A.Each("each", 4) with { Retry = A.Retry(2) };
        var bench = new Bench(A.Workflow(each with { FanOut = each.FanOut! with { MaxParallel = 2 } })).Begin();
        bench.State.RunningTasks.Count.ShouldBe(2);
        bench.Fail("each[0]");
        bench.Status("each[2]").ShouldBe("pending");
        bench.Succeed("each[1]");
        bench.Status("each[2]").ShouldBe("running");
        bench.Status("each[3]").ShouldBe("pending");
    }

    [Fact]
    public void By_default_the_other_children_go_on_after_a_failure_and_then_the_task_fails_with_the_first()
    {
        var bench = new Bench(A.Workflow(A.Each("each", 3), A.Task("other"), A.Task("behind", "other"))).Begin().Fail("each[1]");
        bench.Status("behind").ShouldBe("pending", "a child's failure is no failure of the run until its task fails");
        bench.Succeed("each[0]").Fail("each[2]");
        bench.Last<TaskFailed>().Error.ShouldBe("2 of 3 items failed, first 'each[1]': broken");
        bench.Status("behind").ShouldBe("cancelled");
        bench.Succeed("other").State.End!.Counts.ShouldBe(new RunCounts(6, 2, 3, 0, 0, 1));
    }

    [Fact]
    public void With_stop_a_failure_cancels_the_children_that_have_not_started_and_lets_the_others_end()
    {
        var each = A.Each("each", 4) with { Retry = A.Retry(2) };
        var bench = new Bench(A.Workflow(each with { FanOut = each.FanOut! with { OnFailure = ItemFailure.Stop } }), slots: 2).Begin();
        bench.Fail("each[0]", retryable: false);
        (bench.Status("each[1]"), bench.Status("each[2]"), bench.Status("each[3]")).ShouldBe(("running", "cancelled", "cancelled"));
        bench.Fail("each[1]");
        bench.Status("each[1]").ShouldBe("failed", "no child is retried while the others stop");
        bench.Status("each").ShouldBe("failed");
    }

    [Fact]
    public void With_ignore_a_failure_is_allowed_and_leaves_a_null_in_the_results()
    {
        var each = A.Each("each", 2);
        var bench = new Bench(A.Workflow(each with { FanOut = each.FanOut! with { OnFailure = ItemFailure.Ignore } })).Begin().Fail("each[0]").Succeed("each[1]", ("n", 2));
        bench.State.Of(new("each")).Outputs["results"].GetRawText().ShouldBe("""[null,{"n":2}]""");
        bench.State.End.ShouldBeOfType<WorkflowCompleted>().Counts.ShouldBe(new RunCounts(3, 2, 0, 1, 0, 0));
    }

    [Fact]
    public void A_child_is_retried_by_itself()
    {
        var bench = new Bench(A.Workflow(A.Each("each", 2) with { Retry = A.Retry(2) })).Begin().Fail("each[0]").Succeed("each[1]").RetryDue("each[0]").Succeed("each[0]");
        bench.State.Of(new("each[0]")).Attempt.ShouldBe(2);
        bench.State.Of(new("each")).Attempt.ShouldBe(1);
        bench.State.Status.ShouldBe(RunStatus.Completed);
    }

    [Fact]
    public void A_condition_about_the_item_leaves_out_single_children()
    {
        var bench = new Bench(A.Workflow(A.Each("each", 3) with { If = "item != 2" })).Begin();
        bench.Status("each[1]").ShouldBe("skipped:condition");
        bench.Succeed("each[0]").Succeed("each[2]").State.End!.Counts.ShouldBe(new RunCounts(4, 3, 0, 0, 1, 0));
    }

    [Fact]
    public void Any_other_condition_is_asked_once_for_the_task()
    {
        var bench = new Bench(A.Workflow(A.Each("each", 3) with { If = "run.tenant == 'nobody'" })).Begin();
        bench.Count<TaskExpanded>().ShouldBe(0);
        bench.State.End!.Counts.ShouldBe(new RunCounts(1, 0, 0, 0, 1, 0));
    }

    [Fact]
    public void Cancelling_the_run_ends_children_in_every_state_and_the_task_with_the_last()
    {
        var bench = new Bench(A.Workflow(A.Each("each", 3) with { Retry = A.Retry(2) }), slots: 2).Begin().Fail("each[0]").Take(new RunInput.Cancel("me"));
        foreach (var i in bench.State.RunningTasks.ToArray()) bench.Finish(bench.State.IdOf(i).ToString(), new TaskOutcome.Cancelled());
        bench.State.End.ShouldBeOfType<WorkflowCancelled>().Counts.ShouldBe(new RunCounts(4, 0, 0, 0, 0, 4));
    }

    [Fact]
    public void A_takeover_repeats_the_children_that_were_lost_and_nothing_else()
    {
        var bench = new Bench(A.Workflow(A.Each("each", 3))).Begin().Succeed("each[0]").TakeOver();
        (bench.Status("each"), bench.Status("each[0]"), bench.Status("each[1]")).ShouldBe(("running", "completed", "retrying"));
        bench.Count<TaskExpanded>().ShouldBe(1);
        foreach (var child in (string[])["each[1]", "each[2]"]) bench.RetryDue(child).Succeed(child);
        bench.State.Status.ShouldBe(RunStatus.Completed);
    }
}
