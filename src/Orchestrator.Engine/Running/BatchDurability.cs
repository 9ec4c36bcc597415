using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;

namespace Orchestrator.Engine.Running;

/// <summary>What a turn's events have to wait for.</summary>
internal static class BatchDurability
{
    /// <summary>A start never gets an fsync of its own: it joins the next commit, and a lost one costs nothing but a repeated attempt.</summary>
    public static AppendDurability Of(IReadOnlyList<RecordedEvent> events)
    {
        foreach (var e in events)
            if (e.Event is not (TaskStarted or TaskQueued or StageStarted or TaskWaiting or TaskExpanded or TaskProgress or SlaEvent)) return AppendDurability.Committed;
        return AppendDurability.Written;
    }
}
