using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orchestrator.Core.Definitions;

/// <summary>A node of the graph: one action with its gates and limits.</summary>
public sealed record TaskDefinition
{
    /// <summary>Unique within the workflow.</summary>
    public required TaskId Id { get; init; }

    /// <summary>What it does.</summary>
    public required TaskAction Action { get; init; }

    /// <summary>A declared stage; null is the implicit stage <c>default</c>.</summary>
    public string? Stage { get; init; }

    /// <summary>Tasks that must be terminal first; duplicates removed by the reader, order kept.</summary>
    public ImmutableArray<TaskId> DependsOn { get; init; } = [];

    /// <summary>What must have become of them.</summary>
    public RunWhen RunWhen { get; init; }

    /// <summary>An expression that must be true; without the <c>${{ }}</c>.</summary>
    public string? If { get; init; }

    /// <summary>Retries; null is one attempt.</summary>
    public RetryPolicy? Retry { get; init; }

    /// <summary>Longest time of one attempt.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>A failure counts as success for dependants and the run.</summary>
    public bool AllowFailure { get; init; }

    /// <summary>Whether an attempt lost with its worker may be repeated.</summary>
    public bool Idempotent { get; init; } = true;

    /// <summary>Variables of its process above the workflow's; values may hold expressions.</summary>
    public ImmutableSortedDictionary<string, string> Env { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Working directory; null is the workflow's.</summary>
    public string? WorkingDir { get; init; }

    /// <summary>Where results come from beside $ORCHESTRATOR_OUTPUT.</summary>
    public OutputSource Outputs { get; init; }

    /// <summary>Free words to filter by.</summary>
    public ImmutableArray<string> Tags { get; init; } = [];

    /// <summary>Free JSON for people and tools.</summary>
    public ImmutableSortedDictionary<string, JsonElement> Metadata { get; init; } = ImmutableSortedDictionary<string, JsonElement>.Empty;

    /// <summary>Where the task stands; not part of the definition's version.</summary>
    [JsonIgnore]
    public SourceSpan Span { get; init; }
}

/// <summary>Where a task's results are read from.</summary>
[JsonConverter(typeof(WordJson<OutputSource>))]
public enum OutputSource
{
    /// <summary>The file named by $ORCHESTRATOR_OUTPUT only (the default).</summary>
    File,
    /// <summary>Also the last line of standard output that is a JSON object; the file's keys win.</summary>
    StdoutJson,
}

/// <summary>What a task does. The kind is the name of the key it is written under.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(RunAction), "run")]
[JsonDerivedType(typeof(ExecAction), "exec")]
[JsonDerivedType(typeof(ScriptAction), "script")]
[JsonDerivedType(typeof(DelegateAction), "delegate")]
[JsonDerivedType(typeof(NoopAction), "noop")]
public abstract record TaskAction
{
    /// <summary>The kind's name: run, exec, script, delegate, noop.</summary>
    [JsonIgnore]
    public abstract string Kind { get; }
}

/// <summary>A command line for the shell: <c>bash -eu -o pipefail -c</c> where bash exists, else <c>sh -eu -c</c>.</summary>
/// <param name="Command">May hold expressions; only harmless values are substituted.</param>
public sealed record RunAction(string Command) : TaskAction
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string Kind => "run";
}

/// <summary>A program and its arguments, without a shell.</summary>
/// <param name="Argv">At least the program; each element may hold expressions.</param>
public sealed record ExecAction(ImmutableArray<string> Argv) : TaskAction
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string Kind => "exec";
}

/// <summary>An inline file that is made executable and run; begins with <c>#!</c>.</summary>
/// <param name="Text">May hold expressions; only harmless values are substituted.</param>
public sealed record ScriptAction(string Text) : TaskAction
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string Kind => "script";
}

/// <summary>C# code registered under a name.</summary>
/// <param name="Name">The registered name.</param>
public sealed record DelegateAction(string Name) : TaskAction
{
    /// <summary>Input values (`with`); texts may hold expressions.</summary>
    public ImmutableSortedDictionary<string, JsonElement> With { get; init; } = ImmutableSortedDictionary<string, JsonElement>.Empty;

    /// <inheritdoc/>
    [JsonIgnore]
    public override string Kind => "delegate";
}

/// <summary>Nothing: a join or a milestone.</summary>
public sealed record NoopAction : TaskAction
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string Kind => "noop";
}
