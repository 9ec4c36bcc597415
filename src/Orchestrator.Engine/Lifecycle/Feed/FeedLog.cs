using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Serialization;

namespace Orchestrator.Engine.Lifecycle.Feed;

/// <summary>Events of one stream that stand behind each other in the feed, without their content.</summary>
/// <param name="First">Position of the first; the others follow.</param>
internal readonly record struct FeedRecord(long First, StreamId Stream, long FirstSeq, int Count, bool EndsRun)
{
    public long Last => First + Count - 1;
}

/// <summary>
/// The order in which the feed told events, on disk: which stream, which events. A number given out once is never given out again, whatever is archived, compacted
/// or killed. Files of a few MiB named by their first position; the oldest go when there are too many.
/// </summary>
internal sealed class FeedLog : IDisposable
{
    private const int HeaderBytes = 2 + 4 + 8 + 4 + 1;
    private const long FileBytes = 8 << 20;
    private const int MostFiles = 64;
    private const int KeptFiles = 4;
    private readonly string _folder;
    private readonly MemoryStream _pending = new();
    private FileStream? _file;

    public FeedLog(string folder)
    {
        _folder = Directory.CreateDirectory(folder).FullName;
        var files = Files();
        foreach (var (path, first) in files) End = Math.Max(End, Load(path, first, path == files[^1].Path));
        IsNew = files.Count == 0;
        WrittenAt = files.Count == 0 ? DateTimeOffset.MinValue : File.GetLastWriteTimeUtc(files[^1].Path);
    }

    /// <summary>There was no log yet.</summary>
    public bool IsNew { get; }

    /// <summary>When something was last written before it was opened.</summary>
    public DateTimeOffset WrittenAt { get; }

    /// <summary>The last position given out; 0 before the first.</summary>
    public long End { get; private set; }

    /// <summary>Takes a record; <see cref="Flush"/> hands it to the operating system.</summary>
    public FeedRecord Add(StreamId stream, long firstSeq, int count, bool endsRun)
    {
        var record = new FeedRecord(End + 1, stream, firstSeq, count, endsRun);
        var name = Encoding.UTF8.GetBytes(stream.ToString());
        var bytes = new byte[HeaderBytes + name.Length];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)name.Length);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(6), firstSeq);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(14), count);
        bytes[18] = endsRun ? (byte)1 : (byte)0;
        name.CopyTo(bytes, HeaderBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(2), Crc32C.Of(bytes.AsSpan(6)));
        if (_file is null || _file.Position + _pending.Length > FileBytes) Roll(record.First);
        _pending.Write(bytes);
        End = record.Last;
        return record;
    }

    public void Flush()
    {
        if (_pending.Length == 0) return;
        _file!.Write(_pending.GetBuffer(), 0, (int)_pending.Length);
        _file.Flush();
        _pending.SetLength(0);
    }

    /// <summary>Records of positions behind one, as far as they were flushed; at most so many.</summary>
    public List<FeedRecord> Read(long after, int most)
    {
        var found = new List<FeedRecord>();
        var files = Files();
        for (var i = 0; i < files.Count && found.Count < most; i++)
        {
            if (i + 1 < files.Count && files[i + 1].First <= after + 1) continue;
            foreach (var record in Records(files[i].Path, files[i].First))
            {
                if (record.Last <= after) continue;
                found.Add(record);
                if (found.Count == most) break;
            }
        }
        return found;
    }

    /// <summary>Every record there is, oldest first.</summary>
    public IEnumerable<FeedRecord> All() => Files().SelectMany(f => Records(f.Path, f.First));

    /// <summary>Every record of a folder, oldest first, while another process may write it; changes nothing.</summary>
    public static IEnumerable<FeedRecord> Stored(string folder) => Directory.Exists(folder) ? FilesIn(folder).SelectMany(f => Records(f.Path, f.First)) : [];

    /// <summary>When the first file there is was made; later where the file system does not know.</summary>
    public static DateTimeOffset BornAt(string folder) => FilesIn(folder) is [var (path, _), ..] ? File.GetCreationTimeUtc(path) : DateTimeOffset.MaxValue;

    /// <summary>The first position that is still there.</summary>
    public long Begin => Files() is [var (_, first), ..] ? first : End + 1;

    /// <summary>Lets go of files whose positions nobody needs; of too many, whoever needs them.</summary>
    public void Trim(long needed)
    {
        var files = Files();
        for (var i = 0; i + KeptFiles < files.Count; i++)
            if (files[i + 1].First <= needed || files.Count - i > MostFiles) File.Delete(files[i].Path);
            else break;
    }

    public void Dispose()
    {
        Flush();
        _file?.Dispose();
        _pending.Dispose();
    }

    private void Roll(long first)
    {
        Flush();
        _file?.Dispose();
        _file = new FileStream(Path.Combine(_folder, first.ToString("D19", CultureInfo.InvariantCulture) + ".feed"), FileMode.Create, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
    }

    private List<(string Path, long First)> Files() => FilesIn(_folder);

    private static List<(string Path, long First)> FilesIn(string folder) =>
        [.. Directory.GetFiles(folder, "*.feed").Select(p => (Path: p, First: long.TryParse(Path.GetFileNameWithoutExtension(p), NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 0)).Where(f => f.First > 0).OrderBy(f => f.First)];

    // A torn tail is cut: what it told of is found again in the journal.
    private long Load(string path, long first, bool last)
    {
        var end = first - 1;
        long good = 0;
        foreach (var record in Records(path, first))
        {
            end = record.Last;
            good += HeaderBytes + Encoding.UTF8.GetByteCount(record.Stream.ToString());
        }
        if (!last) return end;
        _file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        if (_file.Length > good) _file.SetLength(good);
        _file.Position = good;
        return end;
    }

    private static IEnumerable<FeedRecord> Records(string path, long first)
    {
        byte[] bytes;
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            bytes = new byte[file.Length];
            file.ReadExactly(bytes);
        }
        catch (Exception e) when (e is FileNotFoundException or EndOfStreamException) { yield break; }
        for (var at = 0; at + HeaderBytes <= bytes.Length;)
        {
            var length = HeaderBytes + BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at));
            if (at + length > bytes.Length || BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at + 2)) != Crc32C.Of(bytes.AsSpan(at + 6, length - 6))) yield break;
            var record = new FeedRecord(first, new(Encoding.UTF8.GetString(bytes, at + HeaderBytes, length - HeaderBytes)),
                BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(at + 6)), BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at + 14)), bytes[at + 18] == 1);
            yield return record;
            first = record.Last + 1;
            at += length;
        }
    }
}
