using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Serialization;

namespace Orchestrator.Core.Definitions;

/// <summary>The part of the <see cref="NormalForm"/> that is about tasks.</summary>
internal static class TaskForm
{
    private static readonly RetryPolicy s_retry = new();
    private static readonly SlaDefinition s_sla = new(TimeSpan.Zero);

    public static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> name, ImmutableArray<TaskDefinition> tasks)
    {
        json.WriteStartArray(name);
        foreach (var task in tasks) Task(json, task);
        json.WriteEndArray();
    }

    /// <summary>Whether two tasks have the same normal form.</summary>
    public static bool AreEqual(TaskDefinition one, TaskDefinition other) => Bytes(one).WrittenSpan.SequenceEqual(Bytes(other).WrittenSpan);

    /// <summary>A task's normal form as a value.</summary>
    public static JsonElement ToJson(TaskDefinition task) => JsonBounds.Parse(Bytes(task).WrittenSpan);

    private static ArrayBufferWriter<byte> Bytes(TaskDefinition task)
    {
        var bytes = new ArrayBufferWriter<byte>(512);
        using var json = new Utf8JsonWriter(bytes);
        Task(json, task);
        return bytes;
    }

    private static void Task(Utf8JsonWriter json, TaskDefinition task)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, task.Id.ToString());
        ActionForm.Write(json, "action"u8, task.Action);
        json.TextIfAny("stage"u8, task.Stage);
        if (!task.DependsOn.IsDefaultOrEmpty) json.Ids("depends_on"u8, task.DependsOn);
        if (task.RunWhen != default) json.WriteString("run_when"u8, Words.Of(task.RunWhen));
        json.TextIfAny("if"u8, task.If);
        if (task.Retry is { } retry) Retry(json, retry);
        json.Duration("timeout"u8, task.Timeout);
        json.TrueIfSo("allow_failure"u8, task.AllowFailure);
        if (!task.Idempotent) json.WriteBoolean("idempotent"u8, false);
        if (task.Propagate is { } propagate) json.WriteString("propagate"u8, Words.Of(propagate));
        if (!task.Env.IsEmpty) json.Texts("env"u8, task.Env);
        json.TextIfAny("working_dir"u8, task.WorkingDir);
        Numbers(json, "success_exit_codes"u8, task.SuccessExitCodes);
        if (task.LogOutput != default) json.WriteString("log_output"u8, Words.Of(task.LogOutput));
        if (task.Outputs != default) json.WriteString("outputs"u8, Words.Of(task.Outputs));
        if (!task.Transform.IsEmpty) json.Texts("transform"u8, task.Transform);
        if (!task.SecretOutputs.IsDefaultOrEmpty) json.Texts("secret_outputs"u8, task.SecretOutputs);
        if (task.FanOut is { } fanOut) FanOut(json, fanOut);
        json.TextIfAny("pool"u8, task.Pool);
        if (task.Rank != 0) json.WriteNumber("rank"u8, task.Rank);
        if (task.Sla is { } sla) Sla(json, sla);
        if (!task.Enabled) json.WriteBoolean("enabled"u8, false);
        if (task.OutputLimit is { } limit) json.WriteNumber("output_limit"u8, limit);
        json.Duration("grace"u8, task.Grace);
        if (!task.Artifacts.IsDefaultOrEmpty) json.Texts("artifacts"u8, task.Artifacts);
        if (!task.Tags.IsDefaultOrEmpty) json.Texts("tags"u8, task.Tags);
        if (!task.Metadata.IsEmpty) json.Values("metadata"u8, task.Metadata);
        json.WriteEndObject();
    }

    private static void FanOut(Utf8JsonWriter json, FanOut fanOut)
    {
        json.WriteStartObject("fan_out"u8);
        json.ValueIfAny("items"u8, fanOut.Items);
        json.TextIfAny("as"u8, fanOut.As);
        if (!fanOut.Axes.IsDefaultOrEmpty)
        {
            json.WriteStartArray("axes"u8);
            foreach (var axis in fanOut.Axes)
            {
                json.WriteStartObject();
                json.WriteString("name"u8, axis.Name);
                json.ValueIfAny("values"u8, axis.Values);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        Combinations(json, "exclude"u8, fanOut.Exclude);
        Combinations(json, "include"u8, fanOut.Include);
        json.NumberIfAny("max_parallel"u8, fanOut.MaxParallel);
        if (fanOut.OnFailure != default) json.WriteString("on_failure"u8, Words.Of(fanOut.OnFailure));
        json.WriteEndObject();
    }

    private static void Combinations(Utf8JsonWriter json, ReadOnlySpan<byte> name, ImmutableArray<ImmutableSortedDictionary<string, JsonElement>> combinations)
    {
        if (combinations.IsDefaultOrEmpty) return;
        json.WriteStartArray(name);
        foreach (var combination in combinations)
        {
            json.WriteStartObject();
            foreach (var (axis, value) in combination)
            {
                json.WritePropertyName(axis);
                value.WriteTo(json);
            }
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    public static void Sla(Utf8JsonWriter json, SlaDefinition sla)
    {
        json.WriteStartObject("sla"u8);
        json.Duration("expected"u8, sla.Expected);
        if (!sla.AtRisk.Equals(s_sla.AtRisk)) json.WriteNumber("at_risk"u8, sla.AtRisk);
        json.WriteEndObject();
    }

    public static void Retry(Utf8JsonWriter json, RetryPolicy retry)
    {
        json.WriteStartObject("retry"u8);
        if (retry.MaxAttempts != s_retry.MaxAttempts) json.WriteNumber("max_attempts"u8, retry.MaxAttempts);
        if (retry.InitialDelay != s_retry.InitialDelay) json.Duration("initial_delay"u8, retry.InitialDelay);
        if (!retry.Backoff.Equals(s_retry.Backoff)) json.WriteNumber("backoff"u8, retry.Backoff);
        if (retry.MaxDelay != s_retry.MaxDelay) json.Duration("max_delay"u8, retry.MaxDelay);
        json.TrueIfSo("jitter"u8, retry.Jitter);
        Numbers(json, "on_http_status"u8, retry.OnHttpStatus);
        if (!retry.OnSqlState.IsDefaultOrEmpty) json.Texts("on_sql_state"u8, retry.OnSqlState);
        Numbers(json, "on_exit_codes"u8, retry.OnExitCodes);
        if (!retry.OnKinds.IsDefaultOrEmpty)
        {
            json.WriteStartArray("on_kinds"u8);
            foreach (var kind in retry.OnKinds) json.WriteStringValue(Words.Of(kind));
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    private static void Numbers(Utf8JsonWriter json, ReadOnlySpan<byte> name, ImmutableArray<int> numbers)
    {
        if (numbers.IsDefaultOrEmpty) return;
        json.WriteStartArray(name);
        foreach (var number in numbers) json.WriteNumberValue(number);
        json.WriteEndArray();
    }
}
