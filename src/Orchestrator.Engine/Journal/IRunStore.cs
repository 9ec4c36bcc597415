using Orchestrator.Core.Runs;
using Orchestrator.Engine.Files;

namespace Orchestrator.Engine.Journal;

/// <summary>
/// Everything kept of runs, as ports: what reads, reports, reconciles or removes runs takes one of them and does not know how they are stored.
/// The journal of a process that writes is opened beside it: see <see cref="IRunJournal"/> and <see cref="IRunOwnership"/>.
/// </summary>
public interface IRunStore
{
    /// <summary>Where it is, for people: the data directory.</summary>
    string Place { get; }

    /// <summary>Reads runs and streams of all writers.</summary>
    IRunHistory Runs { get; }

    /// <summary>Which runs are under way.</summary>
    IUnfinishedRuns Unfinished { get; }

    /// <summary>Logs, results, artifacts and reports of runs.</summary>
    IRunFiles Files { get; }

    /// <summary>Every definition version a run was started with.</summary>
    IDefinitionStore Definitions { get; }

    /// <summary>Requests and answers left for a run by a process that does not own it.</summary>
    IRunMail Mail { get; }

    /// <summary>Removes finished runs and old events of schedules and workers.</summary>
    IRunRemoval Removal { get; }

    /// <summary>State of this installation and node beside the runs: its id, locks, cursors, keys.</summary>
    StateFolder State { get; }

    /// <summary>The order in which events were told, as far back as it is kept. Changes nothing.</summary>
    IFeedRecords Told();

    /// <summary>Every event, of one run or of all; each look continues where the last one ended.</summary>
    /// <param name="since">Events that were archived before this instant count as seen.</param>
    /// <param name="only">One run; null: all streams.</param>
    IEventWatch Watch(DateTimeOffset since, RunId? only = null);
}
