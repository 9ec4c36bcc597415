using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Expressions;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Tests.Expressions;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Planning;

public sealed class TaskTemplatesTests
{
    [Fact]
    public void A_command_gets_its_values()
    {
        var invocation = Of(new RunAction("./fetch.sh --day ${{ params.day }} > \"$STAGING/x.csv\"")).Render(Eval.Scope);
        invocation.Command.ShouldBe("./fetch.sh --day 2026-03-08 > \"$STAGING/x.csv\"");
        invocation.WorkingDir.ShouldBeNull();
        invocation.Env.ShouldBeEmpty();
    }

    [Fact]
    public void A_command_or_script_refuses_values_a_shell_could_interpret()
    {
        foreach (TaskAction action in new TaskAction[] { new RunAction("cat ${{ tasks.check.outputs.file }}"), new ScriptAction("#!/bin/sh\ncat ${{ tasks.check.outputs.file }}") })
            Should.Throw<ExpressionException>(() => Of(action).Render(Eval.Scope)).Message.ShouldContain("Pass it by env");
    }

    [Fact]
    public void Arguments_without_a_shell_take_any_text() =>
        Of(new ExecAction(["cat", "${{ tasks.check.outputs.file }}", "x${{ params.nothing }}"])).Render(Eval.Scope).Argv.ShouldBe(["cat", "a b.csv", "x"]);

    [Fact]
    public void Inputs_of_a_delegate_keep_their_kinds_through_lists_and_objects()
    {
        var with = Json("""{"rows": "${{ tasks.check.outputs.rows }}", "deep": [1, "n=${{ params.n }}", {"day": "${{ params.day }}", "all": "${{ params.list }}"}], "plain": {"a": [true]}, "escaped": "$${{ x }}"}""");
        var action = new DelegateAction("load") { With = with.EnumerateObject().ToImmutableSortedDictionary(p => p.Name, p => p.Value) };
        var rendered = Of(action).Render(Eval.Scope).With;
        rendered["rows"].GetRawText().ShouldBe("42");
        rendered["deep"].GetRawText().ShouldBe("""[1,"n=7",{"day":"2026-03-08","all":[1,"two",[3],{"four":4}]}]""");
        rendered["plain"].GetRawText().ShouldBe("""{"a": [true]}""");
        rendered["escaped"].GetString().ShouldBe("${{ x }}");
    }

    [Fact]
    public void Variables_of_the_task_stand_above_those_of_the_workflow_and_see_them()
    {
        var workflow = Workflow(new NoopAction(),
            env: Env(("BASE", "/srv"), ("DAY", "${{ params.day }}"), ("DIR", "${{ env.BASE }}/${{ params.region }}")),
            taskEnv: Env(("DAY", "day ${{ env.DAY }}"), ("OUT", "${{ env.DIR }}/out"), ("LIT", "$${{ x }}")), workingDir: "${{ env.OUT }}");
        var invocation = TaskTemplates.Of(workflow, workflow.Tasks[0]).Render(Eval.Scope);
        invocation.Env.ShouldBe(Env(("BASE", "/srv"), ("DAY", "day 2026-03-08"), ("DIR", "/srv/eu"), ("LIT", "${{ x }}"), ("OUT", "/srv/eu/out")));
        invocation.WorkingDir.ShouldBe("/srv/eu/out");
    }

    [Fact]
    public void Variables_never_depend_on_each_other_in_circles()
    {
        var workflow = Workflow(new NoopAction(), env: Env(("A", "${{ env.B }}"), ("B", "${{ env.A }}")));
        Should.Throw<ExpressionException>(() => TaskTemplates.Of(workflow, workflow.Tasks[0]).Render(Eval.Scope)).Message.ShouldContain("no declared variable 'B'");
    }

    [Fact]
    public void A_secret_goes_through_a_variable_and_is_listed()
    {
        var workflow = Workflow(new RunAction("psql"), env: Env(("PGPASSWORD", "${{ secrets.DB }}")));
        var templates = TaskTemplates.Of(workflow, workflow.Tasks[0]);
        templates.SecretNames.ShouldBe(["DB"]);
        templates.Render(Eval.Scope).Env["PGPASSWORD"].ShouldBe(Eval.Password);
    }

    [Theory]
    [InlineData("tasks.check.outputs.rows > 0", true)]
    [InlineData("${{ tasks.check.outputs.rows > 100 }}", false)]
    [InlineData("env.MODE == 'full-eu'", true)]
    public void A_condition_is_true_or_false(string condition, bool expected)
    {
        var workflow = Workflow(new NoopAction(), condition, env: Env(("REGION", "${{ params.region }}"), ("BROKEN", "${{ params.no }}")), taskEnv: Env(("MODE", "full-${{ env.REGION }}")));
        TaskTemplates.Of(workflow, workflow.Tasks[0]).EvaluateIf(Eval.Scope).ShouldBe(expected);
    }

    [Fact]
    public void Without_a_condition_there_is_no_answer() => Of(new NoopAction()).EvaluateIf(Eval.Scope).ShouldBeNull();

    [Theory]
    [InlineData("params.region", "A condition takes true or false, not a text.")]
    [InlineData("params.nothing", "A condition takes true or false, not null.")]
    [InlineData("tasks.gone.outputs.x", "There is no task 'gone'")]
    public void A_condition_that_is_neither_is_an_error(string condition, string message)
    {
        var workflow = Workflow(new NoopAction(), condition);
        Should.Throw<ExpressionException>(() => TaskTemplates.Of(workflow, workflow.Tasks[0]).EvaluateIf(Eval.Scope)).Message.ShouldContain(message);
    }

    [Fact]
    public void References_name_all_that_a_task_needs_and_what_its_condition_needs()
    {
        var workflow = Workflow(new RunAction("x ${{ tasks.a.outputs.x }}"), "env.E == '' && tasks.b.status == 'completed'",
            env: Env(("W", "${{ secrets.S }}"), ("UNUSED", "${{ secrets.T }}")), taskEnv: Env(("E", "${{ env.W }}")), workingDir: "${{ params.d }}");
        var templates = TaskTemplates.Of(workflow, workflow.Tasks[0]);
        templates.TaskNames.ShouldBe(["a", "b"]);
        templates.References.Select(r => r.ToString()).Order(StringComparer.Ordinal)
            .ShouldBe(["env.E", "env.W", "params.d", "secrets.S", "secrets.T", "tasks.a", "tasks.b"]);
        templates.ConditionReferences.Select(r => r.ToString()).ShouldBe(["env.E", "tasks.b", "env.W", "secrets.S"]);
    }

    [Fact]
    public void A_text_that_does_not_parse_names_its_place()
    {
        var workflow = Workflow(new ExecAction(["x", "ab ${{ 1 + }}"]));
        Should.Throw<ExpressionException>(() => TaskTemplates.Of(workflow, workflow.Tasks[0]).References).Message.ShouldStartWith("tasks.t.exec[1], character 12:");
    }

    [Fact]
    public void Tasks_without_expressions_share_what_the_definition_holds()
    {
        var workflow = Workflow(new ExecAction(["true"]), env: Env(("A", "1")));
        var invocation = TaskTemplates.Of(WorkflowTemplates.Of(workflow), workflow.Tasks[0]).Render(Eval.Scope);
        invocation.Env.ShouldBeSameAs(workflow.Env);
        invocation.Argv.ShouldBe(((ExecAction)workflow.Tasks[0].Action).Argv);
    }

    private static TaskTemplates Of(TaskAction action) => TaskTemplates.Of(Workflow(action), Workflow(action).Tasks[0]);

    private static WorkflowDefinition Workflow(
        TaskAction action, string? condition = null, ImmutableSortedDictionary<string, string>? env = null, ImmutableSortedDictionary<string, string>? taskEnv = null, string? workingDir = null) => new()
        {
            Name = "w",
            Env = env ?? Env(),
            WorkingDir = workingDir,
            Tasks = [new() { Id = new("t"), Action = action, If = condition, Env = taskEnv ?? Env() }],
        };

    private static ImmutableSortedDictionary<string, string> Env(params (string Name, string Value)[] variables) =>
        variables.ToImmutableSortedDictionary(v => v.Name, v => v.Value);

    private static JsonElement Json(string json) => JsonDocument.Parse(json).RootElement;
}
