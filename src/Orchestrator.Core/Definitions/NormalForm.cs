using System.Text.Json;
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
    private static readonly RetryPolicy s_retry = new();
    private static readonly ScheduleDefinition s_schedule = new() { Id = "", Cron = "" };

    public static void Write(Utf8JsonWriter json, WorkflowDefinition workflow)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, workflow.Name);
        json.TextIfAny("description"u8, workflow.Description);
        json.TextIfAny("owner"u8, workflow.Owner);
        if (workflow.Tenant != s_workflow.Tenant) json.WriteString("tenant"u8, workflow.Tenant);
        json.TextIfAny("project"u8, workflow.Project);
        if (!workflow.Labels.IsEmpty) json.Texts("labels"u8, workflow.Labels);
        if (!workflow.Params.IsDefaultOrEmpty) Parameters(json, workflow);
        if (!workflow.Env.IsEmpty) json.Texts("env"u8, workflow.Env);
        if (!workflow.InheritEnv.IsDefaultOrEmpty) json.Texts("inherit_env"u8, workflow.InheritEnv);
        json.TextIfAny("working_dir"u8, workflow.WorkingDir);
        if (!workflow.Secrets.IsEmpty) Secrets(json, workflow);
        if (workflow.Defaults is { } defaults) Defaults(json, defaults);
        json.NumberIfAny("max_parallel"u8, workflow.MaxParallel);
        if (!workflow.FailFast) json.WriteBoolean("fail_fast"u8, false);
        if (workflow.OnFailFast != default) json.WriteString("on_fail_fast"u8, Words.Of(workflow.OnFailFast));
        Duration(json, "timeout"u8, workflow.Timeout);
        if (workflow.MaxWorkerLosses != s_workflow.MaxWorkerLosses) json.WriteNumber("max_worker_losses"u8, workflow.MaxWorkerLosses);
        if (!workflow.Schedules.IsDefaultOrEmpty) Schedules(json, workflow);
        if (!workflow.Stages.IsDefaultOrEmpty) json.Texts("stages"u8, workflow.Stages);
        json.WriteStartArray("tasks"u8);
        foreach (var task in workflow.Tasks) Task(json, task);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Parameters(Utf8JsonWriter json, WorkflowDefinition workflow)
    {
        json.WriteStartArray("params"u8);
        foreach (var parameter in workflow.Params)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, parameter.Name);
            if (parameter.Type != default) json.WriteString("type"u8, Words.Of(parameter.Type));
            json.TrueIfSo("required"u8, parameter.Required);
            if (parameter.Default is { } value)
            {
                json.WritePropertyName("default"u8);
                value.WriteTo(json);
            }
            if (!parameter.Values.IsDefaultOrEmpty) json.Texts("values"u8, parameter.Values);
            json.TextIfAny("description"u8, parameter.Description);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void Secrets(Utf8JsonWriter json, WorkflowDefinition workflow)
    {
        json.WriteStartObject("secrets"u8);
        foreach (var (name, secret) in workflow.Secrets)
        {
            json.WriteStartObject(name);
            json.TextIfAny("file"u8, secret.File);
            json.TextIfAny("env"u8, secret.Env);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private static void Defaults(Utf8JsonWriter json, TaskDefaults defaults)
    {
        json.WriteStartObject("defaults"u8);
        Duration(json, "timeout"u8, defaults.Timeout);
        if (defaults.Retry is { } retry) Retry(json, retry);
        json.TextIfAny("working_dir"u8, defaults.WorkingDir);
        if (!defaults.Env.IsEmpty) json.Texts("env"u8, defaults.Env);
        json.WriteEndObject();
    }

    private static void Schedules(Utf8JsonWriter json, WorkflowDefinition workflow)
    {
        json.WriteStartArray("schedules"u8);
        foreach (var schedule in workflow.Schedules)
        {
            json.WriteStartObject();
            json.WriteString("id"u8, schedule.Id);
            json.WriteString("cron"u8, schedule.Cron);
            if (schedule.Timezone != s_schedule.Timezone) json.WriteString("timezone"u8, schedule.Timezone);
            if (!schedule.Enabled) json.WriteBoolean("enabled"u8, false);
            if (!schedule.Params.IsEmpty) json.Values("params"u8, schedule.Params);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void Task(Utf8JsonWriter json, TaskDefinition task)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, task.Id.ToString());
        Action(json, task.Action);
        json.TextIfAny("stage"u8, task.Stage);
        if (!task.DependsOn.IsDefaultOrEmpty) json.Ids("depends_on"u8, task.DependsOn);
        if (task.RunWhen != default) json.WriteString("run_when"u8, Words.Of(task.RunWhen));
        json.TextIfAny("if"u8, task.If);
        if (task.Retry is { } retry) Retry(json, retry);
        Duration(json, "timeout"u8, task.Timeout);
        json.TrueIfSo("allow_failure"u8, task.AllowFailure);
        if (!task.Idempotent) json.WriteBoolean("idempotent"u8, false);
        if (!task.Env.IsEmpty) json.Texts("env"u8, task.Env);
        json.TextIfAny("working_dir"u8, task.WorkingDir);
        if (task.Outputs != default) json.WriteString("outputs"u8, Words.Of(task.Outputs));
        if (!task.Tags.IsDefaultOrEmpty) json.Texts("tags"u8, task.Tags);
        if (!task.Metadata.IsEmpty) json.Values("metadata"u8, task.Metadata);
        json.WriteEndObject();
    }

    private static void Action(Utf8JsonWriter json, TaskAction action)
    {
        json.WriteStartObject("action"u8);
        json.WriteString("kind"u8, action.Kind);
        switch (action)
        {
            case RunAction run: json.WriteString("command"u8, run.Command); break;
            case ExecAction exec: json.Texts("argv"u8, exec.Argv); break;
            case ScriptAction script: json.WriteString("text"u8, script.Text); break;
            case DelegateAction code:
                if (code.Name is not "") json.WriteString("name"u8, code.Name);
                if (!code.With.IsEmpty) json.Values("with"u8, code.With);
                break;
            case NoopAction: break;
            default: throw new NotSupportedException($"Actions of type {action.GetType().Name} have no normal form.");
        }
        json.WriteEndObject();
    }

    private static void Retry(Utf8JsonWriter json, RetryPolicy retry)
    {
        json.WriteStartObject("retry"u8);
        if (retry.MaxAttempts != s_retry.MaxAttempts) json.WriteNumber("max_attempts"u8, retry.MaxAttempts);
        if (retry.InitialDelay != s_retry.InitialDelay) Duration(json, "initial_delay"u8, retry.InitialDelay);
        if (!retry.Backoff.Equals(s_retry.Backoff)) json.WriteNumber("backoff"u8, retry.Backoff);
        if (retry.MaxDelay != s_retry.MaxDelay) Duration(json, "max_delay"u8, retry.MaxDelay);
        if (!retry.OnExitCodes.IsDefaultOrEmpty)
        {
            json.WriteStartArray("on_exit_codes"u8);
            foreach (var code in retry.OnExitCodes) json.WriteNumberValue(code);
            json.WriteEndArray();
        }
        if (!retry.OnKinds.IsDefaultOrEmpty)
        {
            json.WriteStartArray("on_kinds"u8);
            foreach (var kind in retry.OnKinds) json.WriteStringValue(Words.Of(kind));
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    private static void Duration(Utf8JsonWriter json, ReadOnlySpan<byte> name, TimeSpan? value)
    {
        if (value is { } duration) json.WriteString(name, DurationText.Format(duration));
    }
}
