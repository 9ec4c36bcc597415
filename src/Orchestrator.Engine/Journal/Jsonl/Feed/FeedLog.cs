using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Serialization;
using Orchestrator.Engine.Files;

namespace Orchestrator.Engine.Journal.Jsonl.Feed;

/// <summary>
/// The order in which the feed told events, on disk: which stream, which events. A number given out once is never given out again, whatever is archived,
/// compacted or killed. Files of a few MiB named by their first position; the oldest go when there are too many.
/// </summary>
internal sealed class FeedLog : IDisposable
{
    private const int HeaderBytes = 2 + 4 + 8 + 4 + 1;
    private const long FileBytes = 8 << 20;
    private const int MaxFiles = 64;
    private const int KeptFiles = 4;
    private readonly string _folder;
    private readonly Disk _disk;
    private AppendFile? _file;

    public FeedLog(RunPaths paths)
    {
        (_folder, _disk) = (paths.Feed, paths.Disk);
        DurableFolder.Create(_disk, _folder, paths.Root);
        var files = Files();
        for (var i = 0; i < files.Count; i++) End = Math.Max(End, Load(files, i));
        IsNew = files.Count == 0;
        WrittenAt = files.Count == 0 ? DateTimeOffset.MinValue : File.GetLastWriteTimeUtc(files[^1].Path);
    }

    /// <summary>There was no log yet.</summary>
    public bool IsNew { get; }

    /// <summary>When something was last written before it was opened.</summary>
    public DateTimeOffset WrittenAt { get; }

    /// <summary>The last position given out; 0 before the first.</summary>
    public long End { get; private set; }

    /// <summary>Gives positions to parts of streams; durable when this returns, since readers may store a position.</summary>
    /// <exception cref="IOException">None of them has a position; they may be given again.</exception>
    public IReadOnlyList<FeedRecord> Append(IReadOnlyList<StreamPart> parts)
    {
        var records = new FeedRecord[parts.Count];
        var bytes = new ArrayBufferWriter<byte>(128 * parts.Count);
        var end = End;
        for (var i = 0; i < parts.Count; i++)
        {
            var events = parts[i].Events;
            records[i] = new(end + 1, parts[i].Stream, events[0].Seq, events.Count, events[^1].Event is WorkflowEnded);
            bytes.Write(BytesOf(records[i]));
            end = records[i].Last;
        }
        if (_file is null || _file.IsInDoubt || _file.Length + bytes.WrittenCount > FileBytes) Roll(End + 1);
        _file!.Append(bytes.WrittenSpan);
        End = end;
        return records;
    }

    private static byte[] BytesOf(FeedRecord record)
    {
        var name = Encoding.UTF8.GetBytes(record.Stream.ToString());
        var bytes = new byte[HeaderBytes + name.Length];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)name.Length);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(6), record.FirstSeq);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(14), record.Count);
        bytes[18] = record.EndsRun ? (byte)1 : (byte)0;
        name.CopyTo(bytes, HeaderBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(2), Crc32C.Of(bytes.AsSpan(6)));
        return bytes;
    }

    /// <summary>Records after a position; at most this many.</summary>
    public List<FeedRecord> Read(long after, int most)
    {
        var found = new List<FeedRecord>();
        var files = Files();
        for (var i = 0; i < files.Count && found.Count < most; i++)
        {
            if (i + 1 < files.Count && files[i + 1].First <= after + 1) continue;
            foreach (var record in Records(files, i))
            {
                if (record.Last <= after) continue;
                found.Add(record);
                if (found.Count == most) break;
            }
        }
        return found;
    }

    /// <summary>Every record there is, oldest first.</summary>
    public IEnumerable<FeedRecord> All() => Stored(_folder);

    /// <summary>Every record of a folder, oldest first, while another process may write it; changes nothing.</summary>
    public static IEnumerable<FeedRecord> Stored(string folder) => Directory.Exists(folder) && FilesIn(folder) is var files ? Enumerable.Range(0, files.Count).SelectMany(i => Records(files, i)) : [];

    /// <summary>When the first file there is was made; later where the file system does not know.</summary>
    public static DateTimeOffset BornAt(string folder) => FilesIn(folder) is [var (path, _), ..] ? File.GetCreationTimeUtc(path) : DateTimeOffset.MaxValue;

    /// <summary>The first position that is still there.</summary>
    public long Begin => Files() is [var (_, first), ..] ? first : End + 1;

    /// <summary>Removes files whose positions no reader needs; beyond the limit even files that readers need.</summary>
    public void Trim(long needed)
    {
        var files = Files();
        for (var i = 0; i + KeptFiles < files.Count; i++)
            if (files[i + 1].First <= needed || files.Count - i > MaxFiles) _disk.Delete(files[i].Path);
            else break;
    }

    public void Dispose() => _file?.Dispose();

    private void Roll(long first)
    {
        _file?.Dispose();
        _file = null;
        _file = AppendFile.Create(_disk, Path.Combine(_folder, first.ToString("D19", CultureInfo.InvariantCulture) + ".feed"));
    }

    private List<(string Path, long First)> Files() => FilesIn(_folder);

    private static List<(string Path, long First)> FilesIn(string folder) =>
        [.. Directory.GetFiles(folder, "*.feed").Select(p => (Path: p, First: long.TryParse(Path.GetFileNameWithoutExtension(p), NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 0)).Where(f => f.First > 0).OrderBy(f => f.First)];

    // A torn tail is cut: what it told of is found again in the journal.
    private long Load(List<(string Path, long First)> files, int index)
    {
        var end = files[index].First - 1;
        long good = 0;
        foreach (var record in Records(files, index))
        {
            end = record.Last;
            good += HeaderBytes + Encoding.UTF8.GetByteCount(record.Stream.ToString());
        }
        if (index == files.Count - 1) _file = AppendFile.Continue(_disk, files[index].Path, good);
        return end;
    }

    // What the next file begins with was never told from this one: its end could not be synced.
    private static IEnumerable<FeedRecord> Records(List<(string Path, long First)> files, int index)
    {
        var first = files[index].First;
        var limit = index + 1 < files.Count ? files[index + 1].First : long.MaxValue;
        if (RegularFile.TryRead(files[index].Path) is not { } bytes) yield break;
        for (var at = 0; at + HeaderBytes <= bytes.Length;)
        {
            var length = HeaderBytes + BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at));
            if (at + length > bytes.Length || BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at + 2)) != Crc32C.Of(bytes.AsSpan(at + 6, length - 6))) yield break;
            var record = new FeedRecord(first, new(Encoding.UTF8.GetString(bytes, at + HeaderBytes, length - HeaderBytes)),
                BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(at + 6)), BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at + 14)), bytes[at + 18] == 1);
            if (record.Last >= limit) yield break;
            yield return record;
            first = record.Last + 1;
            at += length;
        }
    }
}
