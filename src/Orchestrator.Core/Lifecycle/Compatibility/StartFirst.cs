using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Lifecycle.Compatibility;

/// <summary>
/// Puts results that a run took over from an earlier one after its start: in the journal they come before it, and the systems whose shapes these are know
/// nothing of a run before it starts. For readers of whole streams; what is delivered event by event keeps the order of the events.
/// </summary>
/// <param name="shape">What renders.</param>
public sealed class StartFirst(IEventShape shape) : IEventShape
{
    private readonly List<(LifecycleEnvelope Envelope, bool IsTold)> _kept = [];
    private bool _isUnderWay;

    /// <inheritdoc/>
    public void Write(LifecycleEnvelope e, StreamId stream, ShapeLines? output)
    {
        if (!_isUnderWay && e.Data is TaskCompleted { ReusedFrom: not null })
        {
            _kept.Add((e, output is not null));
            return;
        }
        if (e.Data is WorkflowEnded) Tell(stream, output);   // it never started
        shape.Write(e, stream, output);
        if (e.Data is WorkflowStarted) Tell(stream, output);
    }

    private void Tell(StreamId stream, ShapeLines? output)
    {
        _isUnderWay = true;
        foreach (var (envelope, isTold) in _kept) shape.Write(envelope, stream, isTold ? output : null);
        _kept.Clear();
    }
}
