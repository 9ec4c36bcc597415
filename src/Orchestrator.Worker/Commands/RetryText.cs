using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Engine.Running;

namespace Orchestrator.Worker.Commands;

/// <summary>What a retry would do, for people and for tools.</summary>
internal static class RetryText
{
    public static void Write(Surroundings around, RetryPreview preview)
    {
        var plan = preview.Plan;
        var table = new TextTable("task", "in the new run", "why");
        foreach (var step in plan.Steps) table.Add(step.Task.ToString(), step.Runs ? "runs" : "kept", step.Kept?.ReusedFrom is { } from ? $"result of run {from}" : step.Reason);
        table.Write(around);
        if (plan.Dropped.Length > 0) around.Out.WriteLine($"No longer in the workflow, so left out: {string.Join(", ", plan.Dropped)}.");
        if (preview.DroppedParams.Length > 0) around.Out.WriteLine($"Parameters the workflow no longer has, so left out: {string.Join(", ", preview.DroppedParams)}.");
        around.Out.WriteLine($"{plan.Running} of {plan.Steps.Length} {(plan.Steps.Length == 1 ? "task" : "tasks")} of {plan.Definition.Name} {(plan.Running == 1 ? "runs" : "run")} again; it repeats run {plan.Earlier}.");
    }

    public static void WriteJson(Utf8JsonWriter w, RetryPreview preview)
    {
        var plan = preview.Plan;
        w.WriteString("retry_of", plan.Earlier.ToString());
        w.WriteString("workflow", plan.Definition.Name);
        w.WriteString("definition_version", DefinitionJson.Version(plan.Definition));
        w.WriteNumber("running", plan.Running);
        w.WriteNumber("kept", plan.Steps.Length - plan.Running);
        w.WriteStartArray("tasks");
        foreach (var step in plan.Steps)
        {
            w.WriteStartObject();
            w.WriteString("id", step.Task.ToString());
            w.WriteBoolean("runs", step.Runs);
            w.WriteString("reason", step.Reason);
            w.WriteString("reused_from", step.Kept?.ReusedFrom?.ToString());
            w.WriteEndObject();
        }
        w.WriteEndArray();
        Names(w, "dropped_tasks", plan.Dropped.Select(t => t.ToString()));
        Names(w, "dropped_params", preview.DroppedParams);
    }

    private static void Names(Utf8JsonWriter w, string name, IEnumerable<string> values)
    {
        w.WriteStartArray(name);
        foreach (var value in values) w.WriteStringValue(value);
        w.WriteEndArray();
    }
}
