using System.Collections.Immutable;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Runs.Replay;
using Orchestrator.Core.Runs.Repeating;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Runs.Repeating;

public sealed class RetryPlanningTests
{
    /// <summary>a -> b -> c and x -> y; b fails, so c is skipped.</summary>
    private static Bench Failed() => new Bench(A.Workflow(A.Task("a"), A.Task("b", "a"), A.Task("c", "b"), A.Task("x"), A.Task("y", "x")) with { FailFast = false })
        .Begin().Succeed("x", ("n", 1)).Succeed("a", ("rows", 3)).Succeed("y").Fail("b");

    [Fact]
    public void What_did_not_complete_runs_and_what_comes_after_it()
    {
        Runs(Failed(), new()).ShouldBe("b c");
        var changed = new Bench(A.Workflow(A.Task("a"), A.Task("b", "a") with { RunWhen = RunWhen.AllDone }, A.Task("c", "b")) with { FailFast = false }).Begin().Fail("a").Succeed("b").Succeed("c");
        Runs(changed, new()).ShouldBe("a b c");
    }

    [Fact]
    public void From_runs_a_task_and_everything_after_it_and_what_did_not_complete() => Runs(Failed(), new() { From = new("x") }).ShouldBe("b c x y");

    [Fact]
    public void Only_runs_one_task_where_every_other_has_a_result()
    {
        var bench = Completed();
        Runs(bench, new() { Only = new("a") }).ShouldBe("a");
        Runs(bench, new() { Only = new("a"), Downstream = true }).ShouldBe("a b c");
    }

    [Fact]
    public void Only_is_refused_where_others_have_no_result_and_says_which()
    {
        var refusal = Refusal(Failed(), new() { Only = new("b") });
        (refusal.Code, refusal.Message).ShouldBe(("not_completed", "'b' cannot run alone: 'c' (was skipped (dependency_failed)) has no result to keep."));
        refusal.Remedy!.ShouldContain("--downstream");
        Runs(Failed(), new() { Only = new("b"), Downstream = true }).ShouldBe("b c");
        Refusal(Failed(), new() { Only = new("x"), Downstream = true }).Remedy!.ShouldContain("--from x");
    }

    [Fact]
    public void What_makes_secret_results_runs_again_for_those_that_read_them()
    {
        var reads = ImmutableSortedDictionary<string, string>.Empty.Add("T", "${{ tasks.a.outputs.token }}");
        var bench = new Bench(A.Workflow(A.Task("a") with { SecretOutputs = ["token"] }, A.Task("b"), A.Task("c", "a", "b") with { Env = reads }, A.Task("d", "a")) with { FailFast = false })
            .Begin().Succeed("a").Succeed("b").Succeed("d").Fail("c");
        Runs(bench, new()).ShouldBe("a c d");
        Refusal(bench, new() { Only = new("c") }).Message.ShouldContain("'a' (its secret results are not kept)");
    }

    [Theory]
    [InlineData("nothing_to_run", null, null, false)]
    [InlineData("bad_selection", "a", "b", false)]
    [InlineData("bad_selection", "a", null, true)]
    [InlineData("unknown_task", "aa", null, false)]
    public void What_cannot_be_meant_is_refused(string code, string? from, string? only, bool downstream) =>
        Refusal(Completed(), new() { From = from is null ? null : new TaskId(from), Only = only is null ? null : new TaskId(only), Downstream = downstream }).Code.ShouldBe(code);

    [Fact]
    public void An_open_run_is_not_repeated() => Refusal(new Bench(A.Workflow(A.Task("a"))).Begin(), new()).Code.ShouldBe("run_open");

    [Fact]
    public void A_changed_task_and_a_new_one_run_and_one_that_is_gone_is_named()
    {
        var bench = Completed();
        var definition = bench.State.Plan.Definition with
        {
            Tasks = [A.Task("a"), A.Task("b", "a") with { Timeout = TimeSpan.FromSeconds(5) }, A.Task("c", "b"), A.Task("n")],
        };
        var plan = Plan(bench, new(), definition);
        plan.Steps.Select(s => $"{s.Task}: {s.Reason}").ShouldBe(["a: kept", "b: its definition changed", "c: comes after b", "n: new"]);
        plan.Dropped.ShouldBe([new("x"), new("y")]);
    }

    [Fact]
    public void A_task_whose_results_are_gone_runs_again()
    {
        var bench = Completed();
        var (plan, _) = RetryPlanning.Of(bench.State, bench.Events, bench.State.Plan.Definition, new(), new HashSet<TaskId> { new("x") });
        plan!.Steps.Where(s => s.Runs).Select(s => s.Reason).ShouldBe(["its results are missing", "comes after x"]);
    }

    [Fact]
    public void A_kept_result_names_the_run_that_made_it_through_all_repetitions()
    {
        var first = Failed();
        var second = Repeat(first, Plan(first, new())).Take(new RunInput.Admit("w")).Fail("b");
        var kept = Plan(second, new()).Steps.Single(s => s.Task == new TaskId("a")).Kept!;
        (kept.ReusedFrom, kept.Attempt, kept.Attempts).ShouldBe((first.Id, 0, 0));
        kept.Outputs!["rows"].GetInt32().ShouldBe(3);
    }

    [Fact]
    public void A_repeated_run_goes_on_from_what_it_keeps_and_replays_equal()
    {
        var first = Failed();
        var second = Repeat(first, Plan(first, new())).Take(new RunInput.Admit("w"));
        second.Status("a").ShouldBe("completed");
        second.Succeed("b").Succeed("c");
        second.State.End.ShouldBeOfType<WorkflowCompleted>().Counts.ShouldBe(new RunCounts(5, 5, 0, 0, 0, 0));
        RunReplay.Of(new RunPlan(second.State.Plan.Definition), second.Events).Difference?.ToString().ShouldBeNull();
    }

    [Fact]
    public void A_fan_out_is_kept_with_the_results_it_collected()
    {
        var bench = new Bench(A.Workflow(A.Task("each") with { FanOut = new() { Items = System.Text.Json.JsonElement.Parse("[1,2]") } }, A.Task("after", "each")))
            .Begin().Succeed("each[0]", ("n", 1)).Succeed("each[1]", ("n", 2)).Fail("after");
        var kept = Plan(bench, new()).Steps[0].Kept!;
        kept.Outputs!["results"].GetRawText().ShouldBe("""[{"n":1},{"n":2}]""");
        kept.Outputs["count"].GetInt32().ShouldBe(2);
        Refusal(bench, new() { From = new("each[1]") }).Message.ShouldContain("run together");
    }

    private static Bench Completed() => new Bench(A.Workflow(A.Task("a"), A.Task("b", "a"), A.Task("c", "b"), A.Task("x"), A.Task("y", "x")))
        .Begin().Succeed("a").Succeed("b").Succeed("c").Succeed("x").Succeed("y");

    private static Bench Repeat(Bench first, RetryPlan plan) => new Bench(plan.Definition).Take(new RunInput.Create(
        new WorkflowCreated { Workflow = "test", DefinitionVersion = "v", RetryOf = first.Id }, 0, [.. plan.Steps.Where(s => !s.Runs).Select(s => s.Kept!)]));

    private static string Runs(Bench bench, RetrySelection selection) => string.Join(' ', Plan(bench, selection).Steps.Where(s => s.Runs).Select(s => s.Task));

    private static RetryPlan Plan(Bench bench, RetrySelection selection, WorkflowDefinition? definition = null)
    {
        var (plan, refusal) = RetryPlanning.Of(bench.State, bench.Events, definition ?? bench.State.Plan.Definition, selection, new HashSet<TaskId>());
        refusal?.Message.ShouldBeNull();
        return plan!;
    }

    private static RetryRefusal Refusal(Bench bench, RetrySelection selection) =>
        RetryPlanning.Of(bench.State, bench.Events, bench.State.Plan.Definition, selection, new HashSet<TaskId>()).Refusal.ShouldNotBeNull();
}
