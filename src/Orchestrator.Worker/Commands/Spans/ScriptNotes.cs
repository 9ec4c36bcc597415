using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Orchestrator.AspNetCore;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Serialization;
using Orchestrator.Engine.Telemetry.Tracing.Scripts;

namespace Orchestrator.Worker.Commands.Spans;

/// <summary>Where the script of a task leaves its spans, found by the environment that every process of a task has.</summary>
internal sealed class ScriptNotes(CommandContext around)
{
    /// <summary>The span that TRACEPARENT names; null without one.</summary>
    public string? Ambient => TraceParent is { } parent ? parent[36..52] : null;

    private string? TraceParent => TraceContexts.Inbound(around.Variable("TRACEPARENT"))?.TraceParent;

    public static string NewId()
    {
        var id = RandomNumberGenerator.GetBytes(8);
        if (id.AsSpan().IndexOfAnyExcept((byte)0) < 0) id[7] = 1;   // the all-zero id is invalid
        return Convert.ToHexStringLower(id);
    }

    /// <summary>The context that puts further work below a span: for TRACEPARENT of a child process.</summary>
    public string? TraceParentOf(string id) => TraceParent is { } parent ? $"{parent[..36]}{id}{parent[52..]}" : null;

    public Dictionary<string, JsonElement>? Read(string[]? given)
    {
        if (given is not { Length: > 0 }) return null;
        var read = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var pair in given)
            if (pair.IndexOf('=', StringComparison.Ordinal) is > 0 and var at) read[pair[..at]] = Value(pair[(at + 1)..]);
            else Warn($"'{pair}' is not NAME=VALUE and was left out");
        return read;
    }

    public void Write(ScriptSpanLine line)
    {
        if (Path() is not { } path)
        {
            Warn("this is not a process of a task, so there is no trace to extend");
            return;
        }
        try
        {
            if (!ScriptSpanFile.Append(path, line)) Warn($"the attempt has recorded {ScriptSpanFile.MaxBytes >> 20} MiB of spans; more are left out");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Warn(e.Message);
        }
    }

    private string? Path() =>
        around.Variable("ORCHESTRATOR_RUN_ID") is not null && around.Variable("ORCHESTRATOR_TASK_ID") is { } task && TaskId.IsValid(task)
        && int.TryParse(around.Variable("ORCHESTRATOR_ATTEMPT"), NumberStyles.None, CultureInfo.InvariantCulture, out var attempt)
        && System.IO.Path.GetDirectoryName(around.Variable("ORCHESTRATOR_ARTIFACTS")) is { Length: > 0 } run && Directory.Exists(run)
            ? ScriptSpanFile.Of(run, new(task), attempt) : null;

    private void Warn(string why) => around.Error.WriteLine($"warning: the span was not recorded as requested: {why}.");

    private static JsonElement Value(string text)
    {
        try
        {
            if (JsonElement.Parse(text, JsonBounds.Documents) is { ValueKind: JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False } scalar) return scalar;
        }
        catch (JsonException) { }   // a text
        return JsonSerializer.SerializeToElement(text, ApiJson.Default.String);
    }
}
