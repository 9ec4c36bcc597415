using Orchestrator.Core.Definitions.Reading;

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

    /// <summary>Who answers for it.</summary>
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
    public WorkflowBuilder Param(string name, ParameterType type, object? defaultValue = null, bool required = false, IEnumerable<string>? values = null, string? description = null)
    {
        var parameter = new Dictionary<string, object?> { ["type"] = type };
        if (defaultValue is not null) parameter["default"] = defaultValue;
        if (required) parameter["required"] = true;
        if (values is not null) parameter["values"] = values;
        if (description is not null) parameter["description"] = description;
        return Add(_params, "params", name, parameter);
    }

    /// <summary>A variable of every child process.</summary>
    public WorkflowBuilder Env(string name, string value) => Add(_env, "env", name, value);

    /// <summary>Variables of the worker that child processes get.</summary>
    public WorkflowBuilder InheritEnv(params string[] names) => Set("inherit_env", names);

    /// <summary>Folder that relative paths start from, `working_dir` included. Not part of the definition's version.</summary>
    public WorkflowBuilder BaseDir(string folder)
    {
        _baseDir = folder;
        return this;
    }

    /// <summary>Working directory of processes.</summary>
    public WorkflowBuilder WorkingDir(string folder) => Set("working_dir", folder);

    /// <summary>A secret whose value is a file's content.</summary>
    public WorkflowBuilder SecretFromFile(string name, string file) => Add(_secrets, "secrets", name, new Dictionary<string, object?> { ["file"] = file });

    /// <summary>A secret whose value is a variable of the worker.</summary>
    public WorkflowBuilder SecretFromEnv(string name, string variable) => Add(_secrets, "secrets", name, new Dictionary<string, object?> { ["env"] = variable });

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

    /// <summary>What tasks get where they say nothing: timeout, retry, working directory and variables.</summary>
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
        var result = DefinitionReader.Read(_map.ToNode(), _name);
        return result.Workflow is { } workflow ? workflow with { BaseDir = _baseDir } : throw new DefinitionException(result.Problems);
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
