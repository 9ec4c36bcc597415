using System.Buffers;
using System.Text.Json;

namespace Orchestrator.Engine.Executors.Process;

/// <summary>Keeps the last line of a stream that is a JSON object. A line longer than the limit is remembered as too long only.</summary>
internal sealed class LastJsonLine(int limit)
{
    private readonly ArrayBufferWriter<byte> _line = new(256);
    private bool _overflowed;

    /// <summary>The line; null when there was none.</summary>
    public byte[]? Line { get; private set; }

    /// <summary>Whether a later line began like an object and was too long.</summary>
    public bool TooLong { get; private set; }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var end = bytes.IndexOf((byte)'\n');
            Append(end < 0 ? bytes : bytes[..end]);
            if (end < 0) return;
            Complete();
            bytes = bytes[(end + 1)..];
        }
    }

    /// <summary>The line ends, or the stream.</summary>
    public void Complete()
    {
        var line = _line.WrittenSpan.Trim(" \t\r"u8);
        if (!line.IsEmpty && line[0] == '{')
        {
            if (_overflowed) TooLong = true;
            else if (IsObject(line)) (Line, TooLong) = (line.ToArray(), false);
        }
        _line.ResetWrittenCount();
        _overflowed = false;
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        var room = limit - _line.WrittenCount;
        if (bytes.Length > room)
        {
            _overflowed = true;
            bytes = bytes[..room];
        }
        _line.Write(bytes);
    }

    private static bool IsObject(ReadOnlySpan<byte> line)
    {
        var reader = new Utf8JsonReader(line, new JsonReaderOptions { MaxDepth = int.MaxValue });   // how deep it may be is said where its values are taken
        try
        {
            while (reader.Read()) { }
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
