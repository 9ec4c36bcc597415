using System.Text.Json.Nodes;
using Orchestrator.Core.Definitions.Reading;
using static Orchestrator.Core.Definitions.Schema.SchemaTypes;

namespace Orchestrator.Core.Definitions.Schema;

/// <summary>Tasks, handlers, and the maps below them.</summary>
internal static class TaskSchema
{
    public static JsonObject Task()
    {
        var task = Map("A node of the graph: exactly one kind, its gates and its limits.", ["id"], Keys());
        task["oneOf"] = ExactlyOne(Vocabulary.Kinds);
        return task;
    }

    public static JsonObject Handler()
    {
        var handler = Map("A task that runs, one after another, once the run's outcome is fixed. Sees run.outcome, run.error, run.failed_tasks and all tasks.", ["id"],
            [.. Keys().Where(k => Vocabulary.Handler.Accepted.Contains(k.Name))]);
        handler["oneOf"] = ExactlyOne(Vocabulary.Kinds.Intersect(Vocabulary.Handler.Accepted));
        return handler;
    }

    public static JsonObject ForEach() => Map("A child for each item, id[0], id[1] and so on.", ["items"],
        new("items", "A list, or one expression for a list.", List()),
        new("as", "Another name of item in expressions.", Pattern("^[A-Za-z_][A-Za-z0-9_]{0,63}$")),
        new("max_parallel", "Most children in flight at once.", Whole(1, FanOut.MostItems)),
        new("on_failure", "What a child's failure means: the others go on and then the task fails (finish), no others start (stop), or its result is null (ignore).", Word<ItemFailure>()));

    public static JsonObject Matrix() => Map("A child for each combination of axes, the last one varying fastest.", ["axes"],
        [new("axes", "Names, each with a list or one expression for a list; as a list of one-entry maps where the notation does not keep the order.", AnyOf(MapOf(List()), ListOf(MapOf(List())))), .. MatrixKeys()]);

    // Where the axes stand beside the words, every other key is one.
    public static JsonObject ShortMatrix()
    {
        var matrix = Map("Axes by name, and which combinations to leave out.", [], MatrixKeys());
        matrix["properties"]!["axes"] = false;
        matrix.Remove("patternProperties");   // x-1 is the name of an axis
        matrix["additionalProperties"] = List();
        return matrix;
    }

    public static JsonObject Retry() => Map("How often and after what delay a failed attempt is repeated. An empty block is three attempts.", [],
        new("max_attempts", "Attempts in total. Default 3.", Whole(1, 10_000)),
        new("retries", "Attempts after the first; instead of max_attempts.", Whole(0, 9_999)),
        new("initial_delay", "Delay before the second attempt. Default 1s.", Duration()),
        new("backoff", "Factor from one delay to the next. Default 2.", Number(1, 100)),
        new("max_delay", "No delay is longer. Default 60s.", Duration()),
        new("jitter", "Draws delays at random between the initial delay and three times the one before.", Flag()),
        new("on", "Which failures are worth another attempt.", Ref("retry_on")));

    public static JsonObject RetryOn() => Map("Each list restricts the failures it is about; others are not restricted by it.", [],
        new("exit_codes", "Only these exit codes.", ListOf(Whole(1, 255))),
        new("kinds", "Only these kinds of failure.", ListOf(Word<FailureKind>())),
        new("http_status", "Only these HTTP statuses; when not given 408, 429 and 5xx.", ListOf(Whole(100, 599))),
        new("sql_state", "Only these SQLSTATE codes, or their classes of two characters.", ListOf(Pattern("^([0-9A-Z]{2}|[0-9A-Z]{5})$"))));

    public static JsonObject Sla() => Map("What is expected in time. Passing it is told, nothing is stopped.", ["expected"],
        new("expected", "Longest time from the start.", Duration()),
        new("at_risk", "Part of that time after which it is at risk. Default 0.8.", Number(0.01, 1)));

    private static SchemaKey[] Keys() =>
    [
        new("id", "Unique within the workflow, handlers included.", Pattern("^[A-Za-z0-9_-]{1,64}$")),
        .. ActionSchema.Kinds(),
        new("with", "Values for a delegate, or for a workflow called by its name; texts may hold expressions.", MapOf(Any())),
        new("params", "The same as with.", MapOf(Any())),
        new("stage", "One of the workflow's stages.", Text()),
        new("depends_on", "Tasks that must have ended first.", OneOrMore(Text)),
        new("run_when", "What must have become of them. Default all_success.", Word<RunWhen>()),
        new("if", "An expression that must be true, else the task is skipped. In a fan-out, one that names the item is asked for each child.", Text()),
        new("enabled", "false: the task is skipped.", Flag()),
        new("foreach", "Runs the task once for each item of a list.", AnyOf(List(), Ref("foreach"))),
        new("matrix", "Runs the task once for each combination of axes.", AnyOf(Ref("matrix"), Ref("short_matrix"))),
        new("retry", "Repeats failed attempts; without it there is one.", AnyOf(Ref("retry"), Nothing())),
        new("timeout", "Longest time of one attempt.", Duration()),
        new("grace", "Time between SIGTERM and SIGKILL.", Duration()),
        new("allow_failure", "A failure counts as success for dependants and the run.", Flag()),
        new("idempotent", "false: an attempt lost with its worker is a failure, not repeated.", Flag()),
        new("propagate", "What of the trace context its processes, containers and HTTP requests are given. Default context+baggage; where a redirect leads to another origin, nothing unless this key says so.", Word<TracePropagation>()),
        new("env", "Variables of its process, above the workflow's.", MapOf(Text())),
        new("working_dir", "Working directory, relative to the file's folder.", Text()),
        new("shell", "What interprets run: bash (-eu -o pipefail -c), sh (-eu -c, half the cost), or a command line such as [python3, -c] that the text ends. Default: that of the defaults, of the workflow, bash where it exists, sh.", Shell()),
        new("log_output", "Where the output of its processes goes: one log (combined) or a file for each stream (separate). Default combined.", Word<LogOutput>()),
        new("success_exit_codes", "Exit codes that are a success beside 0.", ListOf(Whole(1, 255))),
        new("outputs", "stdout_json: the last JSON line of standard output becomes results too.", Word<OutputSource>()),
        new("secret_outputs",
            "Names of results that are secret: later tasks of the run read them, and they are kept nowhere and masked everywhere.", OneOrMore(Text)),
        new("transform", "Results made anew after a success: texts with expressions over outputs.", MapOf(Text())),
        new("output_limit", "Most bytes of results as JSON.", Size()),
        new("artifacts", "Files below the working directory that are kept with the run: paths and globs.", OneOrMore(Text)),
        new("pool", "Named pool whose slots its attempts need.", Name()),
        new("rank", "Smaller goes first among the tasks of a run that wait for a slot.", Whole(-ControlReader.MostRank, ControlReader.MostRank)),
        new("sla", "How long it is expected to take.", AnyOf(Duration(), Ref("sla"))),
        new("tags", "Free words to filter by.", ListOf(Text())),
        new("metadata", "Free values for people and tools.", MapOf(Any())),
    ];

    private static SchemaKey[] MatrixKeys() =>
    [
        new("include", "Members for combinations that agree with an entry about the axes it names; an entry that fits none is a combination of its own.", ListOf(MapOf(Any()))),
        new("exclude", "Combinations to leave out: those that agree with all values of an entry.", ListOf(MapOf(Any()))),
        new("max_parallel", "Most children in flight at once.", Whole(1, FanOut.MostItems)),
        new("on_failure", "What a child's failure means for the others: finish, stop or ignore.", Word<ItemFailure>()),
    ];

    private static JsonObject List() => AnyOf(ListOf(Any()), Expression());
}
