using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orchestrator.Core.Definitions;

/// <summary>What a task does. The kind is the name of the key it is written under.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(RunAction), "run")]
[JsonDerivedType(typeof(ExecAction), "exec")]
[JsonDerivedType(typeof(ScriptAction), "script")]
[JsonDerivedType(typeof(DelegateAction), "delegate")]
[JsonDerivedType(typeof(NoopAction), "noop")]
[JsonDerivedType(typeof(HttpAction), "http")]
[JsonDerivedType(typeof(SqlAction), "sql")]
[JsonDerivedType(typeof(ContainerAction), "container")]
[JsonDerivedType(typeof(WorkflowAction), "workflow")]
[JsonDerivedType(typeof(WaitAction), "wait")]
[JsonDerivedType(typeof(ApprovalAction), "approval")]
[JsonDerivedType(typeof(SwitchAction), "switch")]
public abstract record TaskAction
{
    /// <summary>The kind's name: run, exec, script, delegate, noop, http, sql, container, workflow, wait, approval, switch.</summary>
    [JsonIgnore]
    public abstract string Kind { get; }
}

/// <summary>A text for a shell or another interpreter.</summary>
/// <param name="Command">May hold expressions; only harmless values are substituted.</param>
public sealed record RunAction(string Command) : TaskAction
{
    /// <summary>
    /// The interpreter's command line, which the command ends; empty: <see cref="Shells.Bash"/> where bash exists, else <see cref="Shells.Sh"/>.
    /// </summary>
    public ImmutableArray<string> Shell { get; init; } = [];

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
