using System.Text;
using Orchestrator.Core.Lifecycle.Compatibility;

namespace Orchestrator.Worker.Commands.Events;

/// <summary>Prints events of any streams as lines of a format. Holds something for open runs only, and a bounded buffer.</summary>
internal sealed class EventPrinter(EventFormat format, CommandContext around) : IDisposable
{
    private const int Enough = 64 << 10;
    private readonly RenderedEvents _lines = new(format);

    /// <param name="e">The next event of a stream; the first one of a stream is its first.</param>
    public void Print(in SelectedEvent e)
    {
        _lines.Add(e);
        if (_lines.Written.Length >= Enough) Flush();
    }

    /// <summary>Hands over what has been printed.</summary>
    public void Flush()
    {
        if (_lines.Written.IsEmpty) return;
        if (around.OutBytes is { } bytes)
        {
            bytes.Write(_lines.Written.Span);
            bytes.Flush();
        }
        else around.Out.Write(Encoding.UTF8.GetString(_lines.Written.Span));
        _lines.Clear();
    }

    public void Dispose() => _lines.Dispose();
}
