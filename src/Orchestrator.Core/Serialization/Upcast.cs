using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Serialization;

/// <summary>
/// Makes today's events of lines that earlier versions wrote. A fact that a version did not record is null, "not said", and never a
/// guess: whoever needs it looks where it stood then.
/// </summary>
internal static class Upcast
{
    /// <param name="version">The version of the line.</param>
    /// <param name="e">What was read of it.</param>
    public static JournalEvent From(long version, JournalEvent e) => version switch
    {
        1 => From1(e),
        _ => e,
    };

    // Labels stood in the definition only; what closes an attempt, and why, had to be worked out from the events before.
    private static JournalEvent From1(JournalEvent e) => e switch
    {
        WorkflowCreated { Labels: not null } created => created with { Labels = null },
        AttemptClosed { ClosesAttempt: null, Loss: null, RetryRefused: null } => e,
        AttemptClosed closed => closed with { ClosesAttempt = null, Loss = null, RetryRefused = null },
        _ => e,
    };
}
