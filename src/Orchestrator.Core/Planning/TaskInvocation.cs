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

    /// <summary>What a `sql` task asks of the database.</summary>
    public SqlCall? Sql { get; init; }

    /// <summary>Files of variables beneath the declared ones, as rendered; relative ones start at the run's base folder.</summary>
    public ImmutableArray<string> Dotenv { get; init; } = [];

    /// <summary>What a `switch` task compares.</summary>
    public string? Value { get; init; }

    /// <summary>Declared variables: the workflow's under the task's.</summary>
    public ImmutableSortedDictionary<string, string> Env { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Working directory as rendered; relative ones start at the run's base folder. Null: the base folder.</summary>
    public string? WorkingDir { get; init; }

    /// <summary>How long a wait for a duration lasts, as text.</summary>
    public string? WaitFor { get; init; }

    /// <summary>When a wait for an instant ends, as text.</summary>
    public string? WaitUntil { get; init; }

    /// <summary>The question of an approval.</summary>
    public string? Prompt { get; init; }

    /// <summary>The run of another workflow that the task starts.</summary>
    public ChildCall? Child { get; init; }

    /// <summary>The check that a wait repeats.</summary>
    public PollCall? Poll { get; init; }
}

/// <summary>A run of another workflow.</summary>
/// <param name="Workflow">Its name.</param>
/// <param name="Params">Values for its parameters, not checked yet.</param>
public sealed record ChildCall(string Workflow, ImmutableSortedDictionary<string, JsonElement> Params);

/// <summary>A check that is repeated until it succeeds.</summary>
/// <param name="Rule">How often.</param>
/// <param name="Check">The check, rendered.</param>
/// <param name="Holds">What must be true of its results; throws <see cref="Expressions.ExpressionException"/> where
/// that cannot be evaluated. Null: nothing more.</param>
public sealed record PollCall(Definitions.PollDefinition Rule, TaskInvocation Check, Func<ImmutableSortedDictionary<string, JsonElement>, bool>? Holds);
