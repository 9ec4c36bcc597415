using System.Text.Json;

namespace Orchestrator.Core.Definitions;

/// <summary>Reads what <see cref="TaskForm"/> writes.</summary>
internal static class TaskFormReader
{
    private static readonly TaskDefinition s_task = new() { Id = new("x"), Action = new NoopAction() };
    private static readonly RetryPolicy s_retry = new();
    private static readonly SlaDefinition s_sla = new(TimeSpan.Zero);

    public static TaskDefinition Task(JsonElement form) => new()
    {
        Id = Id(form.AsForm().Must("id")),
        Action = ActionFormReader.Action(form.Must("action")),
        Stage = form.Text("stage"u8),
        DependsOn = form.List("depends_on"u8, Id),
        RunWhen = form.Word<RunWhen>("run_when"u8) ?? s_task.RunWhen,
        If = form.Text("if"u8),
        Retry = Retry(form),
        Timeout = form.Duration("timeout"u8),
        AllowFailure = form.Flag("allow_failure"u8) ?? s_task.AllowFailure,
        Idempotent = form.Flag("idempotent"u8) ?? s_task.Idempotent,
        Propagate = form.Word<TracePropagation>("propagate"u8),
        Env = form.TextMap("env"u8),
        WorkingDir = form.Text("working_dir"u8),
        SuccessExitCodes = form.List("success_exit_codes"u8, FormFields.AsWhole),
        LogOutput = form.Word<LogOutput>("log_output"u8) ?? s_task.LogOutput,
        Outputs = form.Word<OutputSource>("outputs"u8) ?? s_task.Outputs,
        Transform = form.TextMap("transform"u8),
        SecretOutputs = form.Texts("secret_outputs"u8),
        FanOut = form.Has("fan_out"u8, out var fanOut) ? FanOut(fanOut) : null,
        Pool = form.Text("pool"u8),
        Rank = form.Whole("rank"u8) ?? s_task.Rank,
        Sla = Sla(form),
        Enabled = form.Flag("enabled"u8) ?? s_task.Enabled,
        OutputLimit = form.Long("output_limit"u8),
        Grace = form.Duration("grace"u8),
        Artifacts = form.Texts("artifacts"u8),
        Tags = form.Texts("tags"u8),
        Metadata = form.Values("metadata"u8),
    };

    /// <summary>The <c>sla</c> of a workflow or a task.</summary>
    public static SlaDefinition? Sla(JsonElement form) => !form.Has("sla"u8, out var sla) ? null
        : new(sla.AsForm().Duration("expected"u8) ?? s_sla.Expected) { AtRisk = sla.Number("at_risk"u8) ?? s_sla.AtRisk };

    /// <summary>The <c>retry</c> of a workflow, its defaults or a task.</summary>
    public static RetryPolicy? Retry(JsonElement form) => !form.Has("retry"u8, out var retry) ? null : new()
    {
        MaxAttempts = retry.AsForm().Whole("max_attempts"u8) ?? s_retry.MaxAttempts,
        InitialDelay = retry.Duration("initial_delay"u8) ?? s_retry.InitialDelay,
        Backoff = retry.Number("backoff"u8) ?? s_retry.Backoff,
        MaxDelay = retry.Duration("max_delay"u8) ?? s_retry.MaxDelay,
        Jitter = retry.Flag("jitter"u8) ?? s_retry.Jitter,
        OnHttpStatus = retry.List("on_http_status"u8, FormFields.AsWhole),
        OnSqlState = retry.Texts("on_sql_state"u8),
        OnExitCodes = retry.List("on_exit_codes"u8, FormFields.AsWhole),
        OnKinds = retry.List("on_kinds"u8, FormFields.AsWord<FailureKind>),
    };

    private static FanOut FanOut(JsonElement form) => new()
    {
        Items = form.AsForm().Value("items"u8),
        As = form.Text("as"u8),
        Axes = form.List("axes"u8, a => new MatrixAxis(a.AsForm().Text("name"u8) ?? "", a.Must("values").Clone())),
        Exclude = form.List("exclude"u8, e => e.AsMap(v => v.Clone())),
        Include = form.List("include"u8, e => e.AsMap(v => v.Clone())),
        MaxParallel = form.Whole("max_parallel"u8),
        OnFailure = form.Word<ItemFailure>("on_failure"u8) ?? default,
    };

    /// <summary>The id of a task.</summary>
    public static TaskId Id(JsonElement value)
    {
        try { return new(value.AsText()); }
        catch (FormatException e) { throw new JsonException(e.Message, e); }
    }
}
