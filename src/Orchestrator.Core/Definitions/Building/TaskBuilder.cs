using Orchestrator.Core.Definitions.Reading;

namespace Orchestrator.Core.Definitions;

/// <summary>A task written in C#: one kind, gates, fan-out and limits. Texts may hold <c>${{ }}</c> expressions.</summary>
public sealed class TaskBuilder
{
    private readonly BuiltMap _map;
    private readonly Dictionary<string, object?> _env = [];
    private readonly Dictionary<string, object?> _metadata = [];
    private readonly Dictionary<string, object?> _transform = [];
    private readonly List<string> _needs = [];

    internal TaskBuilder(string path, string? id = null)
    {
        _map = new(path);
        if (id is not null) _map.Set("id", id);
    }

    /// <summary>A text for the shell.</summary>
    public TaskBuilder Run(string command) => Set("run", command);

    /// <summary>A program and its arguments, without a shell.</summary>
    public TaskBuilder Exec(params string[] argv) => Set("exec", argv);

    /// <summary>An inline file that begins with <c>#!</c>.</summary>
    public TaskBuilder Script(string text) => Set("script", text);

    /// <summary>C# code registered under a name, with input values: texts, numbers, booleans, lists, dictionaries or JSON.</summary>
    public TaskBuilder Delegate(string name, IReadOnlyDictionary<string, object?>? with = null)
    {
        if (with is not null) Set("with", with);
        return Set("delegate", name);
    }

    /// <summary>An HTTP request with at most one of the three bodies.</summary>
    /// <param name="url">Absolute, http or https.</param>
    /// <param name="method">GET when not given.</param>
    /// <param name="headers">Header names and values.</param>
    /// <param name="json">Body as JSON: texts, numbers, booleans, lists, dictionaries or JSON.</param>
    /// <param name="body">Body as text.</param>
    /// <param name="form">Body as form fields.</param>
    /// <param name="expect">Accepted statuses such as 200, 2xx or 200-204; 2xx when not given.</param>
    /// <param name="save">File below the run's artifacts for the answer's body.</param>
    public TaskBuilder Http(string url, string? method = null, IReadOnlyDictionary<string, string>? headers = null, object? json = null, string? body = null,
        IReadOnlyDictionary<string, string>? form = null, IEnumerable<string>? expect = null, string? save = null) =>
        Set("http", _map.Below("http").SetIfAny("url", url).SetIfAny("method", method).SetIfAny("headers", headers).SetIfAny("json", json).SetIfAny("body", body)
            .SetIfAny("form", form).SetIfAny("expect", expect).SetIfAny("save", save).ToNode());

    /// <summary>Statements on a connection of the worker: one of query, execute, transaction and file, with values as parameters.</summary>
    public TaskBuilder Sql(string connection, string? query = null, string? execute = null, IEnumerable<string>? transaction = null, string? file = null,
        IReadOnlyDictionary<string, object?>? parameters = null, string? csv = null, int? maxRows = null, TimeSpan? statementTimeout = null) =>
        Set("sql", _map.Below("sql").SetIfAny("connection", connection).SetIfAny("query", query).SetIfAny("execute", execute).SetIfAny("transaction", transaction)
            .SetIfAny("file", file).SetIfAny("params", parameters).SetIfAny("csv", csv).SetIfAny("max_rows", maxRows).SetIfAny("statement_timeout", statementTimeout).ToNode());

    /// <summary>A container, run by docker or podman.</summary>
    public TaskBuilder Container(string image, IEnumerable<string>? command = null, string? entrypoint = null, IEnumerable<string>? volumes = null,
        string? workdir = null, string? network = null, string? user = null, PullPolicy pull = default, string? engine = null) =>
        Set("container", _map.Below("container").SetIfAny("image", image).SetIfAny("command", command).SetIfAny("entrypoint", entrypoint).SetIfAny("volumes", volumes)
            .SetIfAny("workdir", workdir).SetIfAny("network", network).SetIfAny("user", user).SetIfAny("pull", pull).SetIfAny("engine", engine).ToNode());

    /// <summary>A run of another workflow.</summary>
    /// <param name="name">The workflow's name.</param>
    /// <param name="parameters">Values of its parameters.</param>
    /// <param name="wait">False: the task is done once the run is accepted.</param>
    public TaskBuilder Workflow(string name, IReadOnlyDictionary<string, object?>? parameters = null, bool wait = true) =>
        Set("workflow", _map.Below("workflow").SetIfAny("name", name).SetIfAny("params", parameters).SetIfAny("wait", wait ? null : false).ToNode());

    /// <summary>Waits for a duration.</summary>
    public TaskBuilder Wait(TimeSpan duration) => Set("wait", duration);

    /// <summary>Waits until an instant, ISO 8601.</summary>
    public TaskBuilder WaitUntil(string instant) => Set("wait", _map.Below("wait").SetIfAny("until", instant).ToNode());

    /// <summary>Waits for an event of this name, sent to the run from outside.</summary>
    public TaskBuilder WaitForEvent(string name) => Set("wait", _map.Below("wait").SetIfAny("event", name).ToNode());

    /// <summary>Repeats a check until it succeeds and the condition, if there is one, is true of its outputs.</summary>
    /// <param name="check">Sets one of run (with shell where wanted), exec, http and sql, and nothing else.</param>
    /// <param name="condition">An expression over <c>outputs</c>.</param>
    /// <param name="interval">Time between the first two checks; 10 seconds when not given.</param>
    /// <param name="backoff">Factor from one interval to the next; 1.5 when not given.</param>
    /// <param name="maxInterval">Longest interval; 5 minutes when not given.</param>
    public TaskBuilder Poll(Action<TaskBuilder> check, string? condition = null, TimeSpan? interval = null, double? backoff = null, TimeSpan? maxInterval = null)
    {
        var wait = _map.Below("wait");
        var poll = new TaskBuilder($"{wait.Path}.poll");
        check(poll);
        poll._map.SetIfAny("if", condition).SetIfAny("interval", interval).SetIfAny("backoff", backoff).SetIfAny("max_interval", maxInterval);
        return Set("wait", wait.SetIfAny("poll", poll.ToNode()).ToNode());
    }

    /// <summary>Waits until people approve or one of them rejects.</summary>
    /// <param name="prompt">The question.</param>
    /// <param name="fields">What to enter, by name: a default, or a dictionary with type, default, required, values and description.</param>
    /// <param name="approvers">Who may answer; anybody when not given.</param>
    /// <param name="required">Approvals needed.</param>
    /// <param name="role">Role an answer through the API needs.</param>
    /// <param name="expires">Time after which it has expired; 72 hours when not given.</param>
    public TaskBuilder Approval(string prompt, IReadOnlyDictionary<string, object?>? fields = null, IEnumerable<string>? approvers = null, int required = 1,
        string? role = null, TimeSpan? expires = null) =>
        Set("approval", _map.Below("approval").SetIfAny("prompt", prompt).SetIfAny("fields", fields).SetIfAny("approvers", approvers).SetIfAny("required", required)
            .SetIfAny("role", role).SetIfAny("expires", expires).ToNode());

    /// <summary>Chooses among the tasks that depend on it.</summary>
    /// <param name="value">What is compared, as text.</param>
    /// <param name="cases">Values, or patterns between slashes as in <c>/^eu-/</c>, each with the task that starts then.</param>
    /// <param name="otherwise">Tasks that start when no case matches.</param>
    public TaskBuilder Switch(string value, IEnumerable<KeyValuePair<string, string>> cases, params string[] otherwise) =>
        Set("switch", _map.Below("switch").SetIfAny("value", value)
            .SetIfAny("cases", cases.Select(c => (object?)new Dictionary<string, object?>
            {
                [c.Key is ['/', .., '/'] && c.Key.Length > 1 ? "matches" : "is"] = c.Key is ['/', .., '/'] && c.Key.Length > 1 ? c.Key[1..^1] : c.Key,
                ["then"] = c.Value,
            }).ToList())
            .SetIfAny("default", otherwise.Length == 0 ? null : otherwise).ToNode());

    /// <summary>Nothing: a join or a milestone.</summary>
    public TaskBuilder Noop() => Set("noop", true);

    /// <summary>Tasks that must be terminal first; adds to those given before.</summary>
    public TaskBuilder DependsOn(params string[] tasks)
    {
        _needs.AddRange(tasks);
        return Set("depends_on", _needs);
    }

    /// <summary>A declared stage.</summary>
    public TaskBuilder Stage(string stage) => Set("stage", stage);

    /// <summary>Exit codes other than 0 that mean success.</summary>
    public TaskBuilder SuccessExitCodes(params int[] codes) => Set("success_exit_codes", codes);

    /// <summary>Where the output of its processes goes.</summary>
    public TaskBuilder LogOutput(LogOutput output) => Set("log_output", output);

    /// <summary>What must have become of the dependencies.</summary>
    public TaskBuilder RunWhen(RunWhen when) => Set("run_when", when);

    /// <summary>An expression that must be true, with or without <c>${{ }}</c>.</summary>
    public TaskBuilder If(string expression) => Set("if", expression);

    /// <summary>A child of this task for each item of a list.</summary>
    /// <param name="items">A list, or a text that is one expression for a list.</param>
    /// <param name="itemName">Another name of <c>item</c> in expressions.</param>
    /// <param name="maxParallel">Most children in flight at once.</param>
    /// <param name="onFailure">What a child's failure means for the others.</param>
    public TaskBuilder ForEach(object items, string? itemName = null, int? maxParallel = null, ItemFailure onFailure = default) =>
        Set("foreach", _map.Below("foreach").SetIfAny("items", items).SetIfAny("as", itemName).SetIfAny("max_parallel", maxParallel).SetIfAny("on_failure", onFailure).ToNode());

    /// <summary>A child of this task for each combination of axes, the last of which varies fastest.</summary>
    /// <param name="axes">Names, each with a list or a text that is one expression for a list.</param>
    /// <param name="exclude">Combinations to leave out.</param>
    /// <param name="include">Members for the combinations that agree with an entry about the axes it names, or a combination more.</param>
    /// <param name="maxParallel">Most children in flight at once.</param>
    /// <param name="onFailure">What a child's failure means for the others.</param>
    public TaskBuilder Matrix(IEnumerable<KeyValuePair<string, object?>> axes, IEnumerable<IReadOnlyDictionary<string, object?>>? exclude = null, int? maxParallel = null, ItemFailure onFailure = default,
        IEnumerable<IReadOnlyDictionary<string, object?>>? include = null) =>
        Set("matrix", _map.Below("matrix").SetIfAny("axes", axes).SetIfAny("exclude", exclude).SetIfAny("include", include).SetIfAny("max_parallel", maxParallel).SetIfAny("on_failure", onFailure).ToNode());

    /// <summary>Attempts in total, with the default delays or these.</summary>
    public TaskBuilder Retry(int maxAttempts = 3, TimeSpan? initialDelay = null, double? backoff = null, TimeSpan? maxDelay = null,
        IEnumerable<int>? onExitCodes = null, IEnumerable<FailureKind>? onKinds = null, bool jitter = false, IEnumerable<int>? onHttpStatus = null, IEnumerable<string>? onSqlState = null)
    {
        var on = onExitCodes is null && onKinds is null && onHttpStatus is null && onSqlState is null ? null
            : _map.Below("retry.on").SetIfAny("exit_codes", onExitCodes).SetIfAny("kinds", onKinds).SetIfAny("http_status", onHttpStatus).SetIfAny("sql_state", onSqlState).ToNode();
        return Set("retry", _map.Below("retry").SetIfAny("max_attempts", maxAttempts).SetIfAny("initial_delay", initialDelay).SetIfAny("backoff", backoff)
            .SetIfAny("max_delay", maxDelay).SetIfAny("jitter", jitter).SetIfAny("on", on).ToNode());
    }

    /// <summary>Longest time of one attempt.</summary>
    public TaskBuilder Timeout(TimeSpan timeout) => Set("timeout", timeout);

    /// <summary>A failure counts as success for dependants and the run.</summary>
    public TaskBuilder AllowFailure(bool allowed = true) => Set("allow_failure", allowed);

    /// <summary>Whether an attempt lost with its worker may be repeated.</summary>
    public TaskBuilder Idempotent(bool idempotent) => Set("idempotent", idempotent);

    /// <summary>What of the trace context its processes and requests are given.</summary>
    public TaskBuilder Propagate(TracePropagation what) => Set("propagate", what);

    /// <summary>A variable of its process.</summary>
    public TaskBuilder Env(string name, string value)
    {
        _env[name] = value;
        return Set("env", _env);
    }

    /// <summary>Working directory.</summary>
    public TaskBuilder WorkingDir(string folder) => Set("working_dir", folder);

    /// <summary>What interprets the text of <see cref="Run"/>: bash or sh.</summary>
    public TaskBuilder Shell(string word) => Set("shell", word);

    /// <summary>What interprets the text of <see cref="Run"/>, which becomes the last argument: <c>Shell(["python3", "-c"])</c>.</summary>
    public TaskBuilder Shell(params string[] argv) => Set("shell", argv);

    /// <summary>Where results come from beside $ORCHESTRATOR_OUTPUT.</summary>
    public TaskBuilder Outputs(OutputSource source) => source == OutputSource.File ? this : Set("outputs", source);

    /// <summary>A result computed from <c>outputs</c> after a success; one such result replaces all original results.</summary>
    public TaskBuilder Transform(string name, string text)
    {
        _transform[name] = text;
        return Set("transform", _transform);
    }

    /// <summary>Results that are secret: later tasks of the run read them, and they are kept nowhere and masked everywhere.</summary>
    public TaskBuilder SecretOutputs(params string[] names) => Set("secret_outputs", names);

    /// <summary>A pool whose slots its attempts need.</summary>
    public TaskBuilder Pool(string pool) => Set("pool", pool);

    /// <summary>A smaller rank starts first among the tasks of a run that wait for a slot.</summary>
    public TaskBuilder Rank(int rank) => Set("rank", rank);

    /// <summary>How long it is expected to take, and the part of that after which it is at risk.</summary>
    public TaskBuilder Sla(TimeSpan expected, double? atRisk = null) => Set("sla", SlaOf(_map, expected, atRisk));

    /// <summary>False: the task is skipped.</summary>
    public TaskBuilder Enabled(bool enabled) => Set("enabled", enabled);

    /// <summary>Most bytes of results as JSON.</summary>
    public TaskBuilder OutputLimit(long bytes) => Set("output_limit", bytes);

    /// <summary>Time between SIGTERM and SIGKILL.</summary>
    public TaskBuilder Grace(TimeSpan grace) => Set("grace", grace);

    /// <summary>Files that are kept with the run: relative paths and globs.</summary>
    public TaskBuilder Artifacts(params string[] paths) => Set("artifacts", paths);

    /// <summary>Words to filter by.</summary>
    public TaskBuilder Tags(params string[] tags) => Set("tags", tags);

    /// <summary>A free value for people and tools.</summary>
    public TaskBuilder Metadata(string key, object? value)
    {
        _metadata[key] = value;
        return Set("metadata", _metadata);
    }

    internal SourceMap ToNode() => _map.ToNode();

    internal SourceNode? RetryNode => _map.ToNode().Find("retry");

    internal static SourceMap SlaOf(BuiltMap owner, TimeSpan expected, double? atRisk) =>
        owner.Below("sla").SetIfAny("expected", expected).SetIfAny("at_risk", atRisk).ToNode();

    private TaskBuilder Set(string key, object? value)
    {
        _map.Set(key, value);
        return this;
    }
}
