using Orchestrator.Core.Definitions;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Secrets;

namespace Orchestrator.Engine.Executors;

/// <summary>One attempt of one task, with everything an executor may use. Immutable.</summary>
public sealed record TaskAttempt
{
    private TraceStamp? _trace;
    private SecretPatterns? _patterns;

    /// <summary>The run.</summary>
    public required RunId RunId { get; init; }

    /// <summary>Name of the workflow.</summary>
    public required string Workflow { get; init; }

    /// <summary>The task as defined.</summary>
    public required TaskDefinition Task { get; init; }

    /// <summary>The task with its expressions replaced.</summary>
    public required TaskInvocation Invocation { get; init; }

    /// <summary>1-based.</summary>
    public required int Attempt { get; init; }

    /// <summary>The run's folder (absolute); executors create what they need below it.</summary>
    public required string RunDirectory { get; init; }

    /// <summary>Folder that relative paths start from (absolute).</summary>
    public required string BaseDirectory { get; init; }

    /// <summary>Names of the worker's own variables a child process gets.</summary>
    public IReadOnlyList<string> InheritEnv { get; init; } = [];

    /// <summary>
    /// Trace context for what the attempt starts: the id of the process span. Worked out when first asked for:
    /// it takes two hashes, and a delegate needs neither.
    /// </summary>
    public TraceStamp Trace
    {
        get => _trace ??= TraceContexts.ForProcess(RunId, InboundTrace, Workflow, Task.Id, Attempt, Created?.Sampled);
        init => _trace = value;
    }

    /// <summary>As much of it as the task passes on; null: nothing.</summary>
    public TraceStamp? Handed => Task.Propagate switch
    {
        TracePropagation.None => null,
        TracePropagation.Context => Trace with { Baggage = null },
        _ => Trace,
    };

    /// <summary>The trace context the run was started with.</summary>
    public TraceStamp? InboundTrace { get; init; }

    /// <summary>Results of earlier tasks as variables of a process; those the task or workflow declares stand above them.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> ResultEnv { get; init; } = [];

    /// <summary>Names of results that are too large to be variables; the attempt's log says so.</summary>
    public IReadOnlyList<string> ResultsLeftOut { get; init; } = [];
    /// <summary>What is constant for the run; null in tests of an executor by itself.</summary>
    public WorkflowCreated? Created { get; init; }

    /// <summary>The run that a task of kind workflow starts.</summary>
    public RunId? ChildRunId { get; init; }

    /// <summary>
    /// Seq of the event that began the attempt: the cause of what it brings about in other runs. In tests of an executor by itself the run's first.
    /// </summary>
    public long StartedSeq { get; init; } = 1;

    /// <summary>Whether the attempt is stopped so that it can go on elsewhere, and not because anybody wants it to end.</summary>
    public Func<bool> IsInterrupted { get; init; } = static () => false;

    /// <summary>Where the attempt says how far it is; null in tests of an executor by itself.</summary>
    internal AttemptProgress? Progress { get; init; }

    /// <summary>
    /// Values of the secrets this task can see, and what its expressions made of them; masked in everything it writes. Empty: nothing to mask.
    /// </summary>
    public IReadOnlyList<string> Secrets
    {
        get;
        init => (field, _patterns) = (value, null);
    }
    = [];

    /// <summary>The same, made ready to be looked for; null without any. Worked out when first asked for.</summary>
    internal SecretPatterns? Patterns => _patterns ??= SecretPatterns.Of(Secrets);
}
