using System.CommandLine;
using System.Text.Json;
using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Planning;
using Orchestrator.Worker.Hosting;

namespace Orchestrator.Worker.Commands;

/// <summary><c>orchestrator plan</c>: what would run after what. Executes nothing.</summary>
internal static class PlanCommand
{
    public static Command Create(CommonOptions common, Surroundings around)
    {
        var target = new Argument<string>("FILE|NAME") { Description = "A definition file, or a workflow of the workflows folder." };
        var verb = new Verb("plan", "Show a workflow's tasks in levels: what runs after what and what can run side by side. Executes nothing.")
        {
            Examples = [("orchestrator plan nightly.yaml", "the levels of a file's workflow"), ("orchestrator plan sales-nightly --json", "for tools")],
        };
        verb.Arguments.Add(target);
        verb.SetAction(parsed =>
        {
            var workflow = new DefinitionFiles(common.Load(parsed, around), around).LoadOrFind(parsed.GetValue(target)!).Workflow;
            var plan = Levels.Of(workflow);
            if (parsed.GetValue(common.Json)) JsonOut.Document(around.Out, w => WriteJson(w, plan));
            else WriteText(around.Out, plan);
            return ExitCode.Ok;
        });
        return verb;
    }

    private static void WriteText(TextWriter output, Levels plan)
    {
        var workflow = plan.Workflow;
        output.WriteLine($"{workflow.Name}: {workflow.Tasks.Length} {(workflow.Tasks.Length == 1 ? "task" : "tasks")} in {plan.Depth} {(plan.Depth == 1 ? "level" : "levels")}");
        if (workflow.Stages.Length > 0) output.WriteLine($"stages: {string.Join(", ", workflow.Stages)}");
        if (workflow.Params.Length > 0) output.WriteLine($"params: {string.Join(", ", workflow.Params.Select(p => $"{p.Name} ({Words.Of(p.Type)}{(p.Required ? ", required" : "")})"))}");
        for (var level = 0; level < plan.Depth; level++)
        {
            output.WriteLine($"level {level + 1}");
            var tasks = plan.Of(level);
            for (var i = 0; i < tasks.Count; i++)
                output.WriteLine($"{(i == tasks.Count - 1 ? "└─" : "├─")} {Describe(tasks[i])}");
        }
    }

    private static string Describe(TaskDefinition task)
    {
        var notes = new List<string> { task.Action.Kind };
        if (task.Stage is { } stage) notes.Add($"stage {stage}");
        if (task.RunWhen != RunWhen.AllSuccess) notes.Add($"run_when {Words.Of(task.RunWhen)}");
        if (task.If is { } condition) notes.Add($"if {Printable.Line(condition)}");
        if (task.Retry is { MaxAttempts: > 1 } retry) notes.Add($"up to {retry.MaxAttempts} attempts");
        if (task.Timeout is { } timeout) notes.Add($"timeout {DurationText.Format(timeout)}");
        if (task.AllowFailure) notes.Add("allow_failure");
        return $"{task.Id} ({string.Join(", ", notes)}){(task.DependsOn.Length > 0 ? $" <- {string.Join(", ", task.DependsOn)}" : "")}";
    }

    private static void WriteJson(Utf8JsonWriter w, Levels plan)
    {
        w.WriteString("workflow", plan.Workflow.Name);
        w.WriteString("definition_version", DefinitionJson.Version(plan.Workflow));
        Strings(w, "stages", plan.Workflow.Stages);
        w.WriteStartArray("levels");
        for (var level = 0; level < plan.Depth; level++) WriteArray(w, plan.Of(level).Select(t => t.Id.ToString()));
        w.WriteEndArray();
        w.WriteStartArray("tasks");
        foreach (var task in plan.Workflow.Tasks)
        {
            w.WriteStartObject();
            w.WriteString("id", task.Id.ToString());
            w.WriteString("kind", task.Action.Kind);
            w.WriteString("stage", task.Stage ?? RunPlan.DefaultStage);
            w.WriteNumber("level", plan.LevelOf(task) + 1);
            Strings(w, "depends_on", task.DependsOn.Select(d => d.ToString()));
            w.WriteString("run_when", Words.Of(task.RunWhen));
            w.WriteString("if", task.If);
            w.WriteNumber("max_attempts", task.Retry?.MaxAttempts ?? 1);
            w.WriteEndObject();
        }
        w.WriteEndArray();
    }

    private static void Strings(Utf8JsonWriter w, string name, IEnumerable<string> values)
    {
        w.WritePropertyName(name);
        WriteArray(w, values);
    }

    private static void WriteArray(Utf8JsonWriter w, IEnumerable<string> values)
    {
        w.WriteStartArray();
        foreach (var value in values) w.WriteStringValue(value);
        w.WriteEndArray();
    }
}
