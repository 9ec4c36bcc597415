using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Journal;

/// <summary>What every journal asks of an append.</summary>
internal static class AppendRules
{
    public static void Check(StreamId stream, long expectedVersion, IReadOnlyList<RecordedEvent> events)
    {
        if (events.Count == 0) throw new ArgumentException("An append holds at least one event.", nameof(events));
        for (var i = 0; i < events.Count; i++)
            if (events[i].Stream != stream || events[i].Seq != expectedVersion + 1 + i)
                throw new ArgumentException($"Event {i} is {events[i].Stream} seq {events[i].Seq}; expected {stream} seq {expectedVersion + 1 + i}.", nameof(events));
    }
}
