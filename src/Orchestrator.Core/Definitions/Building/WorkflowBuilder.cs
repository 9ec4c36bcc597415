using Orchestrator.Core.Definitions.Reading;
using Orchestrator.Core.Lifecycle.Compatibility;

namespace Orchestrator.Core.Definitions;

/// <summary>
/// A workflow written in C#, with the keys and rules of the files. Texts may hold <c>${{ }}</c> expressions. Not safe for use by two threads.
/// </summary>
public sealed class WorkflowBuilder
{
    private readonly BuiltMap _map;
    private readonly string _name;
    private readonly Dictionary<string, object?> _params = [];
    private readonly Dictionary<string, object?> _env = [];
    private readonly Dictionary<string, object?> _labels = [];
    private readonly Dictionary<string, object?> _secrets = [];
    private readonly List<object?> _schedules = [];
    private readonly Dictionary<string, object?> _calendars = [];
    private readonly List<object?> _callbacks = [];
    private readonly Dictionary<string, object?> _outputs = [];
    private readonly Dictionary<string, List<TaskBuilder>> _handlers = [];
    private readonly List<TaskBuilder> _tasks = [];
    private string? _baseDir;

    internal WorkflowBuilder(string name)
    {
        _name = name;
        _map = new($"workflow '{name}'");
        _map.Set("name", name);
    }

    /// <summary>What it is for.</summary>
    public WorkflowBuilder Description(string text) => Set("description", text);

    /// <summary>Who is responsible for it.</summary>
    public WorkflowBuilder Owner(string owner) => Set("owner", owner);

    /// <summary>Isolation and accounting unit.</summary>
    public WorkflowBuilder Tenant(string tenant) => Set("tenant", tenant);

    /// <summary>Second grouping.</summary>
    public WorkflowBuilder Project(string project) => Set("project", project);

    /// <summary>A free label.</summary>
    public WorkflowBuilder Label(string key, string value) => Add(_labels, "labels", key, value);

    /// <summary>A parameter with a default; its type is the default's.</summary>
    public WorkflowBuilder Param(string name, object? defaultValue = null) => Add(_params, "params", name, defaultValue);

    /// <summary>A parameter with everything said. A text with an expression may be the default of any type.</summary>
    public WorkflowBuilder Param(string name, ParameterType type, object? defaultValue = null, bool required = false, IEnumerable<string>? values = null, string? description = null,
        object? min = null, object? max = null, string? pattern = null)
    {
        var parameter = new Dictionary<string, object?> { ["type"] = type };
        if (defaultValue is not null) parameter["default"] = defaultValue;
        if (required) parameter["required"] = true;
        if (values is not null) parameter["values"] = values;
        if (description is not null) parameter["description"] = description;
        if (min is not null) parameter["min"] = min;
        if (max is not null) parameter["max"] = max;
        if (pattern is not null) parameter["pattern"] = pattern;
        return Add(_params, "params", name, parameter);
    }

    /// <summary>A parameter whose value is a file's content, read for each attempt and never kept.</summary>
    public WorkflowBuilder SecretParamFromFile(string name, string file) => Add(_params, "params", name, new Dictionary<string, object?> { ["type"] = ParameterType.Secret, ["file"] = file });

    /// <summary>A parameter whose value is a variable of the worker, read for each attempt and never kept.</summary>
    public WorkflowBuilder SecretParamFromEnv(string name, string variable) => Add(_params, "params", name, new Dictionary<string, object?> { ["type"] = ParameterType.Secret, ["env"] = variable });

    /// <summary>A variable of every child process.</summary>
    public WorkflowBuilder Env(string name, string value) => Add(_env, "env", name, value);

    /// <summary>Variables of the worker that child processes get.</summary>
    public WorkflowBuilder InheritEnv(params string[] names) => Set("inherit_env", names);

    /// <summary>Files of variables beneath the declared ones.</summary>
    public WorkflowBuilder Dotenv(params string[] files) => Set("dotenv", files);

    /// <summary>Where the output of tasks goes that say nothing.</summary>
    public WorkflowBuilder LogOutput(LogOutput output) => Set("log_output", output);

    /// <summary>Whether what is in a run's scratch folder stays after its end.</summary>
    public WorkflowBuilder KeepRunDir(KeepRule rule) => Set("keep_run_dir", rule);

    /// <summary>Folder that relative paths start from, `working_dir` included. Not part of the definition's version.</summary>
    public WorkflowBuilder BaseDir(string folder)
    {
        _baseDir = folder;
        return this;
    }

    /// <summary>Working directory of processes.</summary>
    public WorkflowBuilder WorkingDir(string folder) => Set("working_dir", folder);

    /// <summary>What interprets the text of `run` tasks that name nothing themselves: bash or sh.</summary>
    public WorkflowBuilder Shell(string word) => Set("shell", word);

    /// <summary>
    /// What interprets the text of `run` tasks that name nothing themselves; the text becomes the last argument: <c>Shell(["python3", "-c"])</c>.
    /// </summary>
    public WorkflowBuilder Shell(params string[] argv) => Set("shell", argv);

    /// <summary>A secret whose value is a file's content.</summary>
    public WorkflowBuilder SecretFromFile(string name, string file) => Add(_secrets, "secrets", name, new Dictionary<string, object?> { ["file"] = file });

    /// <summary>A secret whose value is a variable of the worker.</summary>
    public WorkflowBuilder SecretFromEnv(string name, string variable) => Add(_secrets, "secrets", name, new Dictionary<string, object?> { ["env"] = variable });

    /// <summary>Runs of one group exclude each other.</summary>
    /// <param name="group">The group's name.</param>
    /// <param name="max">Runs of the group that may have started at once.</param>
    /// <param name="onConflict">What a run does that finds it full.</param>
    public WorkflowBuilder Concurrency(string group, int max = 1, OnConflict onConflict = default) =>
        Set("concurrency", _map.Below("concurrency").SetIfAny("group", group).SetIfAny("max", max).SetIfAny("on_conflict", onConflict).ToNode());

    /// <summary>Which waiting run goes first.</summary>
    public WorkflowBuilder Priority(RunPriority priority) => Set("priority", priority);

    /// <summary>A smaller rank starts first among waiting runs of one priority and tenant.</summary>
    public WorkflowBuilder Rank(int rank) => Set("rank", rank);

    /// <summary>How long a run is expected to take, and the part of that after which it is at risk.</summary>
    public WorkflowBuilder Sla(TimeSpan expected, double? atRisk = null) => Set("sla", TaskBuilder.SlaOf(_map, expected, atRisk));

    /// <summary>Whole runs that failed are restarted; the settings are those of <see cref="TaskBuilder.Retry"/>.</summary>
    public WorkflowBuilder Retry(int maxAttempts = 3, TimeSpan? initialDelay = null, double? backoff = null, TimeSpan? maxDelay = null, bool jitter = false) =>
        Set("retry", new TaskBuilder(_map.Path).Retry(maxAttempts, initialDelay, backoff, maxDelay, jitter: jitter).RetryNode);

    /// <summary>A result of a completed run: a text that may hold expressions over <c>tasks</c>, <c>params</c> and <c>run</c>.</summary>
    public WorkflowBuilder Output(string name, string text) => Add(_outputs, "outputs", name, text);

    /// <summary>How long finished runs are kept; the first limit that is passed removes the oldest.</summary>
    public WorkflowBuilder Retention(TimeSpan? age = null, int? count = null, long? bytes = null) =>
        Set("retention", _map.Below("retention").SetIfAny("age", age).SetIfAny("count", count).SetIfAny("bytes", bytes).ToNode());

    /// <summary>Part of the runs whose spans are exported when they end well, 0 to 1; those of runs that fail always are.</summary>
    public WorkflowBuilder SampleTraces(double part) => Set("telemetry", _map.Below("telemetry").SetIfAny("sample", part).ToNode());

    /// <summary>When a report is written.</summary>
    public WorkflowBuilder Report(ReportRule rule) => Set("report", rule);

    /// <summary>Adds a task that runs when the run completed.</summary>
    public WorkflowBuilder OnSuccess(string id, Action<TaskBuilder> task) => Handler("on_success", id, task);

    /// <summary>Adds a task that runs when the run failed.</summary>
    public WorkflowBuilder OnFailure(string id, Action<TaskBuilder> task) => Handler("on_failure", id, task);

    /// <summary>Adds a task that runs when the run was cancelled.</summary>
    public WorkflowBuilder OnCancel(string id, Action<TaskBuilder> task) => Handler("on_cancel", id, task);

    /// <summary>Adds a task that always runs, last.</summary>
    public WorkflowBuilder Finally(string id, Action<TaskBuilder> task) => Handler("finally", id, task);

    /// <summary>Most attempts in flight at once in a run.</summary>
    public WorkflowBuilder MaxParallel(int attempts) => Set("max_parallel", attempts);

    /// <summary>Whether the first final failure ends what has not started, and what happens to running tasks then.</summary>
    public WorkflowBuilder FailFast(bool enabled, OnFailFast onFailFast = default)
    {
        Set("fail_fast", enabled);
        return Set("on_fail_fast", onFailFast);
    }

    /// <summary>Longest time of a run.</summary>
    public WorkflowBuilder Timeout(TimeSpan timeout) => Set("timeout", timeout);

    /// <summary>How often an attempt may be lost with its worker before its task fails.</summary>
    public WorkflowBuilder MaxWorkerLosses(int losses) => Set("max_worker_losses", losses);

    /// <summary>Declares stages, in order.</summary>
    public WorkflowBuilder Stages(params string[] stages) => Set("stages", stages);

    /// <summary>
    /// Values for tasks that do not set their own: timeout, retry, working directory, shell, variables, pool, allow_failure, idempotent, run_when.
    /// </summary>
    public WorkflowBuilder Defaults(Action<TaskBuilder> defaults)
    {
        var task = new TaskBuilder($"{_map.Path}.defaults");
        defaults(task);
        return Set("defaults", task.ToNode());
    }

    /// <summary>A schedule: a cron rule in an IANA time zone, with parameter values of its runs.</summary>
    public WorkflowBuilder Schedule(string id, string cron, string timezone = "UTC", bool enabled = true, IReadOnlyDictionary<string, object?>? parameters = null)
    {
        var schedule = new Dictionary<string, object?> { ["id"] = id, ["cron"] = cron, ["timezone"] = timezone, ["enabled"] = enabled };
        if (parameters is not null) schedule["params"] = parameters;
        _schedules.Add(schedule);
        return Set("schedules", _schedules);
    }

    /// <summary>
    /// A schedule with any of its keys, as they stand in a file: <c>id</c>, one of <c>cron</c>, <c>every</c>, <c>at</c> and <c>rrule</c>, and so on.
    /// </summary>
    public WorkflowBuilder Schedule(IReadOnlyDictionary<string, object?> keys)
    {
        _schedules.Add(keys);
        return Set("schedules", _schedules);
    }

    /// <summary>
    /// A named set of days that schedules exclude or keep to; keys as they stand in a file: <c>weekdays</c>,
    /// <c>dates</c>, <c>yearly</c>, <c>ranges</c>, <c>ics</c>.
    /// </summary>
    public WorkflowBuilder Calendar(string name, IReadOnlyDictionary<string, object?> days)
    {
        _calendars[name] = days;
        return Set("calendars", _calendars);
    }

    /// <summary>An address that receives events of the runs.</summary>
    /// <param name="url">Absolute http or https address, without expressions.</param>
    /// <param name="events">Types of events or patterns such as <c>task.*</c>; none: those that end a run.</param>
    /// <param name="secret">Name of a declared secret that signs every request; null: none is signed.</param>
    /// <param name="headers">Headers of every request.</param>
    /// <param name="timeout">Longest time for one request; null: 30 s.</param>
    /// <param name="format">Shape of the body.</param>
    public WorkflowBuilder Callback(
        string url, IReadOnlyList<string>? events = null, string? secret = null, IReadOnlyDictionary<string, string>? headers = null, TimeSpan? timeout = null, EventFormat format = default)
    {
        _callbacks.Add(_map.Below("callbacks[]").SetIfAny("url", url).SetIfAny("events", events).SetIfAny("secret", secret)
            .SetIfAny("headers", headers?.ToDictionary(h => h.Key, h => (object?)h.Value)).SetIfAny("timeout", timeout).SetIfAny("format", format == default ? null : format).ToNode());
        return Set("callbacks", _callbacks);
    }

    /// <summary>Adds a task.</summary>
    public WorkflowBuilder Task(string id, Action<TaskBuilder> task)
    {
        var builder = new TaskBuilder($"{_map.Path}: task '{id}'", id);
        task(builder);
        _tasks.Add(builder);
        return this;
    }

    /// <summary>The definition, held to every rule.</summary>
    /// <exception cref="DefinitionException">Rules are broken; it lists every problem.</exception>
    public WorkflowDefinition Build()
    {
        var path = $"{_map.Path}.tasks";
        _map.Set("tasks", new SourceList([.. _tasks.Select(t => t.ToNode())], BuiltMap.At(path)));
        if (_handlers.Count > 0) _map.Set("handlers", _handlers.ToDictionary(h => h.Key, h => (object?)h.Value.Select(t => t.ToNode())));
        var result = DefinitionReader.Read(_map.ToNode(), _name);
        return result.Workflow is { } workflow ? workflow with { BaseDir = _baseDir } : throw new DefinitionException(result.Problems);
    }

    private WorkflowBuilder Handler(string key, string id, Action<TaskBuilder> task)
    {
        var builder = new TaskBuilder($"{_map.Path}: handler '{id}'", id);
        task(builder);
        if (!_handlers.TryGetValue(key, out var handlers)) _handlers[key] = handlers = [];
        handlers.Add(builder);
        return this;
    }

    private WorkflowBuilder Set(string key, object? value)
    {
        _map.Set(key, value);
        return this;
    }

    private WorkflowBuilder Add(Dictionary<string, object?> entries, string key, string name, object? value)
    {
        entries[name] = value;
        return Set(key, entries);
    }
}
