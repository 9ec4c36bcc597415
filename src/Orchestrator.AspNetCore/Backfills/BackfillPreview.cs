using System.Text.Json;
using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Schedules.Backfills;
using Orchestrator.Engine.Backfills;

namespace Orchestrator.AspNetCore.Backfills;

/// <summary>What a backfill would run.</summary>
internal static class BackfillPreview
{
    /// <summary>Writes the members: what it would be, and each item with its parameters.</summary>
    public static void Write(Utf8JsonWriter w, WorkflowDefinition workflow, BackfillPlan plan, DateTimeOffset now)
    {
        w.WriteString("workflow", plan.Workflow);
        w.WriteString("schedule_id", plan.ScheduleId);
        w.WriteString("param", plan.Param);
        w.WriteString("order", Words.Of(plan.Order));
        w.WriteNumber("parallelism", plan.Parallelism);
        w.WriteNumber("total", plan.Items.Keys.Length);
        w.WriteStartArray("runs");
        foreach (var key in plan.Items.Keys)
        {
            w.WriteStartObject();
            w.WriteString("key", key);
            w.WriteStartObject("params");
            foreach (var (name, value) in BackfillParameters.Bind(workflow, plan.ScheduleId, plan.Param, plan.Params, key, now).Values)
            {
                w.WritePropertyName(name);
                value.WriteTo(w);
            }
            w.WriteEndObject();
            w.WriteEndObject();
        }
        w.WriteEndArray();
    }
}
