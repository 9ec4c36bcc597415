using System.Text;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Lifecycle.Compatibility;
using Orchestrator.Core.Runs;
using Orchestrator.Engine;
using Orchestrator.Engine.Lifecycle.Following;
using Orchestrator.Engine.Lifecycle.Subscriptions;

namespace Orchestrator.Worker.Commands;

/// <summary>Which events to print, and how.</summary>
internal sealed record EventSelection(EventFormat Format, EventPatterns Types, string? Workflow, DateTimeOffset? Since);

/// <summary>Prints events of any streams as lines of a format. Holds something for open runs only, and a bounded buffer.</summary>
internal sealed class EventPrinter(RunPaths paths, EventSelection wanted, Surroundings around) : IDisposable
{
    private const int Enough = 64 << 10;
    private readonly StreamEnvelopes _envelopes = new(paths);
    private readonly Dictionary<StreamId, IEventShape> _shapes = [];
    private readonly ShapeLines _lines = new();

    /// <param name="part">The next events of a stream; the first ones of a stream begin with its first.</param>
    public void Print(StreamPart part)
    {
        foreach (var recorded in part.Events) Print(recorded);
        if (part.Events is [.., { Event: WorkflowEnded }])
        {
            _envelopes.Forget(part.Stream);
            _shapes.Remove(part.Stream);
        }
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

    private void Print(RecordedEvent recorded)
    {
        if (_envelopes.Of(recorded.Stream, recorded) is { } projection)
        {
            var told = wanted.Types.Fit(recorded.Event.Type) && !(recorded.Time < wanted.Since) && (wanted.Workflow is null || projection.Plan.Workflow == wanted.Workflow);
            if (!told && wanted.Format == EventFormat.Native)
            {
                projection.Remember(recorded);
                return;
            }
            ShapeOf(recorded.Stream).Write(projection.Next(recorded), recorded.Stream, told ? _lines : null);
            return;
        }
        var envelope = SystemEnvelope.Of(recorded, EventProducer.Unknown);
        if (!wanted.Types.Fit(envelope.Type) || recorded.Time < wanted.Since || (wanted.Workflow is { } workflow && envelope.Workflow != workflow)) return;
        ShapeOf(recorded.Stream).Write(envelope, recorded.Stream, _lines);
    }

    private IEventShape ShapeOf(StreamId stream)
    {
        if (_shapes.TryGetValue(stream, out var known)) return known;
        var shape = EventShapes.Of(wanted.Format);
        return _shapes[stream] = wanted.Format == EventFormat.Native ? shape : new StartFirst(shape);
    }
}
