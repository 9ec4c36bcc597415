using System.Text;
using Orchestrator.Core.Lifecycle.Compatibility;
using Orchestrator.Core.Runs;

namespace Orchestrator.Worker.Commands.Events;

/// <summary>Prints events of any streams as lines of a format. Holds something for open runs only, and a bounded buffer.</summary>
internal sealed class EventPrinter(EventFormat format, CommandContext around) : IDisposable
{
    private const int Enough = 64 << 10;
    private readonly Dictionary<StreamId, IEventShape> _shapes = [];
    private readonly ShapeLines _lines = new();

    /// <param name="e">The next event of a stream; the first one of a stream is its first.</param>
    public void Print(in SelectedEvent e)
    {
        ShapeOf(e.Stream).Write(e.Envelope, e.Stream, e.IsTold ? _lines : null);
        if (e.Envelope.Data is WorkflowEnded) _shapes.Remove(e.Stream);
        if (_lines.Written.Length >= Enough) Flush();
    }

    /// <summary>Hands over what has been printed.</summary>
    public void Flush()
    {
        if (_lines.Count == 0) return;
        if (around.OutBytes is { } bytes)
        {
            bytes.Write(_lines.Written.Span);
            bytes.Flush();
        }
        else around.Out.Write(Encoding.UTF8.GetString(_lines.Written.Span));
        _lines.Clear();
    }

    public void Dispose() => _lines.Dispose();

    private IEventShape ShapeOf(StreamId stream)
    {
        if (_shapes.TryGetValue(stream, out var known)) return known;
        var shape = EventShapes.Of(format);
        return _shapes[stream] = format == EventFormat.Native ? shape : new StartFirst(shape);
    }
}
