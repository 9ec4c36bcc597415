using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Journal;

/// <summary>Removes what retention no longer keeps. A crash at any time leaves a whole run or none. Safe beside other processes that do the same.</summary>
public interface IRunRemoval
{
    /// <summary>Removes finished runs and returns those that are gone; the next look finds the others again. That they existed stays known.</summary>
    /// <exception cref="IOException">It cannot be noted that they existed; none is removed.</exception>
    IReadOnlySet<RunId> Remove(IReadOnlyCollection<RunId> runs);

    /// <summary>Finishes what a crash interrupted.</summary>
    void Tidy();

    /// <summary>Removes old events of schedules and workers, never the latest of a stream. Returns how many parts are gone.</summary>
    /// <param name="before">Events older than this instant go; null: age does not count.</param>
    /// <param name="keep">At least so many events of a stream stay; null: all.</param>
    int TrimStreams(DateTimeOffset? before, int? keep, CancellationToken stop);
}
