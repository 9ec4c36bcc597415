using Orchestrator.Core.Definitions;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Definitions;

public sealed class ShapeTests
{
    private static string[] Edges(WorkflowDefinition workflow) => [.. workflow.Tasks.Select(t => $"{t.Id} <- {string.Join(",", t.DependsOn)}")];

    [Fact]
    public void A_chain_runs_one_after_another()
    {
        Edges(Workflow.Chain("c", t => t.Run("a"), t => t.Run("b"), t => t.Noop())).ShouldBe(["step_1 <- ", "step_2 <- step_1", "step_3 <- step_2"]);
        Edges(Workflow.Chain("c", ("load", t => t.Run("a")), ("clean", t => t.Run("b")))).ShouldBe(["load <- ", "clean <- load"]);
    }

    [Fact]
    public void Parallel_tasks_do_not_depend_on_each_other()
    {
        Edges(Workflow.Parallel("p", t => t.Run("a"), t => t.Run("b"))).ShouldBe(["task_1 <- ", "task_2 <- "]);
        Edges(Workflow.Parallel("p", ("x", t => t.Run("a")))).ShouldBe(["x <- "]);
    }

    [Fact]
    public void A_fan_out_joins_in_its_last_task()
    {
        Edges(Workflow.FanOutFanIn("f", t => t.Run("a"), [t => t.Run("b"), t => t.Run("c")], t => t.Run("d")))
            .ShouldBe(["initial <- ", "parallel_1 <- initial", "parallel_2 <- initial", "final <- parallel_1,parallel_2"]);
        Edges(Workflow.FanOutFanIn("f", t => t.Run("a"), [], t => t.Run("d"), "begin", "end")).ShouldBe(["begin <- ", "end <- begin"]);
    }

    [Fact]
    public void A_shape_is_held_to_the_rules() =>
        Should.Throw<DefinitionException>(() => Workflow.Chain("c", ("a", t => t.Run("x")), ("a", t => t.Run("y")))).Problems[0].Code.ShouldBe(ProblemCodes.DuplicateName);
}
