using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Serialization;

/// <summary>
/// Makes today's events of older lines. A fact that a line does not state is worked out here from the English text that stated it then, and nowhere
/// else: the program may reword its messages at any time. What no text stated stays null, "not said".
/// </summary>
internal static class Upcast
{
    private const string WaitsForPool = "waiting for a slot of pool '";
    private const string WasRefused = "; it could not be started anew: ";
    private const string Attempt = "Attempt ";
    private const string WasLost = " was lost: ";

    /// <param name="version">The version of the line.</param>
    /// <param name="e">What was read of it.</param>
    public static JournalEvent From(long version, JournalEvent e) => FromText(version == 1 ? From1(e) : e);

    /// <summary>The pool that a task waits for, as reasons named it before <see cref="TaskQueued.Pool"/>; null: none.</summary>
    public static string? PoolIn(string reason) => reason.StartsWith(WaitsForPool, StringComparison.Ordinal) && reason.Length > WaitsForPool.Length ? reason[WaitsForPool.Length..^1] : null;

    // Version 1 knew none of these: labels stood in the definition only, and what closes an attempt, and why, had to be worked out from the events before.
    private static JournalEvent From1(JournalEvent e) => e switch
    {
        WorkflowCreated { Labels: not null } created => created with { Labels = null },
        WorkflowFailed { RetryRefusal: not null } failed => failed with { RetryRefusal = null },
        TaskQueued { Pool: not null } queued => queued with { Pool = null },
        AttemptClosed { ClosesAttempt: null, Loss: null, RetryRefused: null } => e,
        AttemptClosed closed => closed with { ClosesAttempt = null, Loss = null, RetryRefused = null },
        _ => e,
    };

    private static JournalEvent FromText(JournalEvent e) => e switch
    {
        TaskRetrying { ErrorType: FailureKind.WorkerLost, Loss: null } r => r with { Loss = LossIn(r.Error) },
        TaskFailed { Kind: FailureKind.WorkerLost, Loss: null } f => f with { Loss = LossIn(f.Error) },
        TaskQueued { Pool: null } q when PoolIn(q.Reason) is { } pool => q with { Pool = pool },
        WorkflowFailed { RetryRefusal: null } f when f.Reason.IndexOf(WasRefused, StringComparison.Ordinal) is >= 0 and var at => f with { RetryRefusal = f.Reason[(at + WasRefused.Length)..] },
        _ => e,
    };

    // "Attempt 3 was lost: the worker was stopped." Others say who took the run over. A fan-out whose item was lost
    // fails for the same kind, but has lost nothing itself.
    private static LossCause? LossIn(string error)
    {
        var at = error.IndexOf(WasLost, StringComparison.Ordinal);
        if (at <= Attempt.Length || !error.StartsWith(Attempt, StringComparison.Ordinal) || error.AsSpan()[Attempt.Length..at].ContainsAnyExceptInRange('0', '9')) return null;
        return error.AsSpan(at + WasLost.Length).StartsWith("the worker was stopped.", StringComparison.Ordinal) ? LossCause.WorkerStopped : LossCause.WorkerGone;
    }
}
