using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Journal;

/// <summary>A run without a terminal event that this process owns now.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Events">All its events, in order.</param>
/// <param name="Epoch">What every append to it carries from now on.</param>
public sealed record AdoptedRun(RunId RunId, IReadOnlyList<RecordedEvent> Events, long Epoch = 0);

/// <summary>
/// Who may append to a run. One owner at a time: each claim raises the run's epoch, and from then on the journal refuses an append that carries an earlier
/// one, however late its owner wakes up. An owner that loses a run stops its processes; it learns of the loss from its next append.
/// </summary>
public interface IRunOwnership
{
    /// <summary>Takes over every run whose owner is dead. Runs of live owners stay where they are.</summary>
    /// <exception cref="JournalCorruptException">What the dead owner left is damaged.</exception>
    Task<IReadOnlyList<AdoptedRun>> ClaimAbandonedAsync();

    /// <summary>
    /// Takes over one run whose owner is dead, or has not renewed its claim for <see cref="LeaseTime"/>. Null: a live owner has it, or it is not open.
    /// </summary>
    Task<AdoptedRun?> ClaimAsync(RunId run);

    /// <summary>
    /// Says that this owner lives. Called by the journal itself; a caller that was stopped for a while may ask.
    /// False: another process has taken over what it owned.
    /// </summary>
    bool Renew();

    /// <summary>Gives up a run: appends with its epoch are refused from now on, and a claim need not wait.</summary>
    void Release(RunId run);

    /// <summary>How long a claim is good without being renewed.</summary>
    TimeSpan LeaseTime { get; }
}
