using Orchestrator.Core.Definitions;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Journal.Feed;

/// <summary>
/// Makes envelopes of events read from files, whatever their streams, each stream's from its first event on. Holds something for open runs only.
/// </summary>
internal sealed class StreamEnvelopes(IDefinitionStore definitions)
{
    private readonly Dictionary<StreamId, EnvelopeProjection> _runs = [];

    /// <summary>Whether the run's earlier events were handed over.</summary>
    public bool Knows(StreamId stream) => _runs.ContainsKey(stream);

    /// <summary>The projection of a run's stream, given its first event; null for a stream that is no run's.</summary>
    public EnvelopeProjection? Of(StreamId stream, RecordedEvent first)
    {
        if (_runs.TryGetValue(stream, out var known)) return known;
        if (!stream.TryGetRun(out var run)) return null;
        var created = first.Event as WorkflowCreated;
        var definition = created is null ? null : Definition(created.DefinitionVersion);
        return _runs[stream] = new(run, definition ?? new WorkflowDefinition { Name = created?.Workflow ?? "", Tasks = [] }, EventProducer.Unknown);
    }

    public void Forget(StreamId stream) => _runs.Remove(stream);

    /// <summary>The definition of a version; null when it is lost.</summary>
    public WorkflowDefinition? Definition(string version) => definitions.Find(version);
}
