using Orchestrator.Core.Definitions.Reading;

namespace Orchestrator.Core.Definitions;

/// <summary>A task written in C#: one kind (run, exec, script, delegate, noop), gates and limits.</summary>
public sealed class TaskBuilder
{
    private readonly BuiltMap _map;
    private readonly Dictionary<string, object?> _env = [];
    private readonly Dictionary<string, object?> _metadata = [];
    private readonly List<string> _needs = [];

    internal TaskBuilder(string path, string? id = null)
    {
        _map = new(path);
        if (id is not null) _map.Set("id", id);
    }

    /// <summary>A command line for the shell.</summary>
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

    /// <summary>What must have become of the dependencies.</summary>
    public TaskBuilder RunWhen(RunWhen when) => Set("run_when", when);

    /// <summary>An expression that must be true, with or without <c>${{ }}</c>.</summary>
    public TaskBuilder If(string expression) => Set("if", expression);

    /// <summary>Attempts in total, with the default delays or these.</summary>
    public TaskBuilder Retry(int maxAttempts = 3, TimeSpan? initialDelay = null, double? backoff = null, TimeSpan? maxDelay = null,
        IEnumerable<int>? onExitCodes = null, IEnumerable<FailureKind>? onKinds = null)
    {
        var retry = new BuiltMap($"{_map.Path}.retry");
        retry.Set("max_attempts", maxAttempts);
        if (initialDelay is { } initial) retry.Set("initial_delay", initial);
        if (backoff is { } factor) retry.Set("backoff", factor);
        if (maxDelay is { } max) retry.Set("max_delay", max);
        var on = new BuiltMap($"{retry.Path}.on");
        if (onExitCodes is not null) on.Set("exit_codes", onExitCodes);
        if (onKinds is not null) on.Set("kinds", onKinds);
        if (onExitCodes is not null || onKinds is not null) retry.Set("on", on.ToNode());
        return Set("retry", retry.ToNode());
    }

    /// <summary>Longest time of one attempt.</summary>
    public TaskBuilder Timeout(TimeSpan timeout) => Set("timeout", timeout);

    /// <summary>A failure counts as success for dependants and the run.</summary>
    public TaskBuilder AllowFailure(bool allowed = true) => Set("allow_failure", allowed);

    /// <summary>Whether an attempt lost with its worker may be repeated.</summary>
    public TaskBuilder Idempotent(bool idempotent) => Set("idempotent", idempotent);

    /// <summary>A variable of its process.</summary>
    public TaskBuilder Env(string name, string value)
    {
        _env[name] = value;
        return Set("env", _env);
    }

    /// <summary>Working directory.</summary>
    public TaskBuilder WorkingDir(string folder) => Set("working_dir", folder);

    /// <summary>Where results come from beside $ORCHESTRATOR_OUTPUT.</summary>
    public TaskBuilder Outputs(OutputSource source) => source == OutputSource.File ? this : Set("outputs", source);

    /// <summary>Free words to filter by.</summary>
    public TaskBuilder Tags(params string[] tags) => Set("tags", tags);

    /// <summary>A free value for people and tools.</summary>
    public TaskBuilder Metadata(string key, object? value)
    {
        _metadata[key] = value;
        return Set("metadata", _metadata);
    }

    internal SourceMap ToNode() => _map.ToNode();

    private TaskBuilder Set(string key, object? value)
    {
        _map.Set(key, value);
        return this;
    }
}
