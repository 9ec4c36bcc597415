using Orchestrator.Core;

namespace Orchestrator.Engine.Executors.Delegate;

/// <summary>
/// Thrown by a delegate to fail its attempt in its own words. Any other exception is a <c>panic</c>: the code did not expect it.
/// </summary>
public sealed class TaskFailedException : Exception
{
    /// <summary>A failure of kind <c>error</c> that may be retried.</summary>
    public TaskFailedException() : this("The delegate failed.") { }

    /// <summary>A failure of kind <c>error</c> that may be retried.</summary>
    public TaskFailedException(string message) : this(message, FailureKind.Error) { }

    /// <summary>A failure of kind <c>error</c> that may be retried, with its cause.</summary>
    public TaskFailedException(string message, Exception innerException) : this(message, FailureKind.Error, retryable: true, innerException) { }

    /// <param name="message">One sentence; becomes the task's error, secrets masked.</param>
    /// <param name="kind">What kind of failure; those that only the orchestrator can establish are refused.</param>
    /// <param name="retryable">False when repeating cannot mend it: no further attempt is made, whatever `retry` says.</param>
    /// <param name="innerException">The cause, if there is one.</param>
    /// <exception cref="ArgumentOutOfRangeException">The kind is not one a delegate may choose.</exception>
    public TaskFailedException(string message, FailureKind kind, bool retryable = true, Exception? innerException = null) : base(message, innerException)
    {
        if (kind is FailureKind.WorkerLost or FailureKind.DelegateMissing or FailureKind.ConditionError or FailureKind.OutputLimit or FailureKind.SecretInOutput)
            throw new ArgumentOutOfRangeException(nameof(kind), kind, $"'{Words.Of(kind)}' is reserved for the orchestrator; use error, timeout, http_status, sql_error or another kind of the work itself.");
        (Kind, Retryable) = (kind, retryable);
    }

    /// <summary>What kind of failure.</summary>
    public FailureKind Kind { get; }

    /// <summary>Whether another attempt may be made.</summary>
    public bool Retryable { get; }
}
