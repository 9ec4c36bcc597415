using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Journal;

/// <summary>Which runs another brought about: its children, theirs, and runs that repeat one of them as a whole.</summary>
public static class RunFamily
{
    /// <summary>Those that have not ended, parents before children.</summary>
    public static IReadOnlyList<RunId> OpenRunsOf(IRunHistory reader, RunId ancestor)
    {
        var first = new List<(RunId Id, WorkflowCreated Created)>();
        foreach (var id in reader.ListRunIds())
        {
            if (id.CompareTo(ancestor) < 0 && id.Time < ancestor.Time) break;   // older than the ancestor: newest come first
            if (reader.FirstEvent(id)?.Event is WorkflowCreated created) first.Add((id, created));
        }
        var family = new HashSet<RunId> { ancestor };
        var found = new List<RunId>();
        bool grown;
        do
        {
            grown = false;
            foreach (var (id, created) in first)
                if (!family.Contains(id) && (created.ParentRunId is { } parent && family.Contains(parent) || created is { RunAttempt: > 1, RetryOf: { } earlier } && family.Contains(earlier)))
                {
                    family.Add(id);
                    found.Add(id);
                    grown = true;
                }
        }
        while (grown);
        return [.. found.Where(id => reader.LastEvent(id)?.Event is not WorkflowEnded)];
    }
}
