using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Schedules.Calendars;
using Orchestrator.Core.Schedules.Ledger;
using Orchestrator.Core.Schedules.Zones;
using Orchestrator.Core.Serialization;

namespace Orchestrator.Core.Definitions;

/// <summary>
/// Writes the normal form: every property in the model's order, but none that has the value a new instance has. Where the model gains a
/// property it is added here; a test compares every type with what a serializer makes of it.
/// </summary>
internal static class NormalForm
{
    // What is left out follows from the model's own defaults.
    private static readonly WorkflowDefinition s_workflow = new() { Name = "", Tasks = [] };
    private static readonly ScheduleDefinition s_schedule = new() { Id = "" };

    public static void Write(Utf8JsonWriter json, WorkflowDefinition workflow)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, workflow.Name);
        json.TextIfAny("description"u8, workflow.Description);
        json.TextIfAny("owner"u8, workflow.Owner);
        if (workflow.Tenant != s_workflow.Tenant) json.WriteString("tenant"u8, workflow.Tenant);
        json.TextIfAny("project"u8, workflow.Project);
        if (!workflow.Labels.IsEmpty) json.Texts("labels"u8, workflow.Labels);
        if (!workflow.Params.IsDefaultOrEmpty) Parameters(json, "params"u8, workflow.Params);
        if (!workflow.Env.IsEmpty) json.Texts("env"u8, workflow.Env);
        if (!workflow.Dotenv.IsDefaultOrEmpty) json.Texts("dotenv"u8, workflow.Dotenv);
        if (!workflow.InheritEnv.IsDefaultOrEmpty) json.Texts("inherit_env"u8, workflow.InheritEnv);
        json.TextIfAny("working_dir"u8, workflow.WorkingDir);
        if (!workflow.Shell.IsDefaultOrEmpty) json.Texts("shell"u8, workflow.Shell);
        if (workflow.LogOutput != default) json.WriteString("log_output"u8, Words.Of(workflow.LogOutput));
        if (workflow.KeepRunDir != default) json.WriteString("keep_run_dir"u8, Words.Of(workflow.KeepRunDir));
        if (!workflow.Secrets.IsEmpty) Secrets(json, workflow);
        if (workflow.Defaults is { } defaults) Defaults(json, defaults);
        json.NumberIfAny("max_parallel"u8, workflow.MaxParallel);
        if (!workflow.FailFast) json.WriteBoolean("fail_fast"u8, false);
        if (workflow.OnFailFast != default) json.WriteString("on_fail_fast"u8, Words.Of(workflow.OnFailFast));
        json.Duration("timeout"u8, workflow.Timeout);
        if (workflow.MaxWorkerLosses != s_workflow.MaxWorkerLosses) json.WriteNumber("max_worker_losses"u8, workflow.MaxWorkerLosses);
        if (workflow.Concurrency is { } concurrency) Concurrency(json, concurrency);
        if (workflow.Priority != default) json.WriteString("priority"u8, Words.Of(workflow.Priority));
        if (workflow.Rank != 0) json.WriteNumber("rank"u8, workflow.Rank);
        if (workflow.Sla is { } sla) TaskForm.Sla(json, sla);
        if (workflow.Handlers is { } handlers) Handlers(json, handlers);
        if (workflow.Retry is { } retry) TaskForm.Retry(json, retry);
        if (!workflow.Outputs.IsEmpty) json.Texts("outputs"u8, workflow.Outputs);
        if (workflow.Retention is { } retention) Retention(json, retention);
        if (!workflow.Callbacks.IsDefaultOrEmpty) Callbacks(json, workflow.Callbacks);
        if (workflow.Telemetry is { } telemetry) Telemetry(json, telemetry);
        if (workflow.Report != default) json.WriteString("report"u8, Words.Of(workflow.Report));
        if (!workflow.Calendars.IsEmpty) Calendars(json, workflow);
        if (!workflow.Schedules.IsDefaultOrEmpty) Schedules(json, workflow);
        if (!workflow.Triggers.IsDefaultOrEmpty) TriggerForm.Write(json, "triggers"u8, workflow.Triggers);
        if (!workflow.Stages.IsDefaultOrEmpty) json.Texts("stages"u8, workflow.Stages);
        TaskForm.Write(json, "tasks"u8, workflow.Tasks);
        json.WriteEndObject();
    }

    public static void Parameters(Utf8JsonWriter json, ReadOnlySpan<byte> name, ImmutableArray<ParameterDefinition> parameters)
    {
        json.WriteStartArray(name);
        foreach (var parameter in parameters)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, parameter.Name);
            if (parameter.Type != default) json.WriteString("type"u8, Words.Of(parameter.Type));
            json.TrueIfSo("required"u8, parameter.Required);
            json.ValueIfAny("default"u8, parameter.Default);
            if (!parameter.Values.IsDefaultOrEmpty) json.Texts("values"u8, parameter.Values);
            json.TextIfAny("description"u8, parameter.Description);
            json.TextIfAny("min"u8, parameter.Min);
            json.TextIfAny("max"u8, parameter.Max);
            json.TextIfAny("pattern"u8, parameter.Pattern);
            if (parameter.Secret is { } secret) Secret(json, "secret", secret);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void Secrets(Utf8JsonWriter json, WorkflowDefinition workflow)
    {
        json.WriteStartObject("secrets"u8);
        foreach (var (name, secret) in workflow.Secrets) Secret(json, name, secret);
        json.WriteEndObject();
    }

    private static void Secret(Utf8JsonWriter json, string name, SecretReference secret)
    {
        json.WriteStartObject(name);
        json.TextIfAny("file"u8, secret.File);
        json.TextIfAny("env"u8, secret.Env);
        json.WriteEndObject();
    }

    private static void Defaults(Utf8JsonWriter json, TaskDefaults defaults)
    {
        json.WriteStartObject("defaults"u8);
        json.Duration("timeout"u8, defaults.Timeout);
        if (defaults.Retry is { } retry) TaskForm.Retry(json, retry);
        json.TextIfAny("working_dir"u8, defaults.WorkingDir);
        if (!defaults.Shell.IsDefaultOrEmpty) json.Texts("shell"u8, defaults.Shell);
        if (!defaults.Env.IsEmpty) json.Texts("env"u8, defaults.Env);
        json.TextIfAny("pool"u8, defaults.Pool);
        if (defaults.AllowFailure is { } allowed) json.WriteBoolean("allow_failure"u8, allowed);
        if (defaults.Idempotent is { } idempotent) json.WriteBoolean("idempotent"u8, idempotent);
        if (defaults.Propagate is { } propagate) json.WriteString("propagate"u8, Words.Of(propagate));
        if (defaults.RunWhen is { } when) json.WriteString("run_when"u8, Words.Of(when));
        if (defaults.LogOutput is { } output) json.WriteString("log_output"u8, Words.Of(output));
        json.WriteEndObject();
    }

    private static void Callbacks(Utf8JsonWriter json, ImmutableArray<CallbackDefinition> callbacks)
    {
        json.WriteStartArray("callbacks"u8);
        foreach (var callback in callbacks)
        {
            json.WriteStartObject();
            json.WriteString("url"u8, callback.Url);
            if (!callback.Events.IsDefaultOrEmpty) json.Texts("events"u8, callback.Events);
            json.TextIfAny("secret"u8, callback.Secret);
            if (!callback.Headers.IsEmpty) json.Texts("headers"u8, callback.Headers);
            json.Duration("timeout"u8, callback.Timeout);
            if (callback.Format != default) json.WriteString("format"u8, Words.Of(callback.Format));
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void Calendars(Utf8JsonWriter json, WorkflowDefinition workflow)
    {
        json.WriteStartObject("calendars"u8);
        foreach (var (name, calendar) in workflow.Calendars)
        {
            json.WritePropertyName(name);
            CalendarForm.Write(json, calendar);
        }
        json.WriteEndObject();
    }

    private static void Schedules(Utf8JsonWriter json, WorkflowDefinition workflow)
    {
        json.WriteStartArray("schedules"u8);
        foreach (var schedule in workflow.Schedules) Schedule(json, schedule);
        json.WriteEndArray();
    }

    private static void Schedule(Utf8JsonWriter json, ScheduleDefinition schedule)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, schedule.Id);
        json.TextIfAny("cron"u8, schedule.Cron);
        json.Duration("every"u8, schedule.Every);
        if (!schedule.At.IsDefaultOrEmpty) json.Texts("at"u8, schedule.At);
        json.TextIfAny("rrule"u8, schedule.Rrule);
        if (schedule.Timezone != s_schedule.Timezone) json.WriteString("timezone"u8, schedule.Timezone);
        if (schedule.Dst != default) Dst(json, schedule.Dst);
        if (!schedule.Exclude.IsDefaultOrEmpty) json.Texts("exclude"u8, schedule.Exclude);
        if (!schedule.Only.IsDefaultOrEmpty) json.Texts("only"u8, schedule.Only);
        json.TextIfAny("start"u8, schedule.Start);
        json.TextIfAny("end"u8, schedule.End);
        json.Duration("jitter"u8, schedule.Jitter);
        json.TextIfAny("expected_by"u8, schedule.ExpectedBy?.ToString());
        json.TextIfAny("heartbeat"u8, schedule.Heartbeat);
        if (schedule.Catchup != s_schedule.Catchup) CatchUp(json, schedule.Catchup);
        if (schedule.Overlap != default) json.WriteString("overlap"u8, Words.Of(schedule.Overlap));
        if (schedule.Action != default) json.WriteString("action"u8, Words.Of(schedule.Action));
        if (!schedule.Enabled) json.WriteBoolean("enabled"u8, false);
        if (!schedule.Params.IsEmpty) json.Values("params"u8, schedule.Params);
        json.WriteEndObject();
    }

    private static void Dst(Utf8JsonWriter json, DstRule dst)
    {
        json.WriteStartObject("dst"u8);
        if (dst.Gap != default) json.WriteString("gap"u8, Words.Of(dst.Gap));
        if (dst.Overlap != default) json.WriteString("overlap"u8, Words.Of(dst.Overlap));
        json.WriteEndObject();
    }

    private static void CatchUp(Utf8JsonWriter json, CatchUpRule rule)
    {
        json.WriteStartObject("catchup"u8);
        json.WriteString("policy"u8, Words.Of(rule.Policy));
        json.Duration("window"u8, rule.Window);
        if (rule.Max != CatchUpRule.DefaultMax) json.WriteNumber("max"u8, rule.Max);
        json.WriteEndObject();
    }

    private static void Concurrency(Utf8JsonWriter json, ConcurrencyDefinition concurrency)
    {
        json.WriteStartObject("concurrency"u8);
        json.WriteString("group"u8, concurrency.Group);
        if (concurrency.Max != 1) json.WriteNumber("max"u8, concurrency.Max);
        if (concurrency.OnConflict != default) json.WriteString("on_conflict"u8, Words.Of(concurrency.OnConflict));
        json.WriteEndObject();
    }

    private static void Handlers(Utf8JsonWriter json, HandlersDefinition handlers)
    {
        json.WriteStartObject("handlers"u8);
        if (!handlers.OnSuccess.IsDefaultOrEmpty) TaskForm.Write(json, "on_success"u8, handlers.OnSuccess);
        if (!handlers.OnFailure.IsDefaultOrEmpty) TaskForm.Write(json, "on_failure"u8, handlers.OnFailure);
        if (!handlers.OnCancel.IsDefaultOrEmpty) TaskForm.Write(json, "on_cancel"u8, handlers.OnCancel);
        if (!handlers.Finally.IsDefaultOrEmpty) TaskForm.Write(json, "finally"u8, handlers.Finally);
        json.WriteEndObject();
    }

    private static void Telemetry(Utf8JsonWriter json, TelemetryDefinition telemetry)
    {
        json.WriteStartObject("telemetry"u8);
        if (telemetry.Sample is { } sample) json.WriteNumber("sample"u8, sample);
        json.WriteEndObject();
    }

    private static void Retention(Utf8JsonWriter json, RetentionDefinition retention)
    {
        json.WriteStartObject("retention"u8);
        json.Duration("age"u8, retention.Age);
        json.NumberIfAny("count"u8, retention.Count);
        if (retention.Bytes is { } bytes) json.WriteNumber("bytes"u8, bytes);
        json.WriteEndObject();
    }
}
