using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Journal;

/// <summary>Which runs of all owners are under way.</summary>
public interface IUnfinishedRuns
{
    /// <summary>Runs that have ended only just now may be among them.</summary>
    IReadOnlyCollection<RunId> ListUnfinished();

    /// <summary>Whether a living process owns a run that has not ended. One that hangs counts as living.</summary>
    bool HasLiveOwner(RunId run);
}
