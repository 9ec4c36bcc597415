using System.Buffers;
using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using Orchestrator.Core.Serialization;

namespace Orchestrator.Core.Runs.View;

/// <summary>The two JSON forms of a run: the fixed summary, and everything. Keys are snake_case.</summary>
public static class RunViewJson
{
    /// <summary>
    /// Exactly run_id, workflow, status, duration_ms, trace_id, report_dir, counts and tasks, in this order; a task has status,
    /// attempts, duration_ms, exit_code, reason, error and outputs, the last four null where there is none.
    /// </summary>
    public static void WriteSummary(Utf8JsonWriter json, RunView run)
    {
        json.WriteStartObject();
        json.WriteString("run_id"u8, run.RunId.Value);
        json.WriteString("workflow"u8, run.Workflow);
        json.WriteString("status"u8, Words.Of(run.Status));
        json.WriteNumber("duration_ms"u8, run.DurationMs);
        json.WriteString("trace_id"u8, run.TraceId);
        json.WriteString("report_dir"u8, run.ReportDir);
        WriteCounts(json, run.Counts);
        json.WriteStartObject("tasks"u8);
        foreach (var task in run.Tasks)
        {
            json.WriteStartObject(task.Id.ToString());
            json.WriteString("status"u8, Words.Of(task.Status));
            json.WriteNumber("attempts"u8, task.Attempts);
            json.WriteNumber("duration_ms"u8, task.DurationMs);
            json.NumberOrNull("exit_code"u8, task.ExitCode);
            json.WriteString("reason"u8, task.Reason);
            json.WriteString("error"u8, task.Error);
            WriteOutputs(json, task.Outputs);
            json.WriteEndObject();
        }
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>Everything the view holds; begins with the summary's keys.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="run">The run.</param>
    /// <param name="more">Writes further members after those of the view; null: none.</param>
    public static void WriteFull(Utf8JsonWriter json, RunView run, Action<Utf8JsonWriter>? more = null) => FullViewJson.Write(json, run, more);

    /// <summary>One line of `runs`.</summary>
    public static void WriteRow(Utf8JsonWriter json, RunRow row)
    {
        json.WriteStartObject();
        json.WriteString("run_id"u8, row.RunId.Value);
        json.WriteString("workflow"u8, row.Workflow);
        json.WriteString("status"u8, Words.Of(row.Status));
        json.InstantOrNull("started_at"u8, row.StartedAt);
        json.WriteNumber("duration_ms"u8, row.DurationMs);
        json.WriteString("trigger"u8, Words.Of(row.Trigger));
        json.WriteNumber("tasks_done"u8, row.TasksDone);
        json.WriteNumber("tasks_total"u8, row.TasksTotal);
        json.TextIfAny("damage"u8, row.Damage);
        json.WriteEndObject();
    }

    /// <summary>The summary as UTF-8.</summary>
    public static byte[] Summary(RunView run, bool indented = false) => Render(json => WriteSummary(json, run), indented, run.Tasks.Length * 192);

    /// <summary>The full view as UTF-8.</summary>
    public static byte[] Full(RunView run, bool indented = false, Action<Utf8JsonWriter>? more = null) =>
        Render(json => WriteFull(json, run, more), indented, run.Tasks.Length * 1024);

    /// <summary>The row as UTF-8.</summary>
    public static byte[] Row(RunRow row) => Render(json => WriteRow(json, row), indented: false);

    // A large buffer that doubles until it fits leaves enough garbage for a full collection: it begins about as large as it will be.
    private static byte[] Render(Action<Utf8JsonWriter> write, bool indented, int about = 0)
    {
        var bytes = new ArrayBufferWriter<byte>(Math.Clamp(about, 256, 16 << 20));
        // For terminals and files, not for HTML: a reader should see ä and < as they are.
        using (var json = new Utf8JsonWriter(bytes, new() { Indented = indented, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping })) write(json);
        return bytes.WrittenSpan.ToArray();
    }

    internal static void WriteCounts(Utf8JsonWriter json, RunCounts counts)
    {
        json.WriteStartObject("counts"u8);
        json.WriteNumber("total"u8, counts.Total);
        json.WriteNumber("completed"u8, counts.Completed);
        json.WriteNumber("failed"u8, counts.Failed);
        json.WriteNumber("failed_allowed"u8, counts.FailedAllowed);
        json.WriteNumber("skipped"u8, counts.Skipped);
        json.WriteNumber("cancelled"u8, counts.Cancelled);
        json.WriteEndObject();
    }

    internal static void WriteOutputs(Utf8JsonWriter json, ImmutableSortedDictionary<string, JsonElement>? outputs)
    {
        if (outputs is null) json.WriteNull("outputs"u8);
        else json.Values("outputs"u8, outputs);
    }
}
