using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Serialization;

namespace Orchestrator.Core.Statistics.RootCauses;

/// <summary>A root cause as JSON: every key is there, what there is none of is null or empty.</summary>
public static class RootCauseJson
{
    /// <summary>The object.</summary>
    public static void Write(Utf8JsonWriter json, RootCause cause)
    {
        json.WriteStartObject();
        json.WriteString("task"u8, cause.Task?.ToString());
        json.WriteString("stage"u8, cause.Stage);
        json.WriteString("error_class"u8, Words.Of(cause.Class));
        json.WriteString("kind"u8, cause.Kind is { } kind ? Words.Of(kind) : null);
        json.NumberOrNull("exit_code"u8, cause.ExitCode);
        json.WriteNumber("attempts"u8, cause.Attempts);
        json.InstantOrNull("at"u8, cause.At);
        json.WriteString("error"u8, cause.Error);
        json.WriteString("log_ref"u8, cause.LogRef);
        json.Texts("log_end"u8, cause.LogEnd);
        json.WriteString("child_run_id"u8, cause.ChildRunId?.ToString());
        Tasks(json, "skipped", cause.SkippedCount, cause.Skipped);
        Tasks(json, "cancelled", cause.CancelledCount, cause.Cancelled);
        Tasks(json, "failed_later", cause.FailedLaterCount, cause.FailedLater);
        if (cause.Since is { } since) Since(json, since);
        else json.WriteNull("since_success"u8);
        json.WriteStartObject("similar"u8);
        json.WriteNumber("count"u8, cause.Similar.Count);
        json.WriteNumber("of_runs"u8, cause.Similar.Looked);
        json.InstantOrNull("last_at"u8, cause.Similar.LastAt);
        json.WriteString("last_run"u8, cause.Similar.LastRun?.ToString());
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Tasks(Utf8JsonWriter json, string name, int count, ImmutableArray<Definitions.TaskId> tasks)
    {
        json.WriteStartObject(name);
        json.WriteNumber("count"u8, count);
        json.Ids("tasks"u8, tasks);
        json.WriteEndObject();
    }

    private static void Since(Utf8JsonWriter json, SinceSuccess since)
    {
        json.WriteStartObject("since_success"u8);
        json.WriteString("run_id"u8, since.Run.Value);
        json.Instant("ended_at"u8, since.EndedAt);
        json.WriteStartObject("duration_ms"u8);
        json.WriteNumber("before"u8, since.DurationMs.Before);
        json.WriteNumber("after"u8, since.DurationMs.After);
        json.WriteEndObject();
        Changed(json, "definition_version", since.DefinitionVersion);
        Changed(json, "host", since.Host);
        Changed(json, "worker_version", since.WorkerVersion);
        json.WriteStartArray("params"u8);
        foreach (var value in since.Parameters)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, value.Name);
            Value(json, "before", value.Before);
            Value(json, "after", value.After);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Changed(Utf8JsonWriter json, string name, Diffs.Change<string?>? change)
    {
        if (change is not { } both)
        {
            json.WriteNull(name);
            return;
        }
        json.WriteStartObject(name);
        json.WriteString("before"u8, both.Before);
        json.WriteString("after"u8, both.After);
        json.WriteEndObject();
    }

    private static void Value(Utf8JsonWriter json, string name, JsonElement? value)
    {
        json.WritePropertyName(name);
        if (value is { } any) any.WriteTo(json);
        else json.WriteNullValue();
    }
}
