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
        var handler = Map("A task that runs after the run's outcome is fixed; handlers run one after another. It can use run.outcome, run.error, run.failed_tasks and all tasks.", ["id"],
            [.. Keys().Where(k => Vocabulary.Handler.Accepted.Contains(k.Name))]);
        handler["oneOf"] = ExactlyOne(Vocabulary.Kinds.Intersect(Vocabulary.Handler.Accepted));
        return handler;
    }

    public static JsonObject ForEach() => Map("A child for each item, id[0], id[1] and so on.", ["items"],
        new("items", "A list, or one expression for a list.", List()),
        new("as", "Another name of item in expressions.", Pattern("^[A-Za-z_][A-Za-z0-9_]{0,63}$")),
        new("max_parallel", "Most children in flight at once.", Whole(1, FanOut.MaxItems)),
        new("on_failure", "What a child's failure means: the others continue and then the task fails (finish), no others start (stop), or its result is null (ignore).", Word<ItemFailure>()));

    public static JsonObject Matrix() => Map("A child for each combination of axes, the last one varying fastest.", ["axes"],
        [new("axes", "Names, each with a list or one expression for a list; as a list of one-entry maps when the notation does not keep the order.", AnyOf(MapOf(List()), ListOf(MapOf(List())))), .. MatrixKeys()]);

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
        new("jitter", "Draws each delay at random between the initial delay and three times the previous one.", Flag()),
        new("on", "Which failures are worth another attempt.", Ref("retry_on")));

    public static JsonObject RetryOn() => Map("Each list restricts failures of its own kind; it does not restrict others.", [],
        new("exit_codes", "Only these exit codes.", ListOf(Whole(1, 255))),
        new("kinds", "Only these kinds of failure.", ListOf(Word<FailureKind>())),
        new("http_status", "Only these HTTP statuses; when not given 408, 429 and 5xx.", ListOf(Whole(100, 599))),
        new("sql_state", "Only these SQLSTATE codes, or their classes of two characters.", ListOf(Pattern("^([0-9A-Z]{2}|[0-9A-Z]{5})$"))));

    public static JsonObject Sla() => Map("How long it is expected to take. Exceeding it is reported; nothing is stopped.", ["expected"],
        new("expected", "Longest time from the start.", Duration()),
        new("at_risk", "Fraction of that time after which it is at risk. Default 0.8.", Number(0.01, 1)));

    private static SchemaKey[] Keys() =>
    [
        new("id", "Unique within the workflow, handlers included.", Pattern("^[A-Za-z0-9_-]{1,64}$")),
        .. ActionSchema.Kinds(),
        new("with", "Values for a delegate, or for a workflow called by its name; texts may hold expressions.", MapOf(Any())),
        new("params", "Another name of with.", MapOf(Any())),
        new("stage", "One of the workflow's stages.", Text()),
        new("depends_on", "Tasks that must have ended first.", OneOrMore(Text)),
        new("run_when", "How they must have ended. Default all_success.", Word<RunWhen>()),
        new("if", "An expression that must be true, else the task is skipped. In a fan-out, an expression that names the item is evaluated for each child.", Text()),
        new("enabled", "false: the task is skipped.", Flag()),
        new("foreach", "Runs the task once for each item of a list.", AnyOf(List(), Ref("foreach"))),
        new("matrix", "Runs the task once for each combination of axes.", AnyOf(Ref("matrix"), Ref("short_matrix"))),
        new("retry", "Repeats failed attempts; without it there is one.", AnyOf(Ref("retry"), Nothing())),
        new("timeout", "Longest time of one attempt.", Duration()),
        new("grace", "Time between SIGTERM and SIGKILL.", Duration()),
        new("allow_failure", "A failure counts as success for dependants and the run.", Flag()),
        new("idempotent", "false: an attempt lost with its worker is a failure, not repeated.", Flag()),
        new("propagate", "Which part of the trace context its processes, containers and HTTP requests receive. Default context+baggage; after a redirect to another origin nothing, unless this key is set.", Word<TracePropagation>()),
        new("env", "Variables of its process, above the workflow's.", MapOf(Text())),
        new("working_dir", "Working directory, relative to the file's folder.", Text()),
        new("shell", "What interprets run: bash (-eu -o pipefail -c), sh (-eu -c, half the cost), or a command line such as [python3, -c] that the text ends. Default: that of the defaults, of the workflow, bash where it exists, sh.", Shell()),
        new("log_output", "Where the output of its processes goes: one log (combined) or a file for each stream (separate). Default combined.", Word<LogOutput>()),
        new("success_exit_codes", "Exit codes other than 0 that mean success.", ListOf(Whole(1, 255))),
        new("outputs", "stdout_json: the last JSON line of standard output becomes results too.", Word<OutputSource>()),
        new("secret_outputs",
            "Names of results that are secret: later tasks of the run can read them; they are stored nowhere and masked everywhere.", OneOrMore(Text)),
        new("transform", "Computes new results after a success: texts with expressions over outputs.", MapOf(Text())),
        new("output_limit", "Most bytes of results as JSON.", Size()),
        new("artifacts", "Files below the working directory that are kept with the run: paths and globs.", OneOrMore(Text)),
        new("pool", "Named pool; each attempt needs one of its slots.", Name()),
        new("rank", "A smaller rank starts first among the tasks of a run that wait for a slot.", Whole(-ControlReader.MaxRank, ControlReader.MaxRank)),
        new("sla", "How long it is expected to take.", AnyOf(Duration(), Ref("sla"))),
        new("tags", "Words to filter by.", ListOf(Text())),
        new("metadata", "Values for people and tools.", MapOf(Any())),
    ];

    private static SchemaKey[] MatrixKeys() =>
    [
        new("include", "Extra members for combinations that match an entry on the axes it names; an entry that matches none is a combination of its own.", ListOf(MapOf(Any()))),
        new("exclude", "Combinations to leave out: those that match all values of an entry.", ListOf(MapOf(Any()))),
        new("max_parallel", "Most children in flight at once.", Whole(1, FanOut.MaxItems)),
        new("on_failure", "What a child's failure means for the others: finish, stop or ignore.", Word<ItemFailure>()),
    ];

    private static JsonObject List() => AnyOf(ListOf(Any()), Expression());
}
