using Orchestrator.Core.Runs;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Runs;

public sealed class AncestorTests
{
    [Fact]
    public void Results_of_all_tasks_before_one_are_found_nearest_first_and_once()
    {
        var bench = new Bench(A.Workflow(A.Task("a"), A.Task("b", "a"), A.Task("c", "a"), A.Task("d", "b", "c"), A.Task("aside"))).Begin();
        bench.Succeed("a", ("x", 1)).Succeed("aside", ("no", 1)).Succeed("b").Succeed("c", ("y", "z"));
        Of(bench, "d").ShouldBe(["c.y", "a.x"]);
        Of(bench, "b").ShouldBe(["a.x"]);
        Of(bench, "a").ShouldBeEmpty();
    }

    [Fact]
    public void A_task_that_failed_with_leave_lets_the_results_before_it_through()
    {
        var bench = new Bench(A.Workflow(A.Task("a"), A.Task("b", "a") with { AllowFailure = true }, A.Task("c", "b"))).Begin();
        bench.Succeed("a", ("x", 1)).Fail("b");
        Of(bench, "c").ShouldBe(["a.x"]);
    }

    [Fact]
    public void Where_nothing_before_it_has_results_there_is_nothing_to_look_for()
    {
        var bench = new Bench(A.Workflow(A.Task("a"), A.Task("b", "a"))).Begin().Succeed("a");
        Scopes.AncestorOutputs(bench.State, 1).ShouldBeSameAs(Array.Empty<AncestorResults>());
    }

    private static List<string> Of(Bench bench, string task) =>
        [.. Scopes.AncestorOutputs(bench.State, bench.State.Plan.Graph.IndexOf(new(task))).SelectMany(a => a.Outputs.Keys.Select(k => $"{a.Task}.{k}"))];
}
