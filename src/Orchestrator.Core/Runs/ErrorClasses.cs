namespace Orchestrator.Core.Runs;

/// <summary>Which part is to blame for a kind of failure.</summary>
internal static class ErrorClasses
{
    /// <summary>The operator's question "whose fault": <c>worker_lost</c> and <c>panic</c> are the system's, timeouts their own class.</summary>
    public static ErrorClass Of(FailureKind kind) => kind switch
    {
        FailureKind.Timeout => ErrorClass.Timeout,
        FailureKind.WorkerLost or FailureKind.Panic => ErrorClass.Internal,
        _ => ErrorClass.Task,
    };
}
