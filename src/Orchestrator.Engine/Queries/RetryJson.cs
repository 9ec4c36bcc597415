using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Engine.Running;

namespace Orchestrator.Engine.Queries;

/// <summary>What a retry would do, for tools.</summary>
internal static class RetryJson
{
    public static void Write(Utf8JsonWriter w, RetryPreview preview)
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
