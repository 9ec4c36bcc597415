using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Orchestrator.Engine.Files;

namespace Orchestrator.Engine.Journal.Jsonl;

/// <summary>One file of a writer: a header line, then events. Only the last one of a live writer grows.</summary>
internal sealed class Segment(string path, int number, SafeFileHandle handle, long length) : IDisposable
{
    public const string Pattern = "*.jsonl";

    /// <summary>Ending of one that has no header yet.</summary>
    public const string Unfinished = ".tmp";

    private long _length = length;

    public string Path { get; } = path;
    public int Number { get; } = number;
    public SafeFileHandle Handle { get; } = handle;

    /// <summary>Bytes that count; later ones were never acknowledged. Set by the writer, read by anyone.</summary>
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
    /// <remarks>It gets its name when the header is on the disk: a segment without one has lost it.</remarks>
    public static Segment Create(string folder, SegmentHeader header, Disk disk)
    {
        var path = System.IO.Path.Combine(folder, NameOf(header.Number));
        var unfinished = path + Unfinished;
        var handle = disk.Create(unfinished);
        try
        {
            var line = header.Line();
            disk.Write(handle, line, 0);
            disk.Sync(handle);
            disk.Rename(unfinished, path);
            disk.SyncDirectory(folder);
            return new(path, header.Number, handle, line.Length);
        }
        catch
        {
            handle.Dispose();
            try
            {
                disk.Delete(unfinished);
                disk.Delete(path);
            }
            catch (IOException) { }   // an unfinished one goes when the folder is opened next; one without events holds nothing
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
