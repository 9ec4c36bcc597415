using System.Collections.Immutable;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Running;

/// <summary>As many runs are open as this worker accepts.</summary>
public sealed class TooManyRunsException(int limit)
    : Exception($"{limit} runs are open, which is the most this worker accepts (Orchestrator:Runner:MaxOpenRuns). Try again later.");

/// <summary>A run that cannot be executed here as requested; it was not accepted.</summary>
public class RunRefusedException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>What was given does not fit the workflow's parameters; the run was not accepted.</summary>
public sealed class RunParametersException(string message, ImmutableArray<Problem> problems) : RunRefusedException(message)
{
    /// <summary>Each that does not fit, with code and remedy.</summary>
    public ImmutableArray<Problem> Problems { get; } = problems;
}

/// <summary>A fault of the program's own kept a run from being accepted. The log says more.</summary>
public sealed class RunFaultException(RunId run, Exception cause)
    : Exception($"Run {run} was not accepted: an internal error ({cause.GetType().Name}). The log of the worker says more.", cause);

/// <summary>The run was stopped with its worker and goes on when it is resumed.</summary>
public sealed class RunInterruptedException(RunId run, string reason, Exception? inner = null)
    : Exception($"Run {run} was interrupted: {reason}", inner)
{
    /// <summary>The run.</summary>
    public RunId Run { get; } = run;
}

/// <summary>The worker is stopping and takes no more runs.</summary>
public sealed class EngineStoppingException() : Exception("This worker is stopping and takes no more runs.");
