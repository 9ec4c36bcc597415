using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Orchestrator.Core.Serialization;

namespace Orchestrator.Engine.Journal;

/// <summary>One file of a writer: a header line, then events. Only the last one of a live writer grows.</summary>
internal sealed class Segment(string path, int number, SafeFileHandle handle, long length) : IDisposable
{
    public const string Pattern = "*.jsonl";
    private long _length = length;

    public string Path { get; } = path;
    public int Number { get; } = number;
    public SafeFileHandle Handle { get; } = handle;

    /// <summary>Bytes that count; what lies behind was never acknowledged. Set by the writer, read by anyone.</summary>
    public long Length
    {
        get => Volatile.Read(ref _length);
        set => Volatile.Write(ref _length, value);
    }

    public static string NameOf(int number) => number.ToString("D8", CultureInfo.InvariantCulture) + ".jsonl";

    /// <summary>The segments of a writer's folder, oldest first.</summary>
    public static IReadOnlyList<(string Path, int Number)> In(string folder)
    {
        var found = Directory.GetFiles(folder, Pattern);
        if (found.Length == 0) return Array.Empty<(string, int)>();   // every new run begins here
        return [.. found
            .Select(p => (Path: p, Number: int.TryParse(System.IO.Path.GetFileNameWithoutExtension(p), NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : -1))
            .Where(s => s.Number > 0).OrderBy(s => s.Number)];
    }

    /// <summary>Creates the file with its header, durable under its name.</summary>
    public static Segment Create(string folder, int number, string writer, JournalDisk disk)
    {
        var path = System.IO.Path.Combine(folder, NameOf(number));
        var handle = File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        try
        {
            var header = SegmentHeader.Line(writer);
            disk.Write(handle, header, 0);
            disk.Sync(handle);
            disk.SyncDirectory(folder);
            return new(path, number, handle, header.Length);
        }
        catch
        {
            handle.Dispose();
            try { File.Delete(path); }
            catch (IOException) { }   // an unfinished header is dropped when the folder is opened next
            throw;
        }
    }

    /// <summary>Opens a finished file for reading.</summary>
    public static Segment Open(string path, int number, long length) =>
        new(path, number, File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete), length);

    public byte[] Read(long offset, int length)
    {
        var bytes = new byte[length];
        Read(offset, bytes);
        return bytes;
    }

    /// <summary>Fills <paramref name="bytes"/> with what stands at an offset.</summary>
    public void Read(long offset, Span<byte> bytes)
    {
        for (var done = 0; done < bytes.Length;)
        {
            var n = RandomAccess.Read(Handle, bytes[done..], offset + done);
            if (n == 0) throw new JournalCorruptException(Path, offset + done, "the file is shorter than it was");
            done += n;
        }
    }

    public void Dispose() => Handle.Dispose();
}

/// <summary>The first line of a segment: <c>{"journal":1,"writer":"...","c":"..."}</c>.</summary>
internal static class SegmentHeader
{
    private const string Start = "{\"journal\":1,\"writer\":\"";

    public static byte[] Line(string writer)
    {
        var body = Encoding.UTF8.GetBytes(Start + writer + "\"");
        return Encoding.UTF8.GetBytes($"{Encoding.UTF8.GetString(body)},\"c\":\"{Crc32C.Of(body):x8}\"}}\n");
    }

    /// <summary>Whether the line, without newline, is a whole header.</summary>
    /// <exception cref="JournalFormatException">A newer version wrote it.</exception>
    public static bool IsWhole(ReadOnlySpan<byte> line, string path)
    {
        var text = Encoding.UTF8.GetString(line);
        if (text.StartsWith("{\"journal\":", StringComparison.Ordinal) && text.Length > 12 && char.IsAsciiDigit(text[11]) && !text.StartsWith("{\"journal\":1,", StringComparison.Ordinal))
            throw new JournalFormatException($"{path} was written by a newer version of the program ({text[..Math.Min(text.Length, 60)]}). Use that version.");
        if (!text.StartsWith(Start, StringComparison.Ordinal) || text.Length < Start.Length + 17) return false;
        var body = text[..^16];
        return text == $"{body},\"c\":\"{Crc32C.Of(Encoding.UTF8.GetBytes(body)):x8}\"}}";
    }
}
