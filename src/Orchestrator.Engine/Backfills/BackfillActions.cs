using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Running;

namespace Orchestrator.Engine.Backfills;

/// <summary>What backfills ask of the engine.</summary>
/// <param name="Submit">Submits a run. A <see cref="RunRefusedException"/> is final, anything else is tried again.</param>
/// <param name="Cancel">Asks an open run to stop; nothing happens when it has ended.</param>
public sealed record BackfillActions(Func<RunRequest, CancellationToken, Task<RunAccepted>> Submit, Func<RunId, CancelAsk, CancellationToken, Task> Cancel);

/// <summary>What all backfills use.</summary>
/// <param name="Journal">Holds their streams.</param>
/// <param name="Store">Tells of definitions and of runs that have ended.</param>
/// <param name="Installation">Id of the installation.</param>
public sealed record BackfillParts(IRunJournal Journal, IRunStore Store, BackfillActions Actions, TimeProvider Clock, Func<string> Installation, Microsoft.Extensions.Logging.ILogger Log)
{
    /// <summary>Pause before what failed is tried again. It is tried until it succeeds.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(5);
}
