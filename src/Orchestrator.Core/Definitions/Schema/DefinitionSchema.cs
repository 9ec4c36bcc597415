using System.Text.Encodings.Web;
using System.Text.Json.Nodes;
using Orchestrator.Core.Definitions.Reading;
using Orchestrator.Core.Lifecycle.Compatibility;
using static Orchestrator.Core.Definitions.Schema.SchemaTypes;

namespace Orchestrator.Core.Definitions.Schema;

/// <summary>The definition language as JSON Schema (draft 2020-12), for completion and checks in editors. The reader's rules go further.</summary>
public static class DefinitionSchema
{
    /// <summary>The schema of a workflow file, indented UTF-8 text with a line end.</summary>
    public static string Write()
    {
        var schema = new JsonObject { ["$schema"] = "https://json-schema.org/draft/2020-12/schema", ["title"] = "Orchestrator workflow" };
        foreach (var (key, value) in Workflow()) schema[key] = value?.DeepClone();
        var defs = new JsonObject();
        foreach (var (name, map, _) in Maps().Where(m => m.Name != "workflow")) defs[name] = map;
        defs["short_matrix"] = TaskSchema.ShortMatrix();
        schema["$defs"] = defs;
        return schema.ToJsonString(new() { WriteIndented = true, IndentSize = 2, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }) + "\n";
    }

    /// <summary>Every map of known keys with the keys the reader takes there; a test holds the two together.</summary>
    internal static IEnumerable<(string Name, JsonObject Map, KeySet Keys)> Maps() =>
    [
        ("workflow", Workflow(), Vocabulary.Workflow),
        ("task", TaskSchema.Task(), Vocabulary.Task),
        ("handler", TaskSchema.Handler(), Vocabulary.Handler),
        ("handlers", Handlers(), Vocabulary.Handlers),
        ("defaults", Defaults(), Vocabulary.Defaults),
        ("parameter", Parameter(), Vocabulary.Parameter),
        ("secret", Secret(), Vocabulary.Secret),
        ("schedule", ScheduleSchema.Schedule(), Vocabulary.Schedule),
        ("dst", ScheduleSchema.Dst(), Vocabulary.Dst),
        ("calendar_choice", ScheduleSchema.Choice(), Vocabulary.CalendarChoice),
        ("catchup", ScheduleSchema.Catchup(), Vocabulary.Catchup),
        ("calendar", ScheduleSchema.Calendar(), Vocabulary.Calendar),
        ("trigger", TriggerSchema.Trigger(), Vocabulary.Trigger),
        ("debounce", TriggerSchema.Debounce(), Vocabulary.Debounce),
        ("batch", TriggerSchema.Batch(), Vocabulary.Batch),
        ("event_trigger", TriggerSchema.Event(), Vocabulary.EventTrigger),
        ("files_trigger", TriggerSchema.Files(), Vocabulary.FilesTrigger),
        ("workflow_trigger", TriggerSchema.Workflow(), Vocabulary.WorkflowTrigger),
        ("http_trigger", TriggerSchema.Http(), Vocabulary.HttpTrigger),
        ("concurrency", Concurrency(), Vocabulary.Concurrency),
        ("retention", Retention(), Vocabulary.Retention),
        ("callback", Callback(), Vocabulary.Callback),
        ("telemetry", Telemetry(), Vocabulary.Telemetry),
        ("sla", TaskSchema.Sla(), Vocabulary.Sla),
        ("retry", TaskSchema.Retry(), Vocabulary.Retry),
        ("retry_on", TaskSchema.RetryOn(), Vocabulary.RetryOn),
        ("foreach", TaskSchema.ForEach(), Vocabulary.ForEach),
        ("matrix", TaskSchema.Matrix(), Vocabulary.Matrix),
        ("http", ActionSchema.Http(), Vocabulary.Http),
        ("sql", ActionSchema.Sql(), Vocabulary.Sql),
        ("container", ActionSchema.Container(), Vocabulary.Container),
        ("call", ActionSchema.Call(), Vocabulary.Call),
        ("wait", ActionSchema.Wait(), Vocabulary.Wait),
        ("poll", ActionSchema.Poll(), Vocabulary.Poll),
        ("approval", ActionSchema.Approval(), Vocabulary.Approval),
        ("switch", ActionSchema.Switch(), Vocabulary.Switch),
        ("switch_case", ActionSchema.SwitchCase(), Vocabulary.SwitchCase),
    ];

    private static JsonObject Workflow() => Map("A workflow, the only one in its file.", ["name", "tasks"],
        new("name", "Its name.", Name()),
        new("description", "What it is for.", Text()),
        new("owner", "Who is responsible for it.", Text()),
        new("tenant", "Isolation and accounting unit; default when not given.", Name()),
        new("project", "Second grouping.", Name()),
        new("labels", "Free labels.", MapOf(Text())),
        new("params", "Parameters by name: a default, or a map.", MapOf(AnyOf(Ref("parameter"), Any()))),
        new("env", "Variables of every process; values may hold expressions.", MapOf(Text())),
        new("dotenv", "Files of variables beneath env, read for every attempt; relative to the file's folder.", OneOrMore(Text)),
        new("inherit_env", "Names of the worker's own variables that processes get; * is all but its settings and secrets.", ListOf(Text())),
        new("working_dir", "Where processes start; relative to the file's folder.", Text()),
        new("shell", "What interprets run when neither the task nor the defaults set it: bash (-eu -o pipefail -c), sh (-eu -c, half the cost), or a command line such as [python3, -c] that the text ends.", Shell()),
        new("log_output", "Where the output of tasks goes: one log (combined) or a file for each stream (separate). Default combined.", Word<LogOutput>()),
        new("keep_run_dir", "Whether what is in $ORCHESTRATOR_RUN_DIR stays after the run. Default on_failure.", Word<KeepRule>()),
        new("secrets", "References to secrets by name; a definition never contains their values.", MapOf(Ref("secret"))),
        new("calendars", "Named sets of days that schedules exclude or keep to.", MapOf(Ref("calendar"))),
        new("schedules", "When runs start by themselves.", ListOf(Ref("schedule"))),
        new("triggers", "What starts runs other than due times.", ListOf(Ref("trigger"))),
        new("concurrency", "Runs that exclude each other: a group's name, or a map.", AnyOf(Text(), Ref("concurrency"))),
        new("priority", "Which waiting run starts first. Default normal.", Word<RunPriority>()),
        new("rank", "A smaller rank starts first among waiting runs of one priority and tenant.", Whole(-ControlReader.MaxRank, ControlReader.MaxRank)),
        new("max_parallel", "Most attempts in flight at once in a run.", Whole(1, WorkflowReader.MaxTasks)),
        new("fail_fast", "Whether the first final failure skips tasks that have not started. Default true.", Flag()),
        new("on_fail_fast", "What happens to running tasks then. Default drain.", Word<OnFailFast>()),
        new("timeout", "Longest time from the run's start to its last task's end.", Duration()),
        new("retry", "Restarts whole runs that failed.", AnyOf(Ref("retry"), Nothing())),
        new("sla", "How long a run is expected to take.", AnyOf(Duration(), Ref("sla"))),
        new("max_worker_losses", "How often an attempt may be lost with its worker. Default 3.", Whole(0, 1000)),
        new("stages", "Labels with events of their own, in order; never a barrier.", ListOf(Name())),
        new("defaults", "Values for tasks that do not set their own.", AnyOf(Ref("defaults"), Nothing())),
        new("tasks", "The nodes of the graph.", ListOf(Ref("task"))),
        new("handlers", "Tasks for the end of a run.", AnyOf(Ref("handlers"), Nothing())),
        new("outputs", "A completed run's results: texts with expressions over tasks, params and run.", MapOf(Text())),
        new("retention", "How long finished runs are kept.", AnyOf(Ref("retention"), Nothing())),
        new("callbacks", "Addresses that receive events of its runs.", ListOf(Ref("callback"))),
        new("telemetry", "Which of its runs are exported.", AnyOf(Ref("telemetry"), Nothing())),
        new("report", "When a report is written. Default always.", Word<ReportRule>()));

    private static JsonObject Handlers()
    {
        SchemaKey Key(string name, string when) => new(name, when, ListOf(Ref("handler")));
        return Map("Tasks that run once the outcome is fixed.", [],
            Key("on_success", "When the run completed."), Key("on_failure", "When it failed."), Key("on_cancel", "When it was cancelled."), Key("finally", "Always, last."));
    }

    private static JsonObject Defaults()
    {
        var keys = TaskSchema.Task()["properties"]!.AsObject();
        return Map("Values for tasks that do not set their own.", [],
            [.. Vocabulary.Defaults.Accepted.Select(k => new SchemaKey(k, (string)keys[k]!["description"]!, keys[k]!.DeepClone().AsObject()))]);
    }

    private static JsonObject Parameter() => Map("A parameter.", [],
        new("type", "What values it takes. Default string.", Word<ParameterType>()),
        new("default", "Value when none is given; a text may hold an expression over now, env and schedule.", Any()),
        new("required", "Whether a run must be given a value.", Flag()),
        new("values", "Allowed values of an enum.", ListOf(Text())),
        new("description", "What it is for.", Text()),
        new("min", "Least integer, number or date.", AnyOf(Text())),
        new("max", "Largest integer, number or date.", AnyOf(Text())),
        new("pattern", "A regular expression found in the value; ^ and $ anchor it to the ends.", Text()),
        new("file", "Of a secret: path of a file that holds it.", Text()),
        new("env", "Of a secret: variable of the worker's environment.", Text()));

    private static JsonObject Secret()
    {
        var secret = Map("Where a secret's value is read for each attempt.", [],
            new("file", "Path of a file that holds it.", Text()), new("env", "Variable of the worker's environment.", Text()));
        secret["oneOf"] = ExactlyOne(["file", "env"]);
        return secret;
    }

    private static JsonObject Callback() => Map("An address that receives events of the workflow's runs.", ["url"],
        new("url", "Absolute http or https address.", Text()),
        new("events", "Types or patterns such as task.*. Default the three that end a run.", OneOrMore(Text)),
        new("secret", "Name of a declared secret that signs every request.", Text()),
        new("headers", "Headers of every request.", MapOf(Text())),
        new("timeout", "Longest time for one request. Default 30s.", Duration()),
        new("format", "Shape of the body. Default native.", Word<EventFormat>()));

    private static JsonObject Concurrency() => Map("Runs of one group, of this workflow and others, exclude each other.", ["group"],
        new("group", "Its name; may hold expressions over params, schedule and run.", Text()),
        new("max", "Runs of the group that may have started at once. Default 1.", Whole(1, 10_000)),
        new("on_conflict", "What a run does when the group is full: wait, end as cancelled, or cancel the oldest. Default queue.", Word<OnConflict>()));

    private static JsonObject Retention() => Map("The first limit that is exceeded removes the oldest finished runs.", [],
        new("age", "Age of a finished run.", Duration()),
        new("count", "Finished runs.", Whole(0, int.MaxValue)),
        new("bytes", "Bytes of their folders.", Size()));

    private static JsonObject Telemetry() => Map("Which of a workflow's runs are exported.", [],
        new SchemaKey("sample", "Fraction of successful runs whose spans are exported; spans of failed runs always are. Default: the worker's.", Number(0, 1)));
}
