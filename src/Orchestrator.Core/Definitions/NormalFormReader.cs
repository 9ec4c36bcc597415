using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Lifecycle.Compatibility;
using Orchestrator.Core.Schedules.Calendars;
using Orchestrator.Core.Schedules.Ledger;
using Orchestrator.Core.Schedules.Zones;

namespace Orchestrator.Core.Definitions;

/// <summary>
/// Reads what <see cref="NormalForm"/> writes. It is written by hand because generated code loses the initial values of properties that are
/// missing from the JSON, and a reflecting serializer does not exist in a native program. Properties it does not know are passed over.
/// Where the model gains a property it is added here; a test compares every property with what a serializer reads.
/// </summary>
internal static class NormalFormReader
{
    private static readonly WorkflowDefinition s_workflow = new() { Name = "", Tasks = [] };
    private static readonly ScheduleDefinition s_schedule = new() { Id = "" };
    private static readonly ConcurrencyDefinition s_concurrency = new("");

    public static WorkflowDefinition Workflow(JsonElement form) => new()
    {
        Name = form.AsForm().Must("name").AsText(),
        Description = form.Text("description"u8),
        Owner = form.Text("owner"u8),
        Tenant = form.Text("tenant"u8) ?? s_workflow.Tenant,
        Project = form.Text("project"u8),
        Labels = form.TextMap("labels"u8),
        Params = form.List("params"u8, Parameter),
        Env = form.TextMap("env"u8),
        Dotenv = form.Texts("dotenv"u8),
        InheritEnv = form.Texts("inherit_env"u8),
        WorkingDir = form.Text("working_dir"u8),
        Shell = form.Texts("shell"u8),
        LogOutput = form.Word<LogOutput>("log_output"u8) ?? s_workflow.LogOutput,
        KeepRunDir = form.Word<KeepRule>("keep_run_dir"u8) ?? s_workflow.KeepRunDir,
        Secrets = form.Map("secrets"u8, Secret),
        Defaults = form.Has("defaults"u8, out var defaults) ? Defaults(defaults) : null,
        MaxParallel = form.Whole("max_parallel"u8),
        FailFast = form.Flag("fail_fast"u8) ?? s_workflow.FailFast,
        OnFailFast = form.Word<OnFailFast>("on_fail_fast"u8) ?? s_workflow.OnFailFast,
        Timeout = form.Duration("timeout"u8),
        MaxWorkerLosses = form.Whole("max_worker_losses"u8) ?? s_workflow.MaxWorkerLosses,
        Concurrency = form.Has("concurrency"u8, out var concurrency) ? Concurrency(concurrency) : null,
        Priority = form.Word<RunPriority>("priority"u8) ?? s_workflow.Priority,
        Rank = form.Whole("rank"u8) ?? s_workflow.Rank,
        Sla = TaskFormReader.Sla(form),
        Handlers = form.Has("handlers"u8, out var handlers) ? Handlers(handlers) : null,
        Retry = TaskFormReader.Retry(form),
        Outputs = form.TextMap("outputs"u8),
        Retention = form.Has("retention"u8, out var kept) ? Retention(kept) : null,
        Callbacks = form.List("callbacks"u8, Callback),
        Telemetry = form.Has("telemetry"u8, out var telemetry) ? new() { Sample = telemetry.AsForm().Number("sample"u8) } : null,
        Report = form.Word<ReportRule>("report"u8) ?? s_workflow.Report,
        Calendars = form.Map("calendars"u8, CalendarForm.Read),
        Schedules = form.List("schedules"u8, Schedule),
        Triggers = form.List("triggers"u8, TriggerForm.Read),
        Stages = form.Texts("stages"u8),
        Tasks = Tasks(form),
    };

    public static ParameterDefinition Parameter(JsonElement form) => new()
    {
        Name = form.AsForm().Must("name").AsText(),
        Type = form.Word<ParameterType>("type"u8) ?? default,
        Required = form.Flag("required"u8) ?? false,
        Default = form.Value("default"u8),
        Values = form.Texts("values"u8),
        Description = form.Text("description"u8),
        Min = form.Text("min"u8),
        Max = form.Text("max"u8),
        Pattern = form.Text("pattern"u8),
        Secret = form.Has("secret"u8, out var secret) ? Secret(secret) : null,
    };

    private static SecretReference Secret(JsonElement form) => new(form.AsForm().Text("file"u8), form.Text("env"u8));

    private static ImmutableArray<TaskDefinition> Tasks(JsonElement form) =>
        form.Must("tasks").ValueKind == JsonValueKind.Array ? form.List("tasks"u8, TaskFormReader.Task) : throw new JsonException("`tasks` is not a list.");

    private static TaskDefaults Defaults(JsonElement form) => new()
    {
        Timeout = form.AsForm().Duration("timeout"u8),
        Retry = TaskFormReader.Retry(form),
        WorkingDir = form.Text("working_dir"u8),
        Shell = form.Texts("shell"u8),
        Env = form.TextMap("env"u8),
        Pool = form.Text("pool"u8),
        AllowFailure = form.Flag("allow_failure"u8),
        Idempotent = form.Flag("idempotent"u8),
        Propagate = form.Word<TracePropagation>("propagate"u8),
        RunWhen = form.Word<RunWhen>("run_when"u8),
        LogOutput = form.Word<LogOutput>("log_output"u8),
    };

    private static RetentionDefinition Retention(JsonElement form) =>
        new() { Age = form.AsForm().Duration("age"u8), Count = form.Whole("count"u8), Bytes = form.Long("bytes"u8) };

    private static ConcurrencyDefinition Concurrency(JsonElement form) => new(form.AsForm().Text("group"u8) ?? "")
    {
        Max = form.Whole("max"u8) ?? s_concurrency.Max,
        OnConflict = form.Word<OnConflict>("on_conflict"u8) ?? s_concurrency.OnConflict,
    };

    private static HandlersDefinition Handlers(JsonElement form) => new()
    {
        OnSuccess = form.AsForm().List("on_success"u8, TaskFormReader.Task),
        OnFailure = form.List("on_failure"u8, TaskFormReader.Task),
        OnCancel = form.List("on_cancel"u8, TaskFormReader.Task),
        Finally = form.List("finally"u8, TaskFormReader.Task),
    };

    private static CallbackDefinition Callback(JsonElement form) => new()
    {
        Url = form.AsForm().Must("url").AsText(),
        Events = form.Texts("events"u8),
        Secret = form.Text("secret"u8),
        Headers = form.TextMap("headers"u8),
        Timeout = form.Duration("timeout"u8),
        Format = form.Word<EventFormat>("format"u8) ?? default,
    };

    private static ScheduleDefinition Schedule(JsonElement form) => new()
    {
        Id = form.AsForm().Must("id").AsText(),
        Cron = form.Text("cron"u8),
        Every = form.Duration("every"u8),
        At = form.Texts("at"u8),
        Rrule = form.Text("rrule"u8),
        Timezone = form.Text("timezone"u8) ?? s_schedule.Timezone,
        Dst = form.Has("dst"u8, out var dst) ? new(dst.AsForm().Word<GapRule>("gap"u8) ?? default, dst.Word<OverlapPass>("overlap"u8) ?? default) : default,
        Exclude = form.Texts("exclude"u8),
        Only = form.Texts("only"u8),
        Start = form.Text("start"u8),
        End = form.Text("end"u8),
        Jitter = form.Duration("jitter"u8),
        ExpectedBy = form.Text("expected_by"u8) is { } expected && Schedules.Deadlines.DeadlineRule.TryParse(expected, out var deadline) ? deadline : null,
        Heartbeat = form.Text("heartbeat"u8),
        Catchup = form.Has("catchup"u8, out var catchup) ? CatchUp(catchup) : s_schedule.Catchup,
        Overlap = form.Word<OverlapRule>("overlap"u8) ?? default,
        Action = form.Word<ScheduleAction>("action"u8) ?? default,
        Enabled = form.Flag("enabled"u8) ?? s_schedule.Enabled,
        Params = form.Values("params"u8),
    };

    private static CatchUpRule CatchUp(JsonElement form) => new(form.AsForm().Word<CatchUpPolicy>("policy"u8) ?? default)
    {
        Window = form.Duration("window"u8),
        Max = form.Whole("max"u8) ?? CatchUpRule.DefaultMax,
    };
}
