using Orchestrator.Engine.Files;
using Orchestrator.Engine.Posix;

namespace Orchestrator.Engine.Executors.Process;

/// <summary>Reads a log from its beginning, while it is written or afterwards; where its middle was dropped there is a line that says so.</summary>
internal sealed class LogReader(string path)
{
    private byte[] _marker = [];
    private long _at;
    private int _given;
    private bool _midLine;

    /// <summary>Whether there has been a log.</summary>
    public bool Exists { get; private set; }

    /// <summary>The next bytes; 0 when there are none now, or there is no log.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public int Read(Span<byte> buffer)
    {
        if (_given < _marker.Length) return Give(buffer);
        using var file = RegularFile.TryOpen(path);
        if (file is null) return 0;
        Exists = true;
        var length = RandomAccess.GetLength(file);
        if (length < _at)
        {
            // Cut where no hole can be made. The present content was partly read, and it is not known up to where.
            _at = length;
            return Mark("the log passed its limit and was cut; bytes are missing here", buffer);
        }
        while (true)
        {
            var hole = SparseFile.HoleAfter(file, _at, length);
            if (hole is { } gap && gap.From <= _at)
            {
                var dropped = gap.To - _at;
                _at = gap.To;
                return Mark(LogFile.DroppedText(dropped), buffer);
            }
            var n = RandomAccess.Read(file, buffer[..(int)Math.Min(buffer.Length, (hole?.From ?? length) - _at)], _at);
            if (n <= 0) return 0;
            // What became a hole meanwhile was read as zeros.
            if (SparseFile.HoleAfter(file, _at, _at + n) is not null) continue;
            _at += n;
            _midLine = buffer[n - 1] != '\n';
            return n;
        }
    }

    private int Mark(string text, Span<byte> buffer)
    {
        _marker = LogFile.Line(text, _midLine);
        (_given, _midLine) = (0, false);
        return Give(buffer);
    }

    private int Give(Span<byte> buffer)
    {
        var n = Math.Min(buffer.Length, _marker.Length - _given);
        _marker.AsSpan(_given, n).CopyTo(buffer);
        _given += n;
        return n;
    }
}
