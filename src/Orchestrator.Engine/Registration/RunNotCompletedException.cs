using Orchestrator.Core;
using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Registration;

/// <summary>A run whose outputs were asked for ended without them: it failed or was cancelled.</summary>
public sealed class RunNotCompletedException : Exception
{
    internal RunNotCompletedException(string workflow, RunId run, WorkflowEnded end)
        : base($"Run {run} of {workflow} {Words.Of(end.StatusTo)}{(end is WorkflowFailed { Error: { } error } ? $": {error}" : ".")}") => (RunId, End) = (run, end);

    /// <summary>The run.</summary>
    public RunId RunId { get; }

    /// <summary>How it ended.</summary>
    public WorkflowEnded End { get; }
}
