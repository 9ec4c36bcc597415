using System.Collections.Immutable;
using System.Text.Json;

namespace Orchestrator.Core.Planning;

/// <summary>A task with every expression replaced by its value: what one attempt is asked to do.</summary>
public sealed record TaskInvocation
{
    /// <summary>The command line of a `run` task.</summary>
    public string? Command { get; init; }

    /// <summary>The program and arguments of an `exec` task.</summary>
    public ImmutableArray<string> Argv { get; init; } = [];

    /// <summary>The text of a `script` task.</summary>
    public string? Script { get; init; }

    /// <summary>The inputs of a delegate.</summary>
    public ImmutableSortedDictionary<string, JsonElement> With { get; init; } = ImmutableSortedDictionary<string, JsonElement>.Empty;

    /// <summary>The request of an `http` task.</summary>
    public HttpCall? Http { get; init; }

    /// <summary>The container of a `container` task.</summary>
    public ContainerCall? Container { get; init; }

    /// <summary>Paths and globs of files to keep with the run.</summary>
    public ImmutableArray<string> Artifacts { get; init; } = [];

    /// <summary>Declared variables: the workflow's under the task's.</summary>
    public ImmutableSortedDictionary<string, string> Env { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Working directory as rendered; relative ones start at the run's base folder. Null: the base folder.</summary>
    public string? WorkingDir { get; init; }
}
