using Orchestrator.Core.Definitions;
using Orchestrator.Core.Explanations;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Tests.Runs;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Explanations;

public sealed class TaskExplanationTests
{
    private static readonly DateTimeOffset Later = new(2026, 1, 1, 1, 0, 0, TimeSpan.Zero);

    internal static Explanation Why(Bench bench, WorkflowDefinition workflow, string task, WorkerLimits? limits = null, DateTimeOffset? at = null, bool? alive = true)
    {
        var run = new ExplainedRun(new RunPlan(workflow), bench.Events, at ?? Later, _ => new(alive, null));
        return TaskExplanation.Of(run, run.State.IndexOf(new(task)), new(at ?? Later, limits ?? new(), [RunFacts.Of(run)]));
    }

    private static (bool? Passes, string? Value) Gate(Explanation found, string name) => found.Gates.Single(g => g.Name == name) is var g ? (g.Passes, g.Value) : default;

    [Fact]
    public void A_task_that_waits_names_the_dependencies_that_have_not_ended()
    {
        var workflow = A.Workflow(A.Task("a"), A.Task("b"), A.Task("c", "a", "b"));
        var bench = new Bench(workflow).Begin().Succeed("a");
        var why = Why(bench, workflow, "c");
        why.Status.ShouldBe("pending");
        why.Answer.ShouldBe("Task c has not started: It waits for b (running).");
        Gate(why, "dependencies").ShouldBe((false, "1 of 2 ended"));
        Gate(why, "run_when").ShouldBe((null, "all_success"));
        why.Gates.Single(g => g.Name == "dependencies").Facts.ShouldBe([new("a", "completed"), new("b", "running")]);
    }

    [Theory]
    [InlineData("tasks.a.outputs.rows > 100", "tasks.a.outputs.rows", "12")]
    [InlineData("tasks.a.outputs['rows'] == 13", "tasks.a.outputs.rows", "12")]
    [InlineData("tasks.a.status == 'failed'", "tasks.a.status", "\"completed\"")]
    [InlineData("contains(tasks.a.outputs.names, 'z')", "tasks.a.outputs.names", """["x","y"]""")]
    [InlineData("${{ tasks.a.outputs.rows > 5 && params.on }}", "params.on", "false")]
    [InlineData("default(tasks.a.outputs.none, 0) > 1", "tasks.a.outputs.none", "(There is no output of task 'a' named 'none'. There are: names, rows.)")]
    public void A_skipped_task_shows_the_operands_of_its_condition(string condition, string operand, string value)
    {
        var workflow = A.Workflow(A.Task("a"), A.Task("b", "a") with { If = condition });
        var bench = new Bench(workflow).Take(new RunInput.Create(new WorkflowCreated
        {
            Workflow = "test", DefinitionVersion = "v", Params = System.Collections.Immutable.ImmutableSortedDictionary<string, System.Text.Json.JsonElement>.Empty.Add("on", A.Json(false)),
        }, 0)).Take(new RunInput.Admit("w1"));
        bench.Succeed("a", ("rows", 12), ("names", new[] { "x", "y" }));
        var why = Why(bench, workflow, "b");
        why.Status.ShouldBe("skipped");
        var gate = why.Gates.Single(g => g.Name == "condition");
        gate.Passes.ShouldBe(false);
        gate.Facts.ShouldContain(new GateFact(operand, value));
        why.Answer.ShouldContain("The condition is false");
    }

    [Fact]
    public void A_secret_parameter_is_never_shown()
    {
        var workflow = A.Workflow(A.Task("a") with { If = "params.key == 'x'" }) with { Params = [new() { Name = "key", Type = ParameterType.Secret }] };
        var bench = new Bench(workflow).Take(new RunInput.Create(new WorkflowCreated
        {
            Workflow = "test", DefinitionVersion = "v", Params = System.Collections.Immutable.ImmutableSortedDictionary<string, System.Text.Json.JsonElement>.Empty.Add("key", A.Json("hunter2")),
        }, 0)).Take(new RunInput.Admit("w1"));
        Why(bench, workflow, "a").Gates.Single(g => g.Name == "condition").Facts.ShouldBe([new("params.key", "(secret)")]);
    }

    [Theory]
    [InlineData(RunWhen.AllSuccess, "skipped", false)]
    [InlineData(RunWhen.NoneFailed, "skipped", false)]
    [InlineData(RunWhen.AllDone, "running", true)]
    [InlineData(RunWhen.OneFailed, "running", true)]
    [InlineData(RunWhen.OneSuccess, "running", true)]
    public void Run_when_is_shown_with_what_became_of_the_dependencies(RunWhen rule, string status, bool passes)
    {
        var workflow = A.Workflow(A.Task("a"), A.Task("b"), A.Task("c", "a", "b") with { RunWhen = rule }) with { FailFast = false };
        var bench = new Bench(workflow).Begin().Succeed("a").Fail("b");
        var why = Why(bench, workflow, "c");
        why.Status.ShouldBe(status);
        var gate = why.Gates.Single(g => g.Name == "run_when");
        (gate.Passes, gate.Value).ShouldBe((passes, Words.Of(rule)));
        gate.Sentence.ShouldContain("1 of 2 succeeded, 1 failed, 0 skipped, 0 cancelled");
        if (!passes) why.Answer.ShouldContain("b did not succeed");
    }

    [Fact]
    public void A_task_that_fail_fast_ended_names_the_failure()
    {
        var workflow = A.Workflow(A.Task("a"), A.Task("b", "a"), A.Task("bad"));
        var why = Why(new Bench(workflow).Begin().Fail("bad"), workflow, "b");
        why.Status.ShouldBe("cancelled");
        why.Answer.ShouldContain("a task failed and the workflow has fail_fast. Task 'bad' failed: broken");
    }

    [Fact]
    public void A_task_without_a_slot_names_who_holds_them_and_who_goes_first()
    {
        var workflow = A.Workflow(A.Task("a"), A.Task("b"), A.Task("c"));
        var why = Why(new Bench(workflow, slots: 1).Begin(), workflow, "c", new() { Slots = 1 });
        why.Status.ShouldBe("queued");
        Gate(why, "slot").ShouldBe((false, "1 of 1"));
        why.Gates.Single(g => g.Name == "slot").Facts.Single().Name.ShouldEndWith("/a");
        why.Gates.Single(g => g.Name == "rank").Passes.ShouldBe(false);
        Gate(Why(new Bench(workflow, slots: 1).Begin(), workflow, "b", new() { Slots = 1 }), "rank").ShouldBe((true, "0"));
    }

    [Fact]
    public void A_task_without_a_slot_of_its_pool_names_the_pool_and_its_holders()
    {
        var workflow = A.Workflow(A.Task("a") with { Pool = "db" }, A.Task("b") with { Pool = "db" });
        var bench = new Bench(workflow) { Pools = { ["db"] = 1 } }.Begin();
        var why = Why(bench, workflow, "b", new() { Slots = 8, Pools = new Dictionary<string, int> { ["db"] = 1 } });
        Gate(why, "pool").ShouldBe((false, "db: 1 of 1"));
        why.Answer.ShouldBe("Task b has not started: Pool db is full: 1 of 1 in use.");
    }

    [Fact]
    public void A_task_beyond_max_parallel_says_so()
    {
        var workflow = A.Workflow(A.Task("a"), A.Task("b")) with { MaxParallel = 1 };
        Gate(Why(new Bench(workflow).Begin(), workflow, "b"), "max_parallel").ShouldBe((false, "1 of 1"));
    }

    [Fact]
    public void Waits_say_what_they_wait_for()
    {
        var workflow = A.Workflow(A.Wait("w", "1h"), A.Event("e", "go"), A.Ask("q", 2), A.Each("f", 3), A.Task("r") with { Retry = A.Retry(3, 60) });
        var bench = new Bench(workflow).Begin().Fail("r").Approve("q", "ann");
        Why(bench, workflow, "w").Answer.ShouldBe("Task w has started and waits: It waits until 2026-01-01 01:00:00Z.");
        Why(bench, workflow, "e").Answer.ShouldContain("the event 'go'");
        Why(bench, workflow, "q").Answer.ShouldContain("1 of 2 given");
        Why(bench, workflow, "f").Answer.ShouldContain("0 of 3 have ended");
        Why(bench, workflow, "r").Answer.ShouldContain("Attempt 2 is due at");
        Why(bench, workflow, "f[1]").Status.ShouldBe("running");
    }

    [Fact]
    public void A_run_without_a_living_worker_is_the_reason_before_all_others()
    {
        var workflow = A.Workflow(A.Task("a"), A.Task("b", "a"));
        Why(new Bench(workflow).Begin(), workflow, "a", alive: false).Answer.ShouldContain("No process is executing the run");
    }

    [Fact]
    public void A_past_instant_is_explained_by_the_events_up_to_it()
    {
        var workflow = A.Workflow(A.Task("a"), A.Task("b", "a"));
        var bench = new Bench(workflow).Begin();
        var middle = bench.Wait(1000).Now;
        bench.Wait(1000).Succeed("a").Succeed("b");
        Why(bench, workflow, "b").Status.ShouldBe("completed");
        var then = Why(bench, workflow, "b", at: middle);
        (then.Status, then.Answer).ShouldBe(("pending", "Task b has not started: It waits for a (running)."));
    }

    [Fact]
    public void Handlers_say_when_they_run()
    {
        var workflow = A.Workflow(A.Task("a")) with { Handlers = new() { OnFailure = [A.Task("page")], Finally = [A.Task("tidy")] } };
        var bench = new Bench(workflow).Begin();
        Why(bench, workflow, "page").Answer.ShouldContain("handlers start when every task has ended");
        bench.Succeed("a");
        Gate(Why(bench, workflow, "page"), "handler").ShouldBe((false, "on_failure"));
        Why(bench, workflow, "tidy").Status.ShouldBe("running");
    }
}
