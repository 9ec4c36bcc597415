using Microsoft.Win32.SafeHandles;
using Orchestrator.Core.Statistics.Compatibility;

namespace Orchestrator.Engine.Imports;

/// <summary>
/// Reads the lines of a file one after the other, however long the file or a line is: of a line that is longer than
/// <see cref="DagLogReader.MaxLineBytes"/> it gives the beginning alone.
/// </summary>
/// <param name="file">The file.</param>
/// <param name="length">Bytes of it that count: what is appended meanwhile does not.</param>
/// <param name="seen">Gets every byte, in order.</param>
internal sealed class LogLineReader(SafeFileHandle file, long length, Action<ReadOnlySpan<byte>>? seen = null)
{
    private const int Chunk = 256 << 10;

    private readonly byte[] _buffer = new byte[DagLogReader.MaxLineBytes + Chunk];
    private int _from, _to;
    private long _read;
    private bool _isFirst = true;

    /// <summary>The line without its end.</summary>
    public ReadOnlyMemory<byte> Line { get; private set; }

    /// <summary>Its number, from 1.</summary>
    public long Number { get; private set; }

    /// <summary>Whether it has nothing but spaces and tabs.</summary>
    public bool IsBlank => Line.Span.IndexOfAnyExcept((byte)' ', (byte)'\t') < 0;

    /// <summary>Goes on to the next line; false after the last.</summary>
    /// <exception cref="IOException">The file cannot be read, or has become shorter.</exception>
    public bool MoveNext()
    {
        var searched = 0;
        while (true)
        {
            var end = _buffer.AsSpan(_from + searched, _to - _from - searched).IndexOf((byte)'\n');
            if (end >= 0) return Take(searched + end, 1);
            searched = _to - _from;
            if (searched > DagLogReader.MaxLineBytes + 1) return TakeTooLong();   // one more may be a carriage return
            if (!Fill()) return searched > 0 && Take(searched, 0);
        }
    }

    private bool Take(int bytes, int ending)
    {
        var line = _buffer.AsMemory(_from, bytes);
        _from += bytes + ending;
        Give(line);
        return true;
    }

    private bool TakeTooLong()
    {
        var head = _buffer.AsSpan(_from, DagLogReader.MaxLineBytes + 1).ToArray();
        do
        {
            var end = _buffer.AsSpan(_from, _to - _from).IndexOf((byte)'\n');
            _from = end < 0 ? _to : _from + end + 1;
            if (end >= 0) break;
        }
        while (Fill());
        Give(head);
        return true;
    }

    private void Give(ReadOnlyMemory<byte> line)
    {
        Number++;
        if (_isFirst && line.Span.StartsWith("\uFEFF"u8)) line = line[3..];
        _isFirst = false;
        Line = line.Span.EndsWith("\r"u8) ? line[..^1] : line;
    }

    private bool Fill()
    {
        if (_read >= length) return false;
        if (_from > 0)
        {
            _buffer.AsSpan(_from, _to - _from).CopyTo(_buffer);
            (_from, _to) = (0, _to - _from);
        }
        var room = _buffer.AsSpan(_to, (int)Math.Min(Math.Min(Chunk, _buffer.Length - _to), length - _read));
        var n = RandomAccess.Read(file, room, _read);
        if (n == 0) throw new IOException("The file became shorter while it was read.");
        seen?.Invoke(room[..n]);
        _read += n;
        _to += n;
        return true;
    }
}
