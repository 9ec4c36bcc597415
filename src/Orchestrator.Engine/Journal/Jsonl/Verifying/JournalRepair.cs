using System.Globalization;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Serialization;
using Orchestrator.Engine.Files;

namespace Orchestrator.Engine.Journal.Jsonl.Verifying;

/// <summary>
/// Moves damaged files of a journal into quarantine and writes what can still be read of them into a new segment. A run keeps its events up to the first
/// that is lost: what comes after it would be a state that was never decided. Nothing is deleted; what was damaged can be looked at where it is now.
/// </summary>
/// <param name="paths">The data directory; no `serve` may have it.</param>
/// <param name="told">How far each stream was told to others, as far as that is known.</param>
/// <param name="clock">When it is done.</param>
internal sealed class JournalRepair(RunPaths paths, IReadOnlyDictionary<StreamId, long> told, TimeProvider clock)
{
    private const string Writer = "repair";
    private readonly Disk _disk = paths.Disk;
    private readonly Dictionary<StreamId, SeqRanges> _streams = [];
    private readonly List<string> _kept = [];
    private readonly List<string> _lost = [];
    private readonly List<string> _locked = [];
    private readonly List<(StreamId Stream, long First, long Last)> _holes = [];

    /// <summary>Does it and records it. Nothing happens where nothing is damaged.</summary>
    public async Task<JournalRepairResult> RunAsync(string actor, CancellationToken stop)
    {
        var folders = new List<DamagedFolder>();
        try
        {
            foreach (var path in Directory.Exists(paths.Journal) ? Directory.GetDirectories(paths.Journal).Order(StringComparer.Ordinal) : Enumerable.Empty<string>())
            {
                stop.ThrowIfCancellationRequested();
                if (OwnedFolders.TryLock(_disk, path) is { } held) folders.Add(DamagedFolder.Read(paths, path, held));
                else _locked.Add(Name(path));
            }
            foreach (var append in folders.SelectMany(f => f.Segments).SelectMany(s => s.Appends))
            {
                if (!_streams.TryGetValue(append.Stream, out var ranges)) _streams[append.Stream] = ranges = new();
                ranges.Add(append.FirstSeq, append.LastSeq);
            }
            if (folders.Exists(f => f.IsDamaged))
            {
                var keep = Keep();
                foreach (var folder in folders) Write(folder, keep);
            }
        }
        finally
        {
            foreach (var folder in folders) folder.Dispose();
        }
        foreach (var finding in new JournalVerification(paths).Run(stop).Findings.Where(f => f is { IsDamage: true, Kind: "archive", Offset: not null })) Archive(finding);   // without a place: another version wrote it
        if (_kept.Count > 0) await RecordAsync(actor).ConfigureAwait(false);
        return new(_kept, _lost, _locked);
    }

    // The last event of each run that has all before it.
    private Dictionary<StreamId, long> Keep()
    {
        var keep = new Dictionary<StreamId, long>();
        foreach (var (stream, ranges) in _streams)
        {
            var isRun = stream.TryGetRun(out var run);
            if (isRun && ArchiveFile.Last(paths.EventsOf(run), stream, null)?.Event is WorkflowEnded) continue;
            var hole = ranges.Holes(isRun ? 1 : ranges.First).FirstOrDefault();
            var last = hole == default ? ranges.Last : hole.First - 1;
            if (isRun) keep[stream] = last;
            else
            {
                last = ranges.Last;
                foreach (var (first, end) in ranges.Holes(ranges.First))
                {
                    _holes.Add((stream, first, end));
                    _lost.Add($"{stream}: {JournalVerification.Events(first, end)}");
                }
            }
            if (Math.Max(ranges.Last, told.GetValueOrDefault(stream)) is var known && known > last)
                _lost.Add($"{stream}: {(last == 0 ? "all its events" : JournalVerification.Events(last + 1, known))}");
        }
        var removed = new RemovedRuns(paths).Read();
        foreach (var (stream, last) in told)
            if (!_streams.ContainsKey(stream) && stream.TryGetRun(out var run) && !File.Exists(paths.EventsOf(run)) && !removed.Contains(run))
                _lost.Add($"{stream}: all its events, {last} of which were delivered");
        return keep;
    }

    private void Write(DamagedFolder folder, Dictionary<StreamId, long> keep)
    {
        var anew = folder.Segments.Where(s => s.IsDamaged || s.Appends.Any(a => keep.TryGetValue(a.Stream, out var last) && a.LastSeq > last)).ToList();
        if (anew.Count == 0) return;
        folder.CutTail(paths, _disk);
        var number = folder.Segments[^1].Number;
        var header = new SegmentHeader(folder.Writer, number + 1, number, folder.Segments[^1].Length);
        var from = header.Line().Length;
        var lines = new LineBuffer();
        var count = 0;
        foreach (var append in anew.SelectMany(s => s.Appends))
        {
            var most = keep.GetValueOrDefault(append.Stream, long.MaxValue);
            if (append.FirstSeq > most) continue;
            var kept = (int)Math.Min(append.Lines.Count, most - append.FirstSeq + 1);
            count += kept;
            for (var i = 0; i < kept; i++) LineTrailer.Mark(lines, append.Lines[i], new(folder.LastCommit + 1, from, i == kept - 1 ? count : 0));
        }
        count = Fill(lines, folder.LastCommit + 1, from, count);
        if (count > 0)
            using (var segment = Segment.Create(folder.Path, header, _disk))
            {
                _disk.Write(segment.Handle, lines.Written, segment.Length);
                _disk.Sync(segment.Handle);
            }
        foreach (var segment in anew)
        {
            if (segment.Unreadable > 0) _lost.Add($"{Name(segment.Path)}: {segment.Unreadable} bytes that are not a whole line");
            MoveAside(segment.Path, $"{folder.Writer}-{System.IO.Path.GetFileName(segment.Path)}");
        }
        _disk.SyncDirectory(folder.Path);
    }

    // A schedule or worker keeps the events after a hole: an event takes the place of each lost one.
    private int Fill(LineBuffer lines, long commit, long from, int count)
    {
        using var codec = new JournalCodec();
        foreach (var (stream, first, last) in _holes)
            for (var seq = first; seq <= last; seq++)
                codec.Write(lines, new(stream, seq, clock.GetUtcNow(), new JournalEventsLost(stream.ToString(), first, last)), new(commit, from, ++count));
        _holes.Clear();
        return count;
    }

    private void Archive(JournalFinding finding)
    {
        var path = System.IO.Path.Combine(paths.Root, finding.Place);
        var run = System.IO.Path.GetFileName(System.IO.Path.GetDirectoryName(path))!;
        if (!RunId.TryParse(run, out var id))
        {
            MoveAside(path, $"{run}-{System.IO.Path.GetFileName(path)}");
            _lost.Add($"{finding.Place} ({finding.What})");
            return;
        }
        if (IsWholeInSegments(id))
        {
            MoveAside(path, run + ".jsonl");   // the next start writes it again
            return;
        }
        new RemovedRuns(paths).Note([id], clock.GetUtcNow());   // known to be gone, so that it does not start again
        MoveAside(path, run + ".jsonl");
        _lost.Add($"run:{run}: its archive ({finding.What})");
    }

    private bool IsWholeInSegments(RunId run) =>
        new SegmentCatalog(paths).Read(StreamId.Run(run)) is [{ Seq: 1 }, ..] events && events[^1].Event is WorkflowEnded && events[^1].Seq == events.Count;

    private void MoveAside(string path, string name)
    {
        var target = Quarantine.NewFile(paths, name, _disk);
        _disk.Rename(path, target);
        _disk.SyncDirectory(paths.Quarantine);
        _kept.Add(Name(target));
    }

    private async Task RecordAsync(string actor)
    {
        var now = clock.GetUtcNow();
        var name = string.Create(CultureInfo.InvariantCulture, $"{Writer}-{now.ToUnixTimeMilliseconds()}");
        var stream = StreamId.Node(name);
        var journal = await JsonlRunJournal.OpenAsync(new() { DataDirectory = paths.Root, Writer = name, Disk = _disk }).ConfigureAwait(false);
        await using (journal.ConfigureAwait(false))
            await journal.AppendAsync(stream, 0, 0, [new(stream, 1, now, new JournalRepaired(actor, [.. _kept], [.. _lost]))], AppendDurability.Committed).ConfigureAwait(false);
    }

    private string Name(string path) => System.IO.Path.GetRelativePath(paths.Root, path);
}
