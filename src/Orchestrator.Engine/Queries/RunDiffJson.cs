using System.Text.Json;
using Orchestrator.Core;
using Orchestrator.Core.Statistics.Diffs;

namespace Orchestrator.Engine.Queries;

/// <summary>A difference of runs as JSON. What is the same is left out, times aside.</summary>
internal static class RunDiffJson
{
    /// <summary>Writes the members of an object.</summary>
    public static void WriteMembers(Utf8JsonWriter w, RunDiff diff)
    {
        w.WriteString("before", diff.Before.Value);
        w.WriteString("after", diff.After.Value);
        w.WriteBoolean("same", diff.IsSame);
        if (diff.Workflow is { } workflow) Text(w, "workflow", new Change<string?>(workflow.Before, workflow.After));
        Text(w, "definition_version", diff.DefinitionVersion);
        if (diff.Trigger is { } trigger) Text(w, "trigger", new Change<string?>(Words.Of(trigger.Before), Words.Of(trigger.After)));
        Text(w, "host", diff.Host);
        Text(w, "worker_version", diff.WorkerVersion);
        if (diff.Status is { } status) Text(w, "status", new Change<string?>(Words.Of(status.Before), Words.Of(status.After)));
        Number(w, "duration_ms", new(diff.DurationMs.Before, diff.DurationMs.After));
        Number(w, "queue_ms", new(diff.QueueMs.Before, diff.QueueMs.After));
        Values(w, "params", diff.Parameters);
        Values(w, "results", diff.Results);
        w.WriteStartArray("tasks");
        foreach (var task in diff.Tasks) Task(w, task);
        w.WriteEndArray();
    }

    private static void Task(Utf8JsonWriter w, TaskDiff task)
    {
        w.WriteStartObject();
        w.WriteString("id", task.Id.ToString());
        w.WriteBoolean("same", task.IsSame);
        Text(w, "status", new Change<string?>(task.Before is { } before ? Words.Of(before) : null, task.After is { } after ? Words.Of(after) : null));
        Number(w, "duration_ms", task.DurationMs);
        if (task.Attempts is { } attempts) Number(w, "attempts", new(attempts.Before, attempts.After));
        if (task.ExitCode is { } exit) Number(w, "exit_code", new(exit.Before, exit.After));
        Text(w, "reason", task.Reason);
        Text(w, "program", task.Program);
        if (!task.Results.IsEmpty) Values(w, "results", task.Results);
        w.WriteEndObject();
    }

    private static void Values(Utf8JsonWriter w, string name, IEnumerable<ValueDiff> values)
    {
        w.WriteStartObject(name);
        foreach (var value in values)
        {
            w.WriteStartObject(value.Name);
            Json(w, "before", value.Before);
            Json(w, "after", value.After);
            w.WriteEndObject();
        }
        w.WriteEndObject();
    }

    private static void Json(Utf8JsonWriter w, string name, JsonElement? value)
    {
        w.WritePropertyName(name);
        if (value is { } json) json.WriteTo(w);
        else w.WriteNullValue();
    }

    private static void Text(Utf8JsonWriter w, string name, Change<string?>? change)
    {
        if (change is not { } c) return;
        w.WriteStartObject(name);
        w.WriteString("before", c.Before);
        w.WriteString("after", c.After);
        w.WriteEndObject();
    }

    private static void Number(Utf8JsonWriter w, string name, Change<double?> change)
    {
        w.WriteStartObject(name);
        if (change.Before is { } before) w.WriteNumber("before", before);
        else w.WriteNull("before");
        if (change.After is { } after) w.WriteNumber("after", after);
        else w.WriteNull("after");
        w.WriteEndObject();
    }
}
