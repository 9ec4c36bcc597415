using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Lifecycle.Compatibility;

/// <summary>
/// Renders the events of one stream, handed over in order from the first, each as no line, one or several. Remembers of earlier events what
/// later lines need; one per stream, not for two threads at once.
/// </summary>
public interface IEventShape
{
    /// <summary>Renders an event.</summary>
    /// <param name="e">The event's envelope.</param>
    /// <param name="stream">The stream it stands in.</param>
    /// <param name="output">Where the lines go; null: it is only taken into account.</param>
    void Write(LifecycleEnvelope e, StreamId stream, ShapeLines? output);
}

/// <summary>The shapes by format.</summary>
public static class EventShapes
{
    /// <summary>A shape for one stream.</summary>
    public static IEventShape Of(EventFormat format) => format switch
    {
        EventFormat.Codomyrmex => new CodomyrmexShape(),
        EventFormat.Omninode => new OmninodeShape(),
        EventFormat.Jsonl27 => new Jsonl27Shape(),
        EventFormat.Job => new JobShape(),
        _ => new NativeShape(),
    };
}

/// <summary>The envelope itself, one line an event.</summary>
internal sealed class NativeShape : IEventShape
{
    private readonly EnvelopeJson _json = new();

    public void Write(LifecycleEnvelope e, StreamId stream, ShapeLines? output)
    {
        if (output is not null) _json.Write(output, e, stream);
    }
}
