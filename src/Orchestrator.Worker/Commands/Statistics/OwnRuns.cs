using Orchestrator.Core.Runs;
using Orchestrator.Core.Statistics.Compatibility;
using Orchestrator.Engine.Journal;

namespace Orchestrator.Worker.Commands.Statistics;

/// <summary>Tells events of the journal's own runs among imported ones: a log that was exported here and imported again must not count twice.</summary>
internal sealed class OwnRuns(IRunHistory runs)
{
    private const int MaxKnown = 100_000;
    private readonly Dictionary<RunId, bool> _known = [];

    public bool Holds(DagLogEvent e)
    {
        // The scheduler's lines name the run as their job.
        if (!RunId.TryParse(e.DagRunId ?? e.RunId ?? e.JobId, out var run) || run.Value.Version is not (7 or 8)) return false;
        if (_known.TryGetValue(run, out var isOwn)) return isOwn;
        if (_known.Count == MaxKnown) _known.Clear();
        return _known[run] = runs.FirstEvent(run) is not null;
    }
}
