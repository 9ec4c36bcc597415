using Orchestrator.Core.Lifecycle.Compatibility;
using Orchestrator.Core.Runs;

namespace Orchestrator.Worker.Commands.Events;

/// <summary>Events of any streams as lines of a format. Holds something for open runs only, and the lines that were not cleared.</summary>
internal sealed class RenderedEvents(EventFormat format) : IDisposable
{
    private readonly Dictionary<StreamId, IEventShape> _shapes = [];
    private readonly ShapeLines _lines = new();

    /// <summary>The lines since the last clearing.</summary>
    public ReadOnlyMemory<byte> Written => _lines.Written;

    /// <param name="e">The next event of a stream; the first one of a stream is its first.</param>
    public void Add(in SelectedEvent e)
    {
        ShapeOf(e.Stream).Write(e.Envelope, e.Stream, e.IsTold ? _lines : null);
        if (e.Envelope.Data is WorkflowEnded) _shapes.Remove(e.Stream);
    }

    public void Clear() => _lines.Clear();

    public void Dispose() => _lines.Dispose();

    private IEventShape ShapeOf(StreamId stream)
    {
        if (_shapes.TryGetValue(stream, out var known)) return known;
        var shape = EventShapes.Of(format);
        return _shapes[stream] = format == EventFormat.Native ? shape : new StartFirst(shape);
    }
}
