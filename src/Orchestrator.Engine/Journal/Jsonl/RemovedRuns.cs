using System.Globalization;
using System.Text;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Files;

namespace Orchestrator.Engine.Journal.Jsonl;

/// <summary>
/// Which runs were removed, a line each: a run that is named here has existed, and is not started again under its id. Bounded: the oldest half goes when there
/// are too many, so between 70,000 and 140,000 are known. Several processes may add to it; what others add is seen at the next question.
/// </summary>
internal sealed class RemovedRuns(RunPaths paths)
{
    private const long MaxBytes = 4 << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);   // a turn is one append
    private readonly string _older = paths.Removed + ".1";
    private readonly Lock _gate = new();
    private HashSet<RunId> _known = [];
    private (long Length, DateTime Written) _readOlder;
    private long _read;

    /// <summary>Notes runs before they go, durably: a crash in between leaves some that are there and noted, which does no harm.</summary>
    /// <exception cref="IOException">The note cannot be kept; nothing may be removed.</exception>
    public void Note(IEnumerable<RunId> runs, DateTimeOffset at)
    {
        // Begins a line of its own, whatever a crash has left of the one before.
        var lines = new StringBuilder("\n");
        foreach (var run in runs) lines.Append(CultureInfo.InvariantCulture, $"{run} {at.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}\n");
        // `journal gc` works beside `serve`: two appends at once would lie over each other.
        using var turn = DirectoryLock.Take(paths.Disk, paths.Removed + ".lock", Patience);
        using (var file = AppendFile.OpenOrCreate(paths.Disk, paths.Removed))
        {
            file.Append(Encoding.ASCII.GetBytes(lines.ToString()));
            if (file.Length < MaxBytes) return;
        }
        paths.Disk.Rename(paths.Removed, _older);
        paths.Disk.SyncDirectory(paths.Root);
    }

    /// <summary>Whether a run was removed, as far back as it goes.</summary>
    public bool Contains(RunId run)
    {
        lock (_gate)
        {
            Refresh();
            return _known.Contains(run);
        }
    }

    /// <summary>The runs noted, as far back as it goes.</summary>
    public IReadOnlySet<RunId> Read()
    {
        lock (_gate)
        {
            Refresh();
            return _known.ToHashSet();
        }
    }

    private void Refresh()
    {
        var older = new FileInfo(_older) is { Exists: true } there ? (there.Length, there.LastWriteTimeUtc) : default;
        var length = new FileInfo(paths.Removed) is { Exists: true } current ? current.Length : 0;
        if (older == _readOlder && length == _read) return;
        if (older != _readOlder || length < _read)   // moved on since
        {
            (_known, _read, _readOlder) = ([], 0, older);
            Add(_older, 0);
        }
        _read += Add(paths.Removed, _read);
    }

    // Whole lines only: what another process is writing just now is read next time.
    private long Add(string path, long from)
    {
        using var file = RegularFile.TryOpen(path);
        if (file is null) return 0;
        var bytes = new byte[Math.Max(0, RandomAccess.GetLength(file) - from)];
        bytes = bytes[..RandomAccess.Read(file, bytes, from)];
        var whole = bytes.AsSpan().LastIndexOf((byte)'\n') + 1;
        foreach (var line in Encoding.ASCII.GetString(bytes, 0, whole).Split('\n'))
            if (RunId.TryParse(line.Split(' ')[0], out var run)) _known.Add(run);
        return whole;
    }
}
