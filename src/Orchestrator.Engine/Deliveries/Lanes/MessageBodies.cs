using System.Text;
using Orchestrator.Core.Lifecycle.Compatibility;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal.Feed;

namespace Orchestrator.Engine.Deliveries.Lanes;

/// <summary>Writes events in a format for one sink. Formats that remember earlier events of a run are given all of them.</summary>
internal sealed class MessageBodies(EventFormat format) : IDisposable
{
    private const int MaxRuns = 10_000;
    private readonly Dictionary<StreamId, IEventShape> _shapes = [];
    private readonly IEventShape _native = EventShapes.Of(EventFormat.Native);
    private readonly ShapeLines _lines = new();

    /// <summary>Whether every event of a run must pass here.</summary>
    public bool NeedsAll => format != EventFormat.Native;

    /// <summary>The body, one line of JSON or several; null where the format has nothing for the event, or it is not wanted.</summary>
    public string? Write(FeedItem item, bool wanted)
    {
        _lines.Clear();
        if (format == EventFormat.Native)
        {
            if (wanted) _native.Write(item.Envelope, item.Stream, _lines);
        }
        else
        {
            if (_shapes.Count > MaxRuns) _shapes.Clear();
            if (!_shapes.TryGetValue(item.Stream, out var shape)) _shapes[item.Stream] = shape = EventShapes.Of(format);
            shape.Write(item.Envelope, item.Stream, wanted ? _lines : null);
            if (item.Envelope.Data is WorkflowEnded) _shapes.Remove(item.Stream);
        }
        return _lines.Count == 0 ? null : Encoding.UTF8.GetString(_lines.Written.Span[..^1]);
    }

    public void Dispose() => _lines.Dispose();
}
