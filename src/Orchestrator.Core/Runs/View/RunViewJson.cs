using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

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
        json.WritePropertyName("counts"u8);
        RunCountsJson.Write(json, run.Counts);
        json.WriteStartObject("tasks"u8);
        foreach (var task in run.Tasks)
        {
            json.WriteStartObject(task.Id.ToString());
            json.WriteString("status"u8, Words.Of(task.Status));
            json.WriteNumber("attempts"u8, task.Attempts);
            json.WriteNumber("duration_ms"u8, task.DurationMs);
            if (task.ExitCode is { } code) json.WriteNumber("exit_code"u8, code);
            else json.WriteNull("exit_code"u8);
            json.WriteString("reason"u8, task.Reason);
            json.WriteString("error"u8, task.Error);
            WriteOutputs(json, task.Outputs);
            json.WriteEndObject();
        }
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>Everything the view holds; begins with the summary's keys.</summary>
    public static void WriteFull(Utf8JsonWriter json, RunView run) => JsonSerializer.Serialize(json, run, ViewJson.Default.RunView);

    /// <summary>One line of `runs`.</summary>
    public static void WriteRow(Utf8JsonWriter json, RunRow row) => JsonSerializer.Serialize(json, row, ViewJson.Default.RunRow);

    /// <summary>The summary as UTF-8.</summary>
    public static byte[] Summary(RunView run, bool indented = false) => Render(json => WriteSummary(json, run), indented);

    /// <summary>The full view as UTF-8.</summary>
    public static byte[] Full(RunView run, bool indented = false) => Render(json => WriteFull(json, run), indented);

    /// <summary>The row as UTF-8.</summary>
    public static byte[] Row(RunRow row) => Render(json => WriteRow(json, row), indented: false);

    private static byte[] Render(Action<Utf8JsonWriter> write, bool indented)
    {
        var bytes = new ArrayBufferWriter<byte>();
        // For terminals and files, not for HTML: a reader should see ä and < as they are.
        using (var json = new Utf8JsonWriter(bytes, new() { Indented = indented, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping })) write(json);
        return bytes.WrittenSpan.ToArray();
    }

    private static void WriteOutputs(Utf8JsonWriter json, ImmutableSortedDictionary<string, JsonElement>? outputs)
    {
        if (outputs is null)
        {
            json.WriteNull("outputs"u8);
            return;
        }
        json.WriteStartObject("outputs"u8);
        foreach (var (name, value) in outputs)
        {
            json.WritePropertyName(name);
            value.WriteTo(json);
        }
        json.WriteEndObject();
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(InstantJson)])]
[JsonSerializable(typeof(RunView))]
[JsonSerializable(typeof(RunRow))]
[JsonSerializable(typeof(TaskView))]
internal sealed partial class ViewJson : JsonSerializerContext;

/// <summary>Instants as <c>2026-01-01T00:00:00.000000Z</c>.</summary>
internal sealed class InstantJson : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDateTimeOffset();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture));
}

internal sealed class RunCountsJson : JsonConverter<RunCounts>
{
    public static void Write(Utf8JsonWriter json, RunCounts counts)
    {
        json.WriteStartObject();
        json.WriteNumber("total"u8, counts.Total);
        json.WriteNumber("completed"u8, counts.Completed);
        json.WriteNumber("failed"u8, counts.Failed);
        json.WriteNumber("failed_allowed"u8, counts.FailedAllowed);
        json.WriteNumber("skipped"u8, counts.Skipped);
        json.WriteNumber("cancelled"u8, counts.Cancelled);
        json.WriteEndObject();
    }

    public override RunCounts Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException("Views are written only.");

    public override void Write(Utf8JsonWriter writer, RunCounts value, JsonSerializerOptions options) => Write(writer, value);
}

/// <summary>Tasks as an object with a key per task, in order.</summary>
internal sealed class TaskViewsJson : JsonConverter<ImmutableArray<TaskView>>
{
    public override ImmutableArray<TaskView> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException("Views are written only.");

    public override void Write(Utf8JsonWriter writer, ImmutableArray<TaskView> value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        foreach (var task in value)
        {
            writer.WritePropertyName(task.Id.ToString());
            JsonSerializer.Serialize(writer, task, ViewJson.Default.TaskView);
        }
        writer.WriteEndObject();
    }
}
