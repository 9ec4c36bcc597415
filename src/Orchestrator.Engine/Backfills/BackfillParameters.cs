using System.Text;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Expressions;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Schedules.Backfills;
using Orchestrator.Core.Serialization;

namespace Orchestrator.Engine.Backfills;

/// <summary>Parameters of the run of an item.</summary>
public static class BackfillParameters
{
    /// <summary>
    /// Binds them: values of the backfill over those of the schedule over defaults. For defaults, <c>now</c> is the due time: the run is that of back then.
    /// </summary>
    public static BoundParameters Bind(
        WorkflowDefinition workflow, string? scheduleId, string? param, IReadOnlyDictionary<string, JsonElement> given, string key, DateTimeOffset now)
    {
        var schedule = workflow.Schedules.FirstOrDefault(s => s.Id == scheduleId);
        var values = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        if (schedule is not null)
            foreach (var (name, value) in schedule.Params) values[name] = value;
        foreach (var (name, value) in given) values[name] = Json(workflow, name, value);
        if (param is not null) values[param] = JsonBounds.Parse(Encoding.UTF8.GetBytes($"\"{key}\""));   // a date: nothing in it needs escaping
        var due = BackfillRange.DueAt(key);
        return ParameterBinder.Bind(workflow, values, due ?? now, scheduleId is not null && due is { } at ? new ScheduleFacts(scheduleId, at) : null);
    }

    // A command line gives texts: those of lists and objects are JSON.
    private static JsonElement Json(WorkflowDefinition workflow, string name, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String || workflow.Params.FirstOrDefault(p => p.Name == name) is not { Type: ParameterType.List or ParameterType.Object }) return value;
        try { return JsonBounds.Parse(Encoding.UTF8.GetBytes(value.GetString()!)); }
        catch (JsonException) { return value; }   // the binder says what is wrong with it
    }
}
