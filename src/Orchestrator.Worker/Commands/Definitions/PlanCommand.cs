using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Json;
using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Planning;
using Orchestrator.Engine.Executors.Process;
using Orchestrator.Worker.Commands.Output;
using Orchestrator.Worker.Hosting;

namespace Orchestrator.Worker.Commands.Definitions;

/// <summary><c>orchestrator plan</c>: what would run after what. Executes nothing.</summary>
internal static class PlanCommand
{
    public static Command Create(CommonOptions common, CommandContext around)
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
            if (parsed.GetValue(common.Json)) JsonOut.Document(around.Out, w => WriteJson(w, plan, new ProcessLaunches(around.Environment, Engine.Files.Disk.Real).DefaultShell));
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
        if (workflow.Concurrency is { } group) output.WriteLine($"group: {Printable.Line(group.Group)} (at most {group.Max}, else {Words.Of(group.OnConflict)})");
        for (var level = 0; level < plan.Depth; level++)
        {
            output.WriteLine($"level {level + 1}");
            var tasks = plan.Of(level);
            for (var i = 0; i < tasks.Count; i++)
                output.WriteLine($"{(i == tasks.Count - 1 ? "└─" : "├─")} {Describe(tasks[i])}");
        }
        if (workflow.Handlers is not { } handlers) return;
        foreach (var (when, tasks) in Handlers(handlers))
        {
            output.WriteLine(when);
            for (var i = 0; i < tasks.Length; i++) output.WriteLine($"{(i == tasks.Length - 1 ? "└─" : "├─")} {Describe(tasks[i])}");
        }
    }

    private static IEnumerable<(string When, ImmutableArray<TaskDefinition> Tasks)> Handlers(HandlersDefinition handlers) =>
        new[] { ("on_success", handlers.OnSuccess), ("on_failure", handlers.OnFailure), ("on_cancel", handlers.OnCancel), ("finally", handlers.Finally) }
            .Where(h => !h.Item2.IsEmpty);

    private static string Describe(TaskDefinition task)
    {
        var notes = new List<string> { TaskWords.Of(task.Action) };
        if (task.FanOut is { } fanOut) notes.Add(TaskWords.Of(fanOut));
        if (!task.Enabled) notes.Add("disabled");
        if (task.Stage is { } stage) notes.Add($"stage {stage}");
        if (task.Pool is { } pool) notes.Add($"pool {pool}");
        if (task.RunWhen != RunWhen.AllSuccess) notes.Add($"run_when {Words.Of(task.RunWhen)}");
        if (task.If is { } condition) notes.Add($"if {Printable.Line(condition)}");
        if (task.Retry is { MaxAttempts: > 1 } retry) notes.Add($"up to {retry.MaxAttempts} attempts");
        if (task.Timeout is { } timeout) notes.Add($"timeout {DurationText.Format(timeout)}");
        if (task.AllowFailure) notes.Add("allow_failure");
        if (!task.SuccessExitCodes.IsEmpty) notes.Add($"success also at exit {string.Join(", ", task.SuccessExitCodes)}");
        return $"{task.Id} ({string.Join(", ", notes)}){(task.DependsOn.Length > 0 ? $" <- {string.Join(", ", task.DependsOn)}" : "")}";
    }

    private static void WriteJson(Utf8JsonWriter w, Levels plan, ImmutableArray<string> shell)
    {
        w.WriteString("workflow", plan.Workflow.Name);
        w.WriteString("definition_version", DefinitionJson.Version(plan.Workflow));
        Strings(w, "stages", plan.Workflow.Stages);
        w.WriteStartArray("levels");
        for (var level = 0; level < plan.Depth; level++) WriteArray(w, plan.Of(level).Select(t => t.Id.ToString()));
        w.WriteEndArray();
        w.WriteStartArray("tasks");
        foreach (var task in plan.Workflow.Tasks) WriteTask(w, task, plan.LevelOf(task) + 1, shell);
        w.WriteEndArray();
        w.WriteStartObject("handlers");
        foreach (var (when, tasks) in plan.Workflow.Handlers is { } handlers ? Handlers(handlers) : [])
        {
            w.WriteStartArray(when);
            foreach (var task in tasks) WriteTask(w, task, level: null, shell);
            w.WriteEndArray();
        }
        w.WriteEndObject();
    }

    private static void WriteTask(Utf8JsonWriter w, TaskDefinition task, int? level, ImmutableArray<string> shell)
    {
        w.WriteStartObject();
        w.WriteString("id", task.Id.ToString());
        w.WriteString("kind", task.Action.Kind);
        w.WriteString("does", TaskWords.Of(task.Action));
        if (ShellOf(task.Action) is { } own) Strings(w, "shell", own.IsDefaultOrEmpty ? shell : own);
        else w.WriteNull("shell");
        if (level is { } number)
        {
            w.WriteString("stage", task.Stage ?? RunPlan.DefaultStage);
            w.WriteNumber("level", number);
            Strings(w, "depends_on", task.DependsOn.Select(d => d.ToString()));
            w.WriteString("run_when", Words.Of(task.RunWhen));
        }
        w.WriteString("if", task.If);
        w.WriteString("fan_out", task.FanOut is { } fanOut ? TaskWords.Of(fanOut) : null);
        w.WriteString("pool", task.Pool);
        w.WriteBoolean("enabled", task.Enabled);
        w.WriteNumber("max_attempts", task.Retry?.MaxAttempts ?? 1);
        w.WriteString("log_output", Words.Of(task.LogOutput));
        w.WriteStartArray("success_exit_codes");
        foreach (var code in task.SuccessExitCodes) w.WriteNumberValue(code);
        w.WriteEndArray();
        w.WriteEndObject();
    }

    private static ImmutableArray<string>? ShellOf(TaskAction action) => action switch
    {
        RunAction run => run.Shell,
        WaitAction { Poll.Check: RunAction run } => run.Shell,
        _ => null,
    };

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
