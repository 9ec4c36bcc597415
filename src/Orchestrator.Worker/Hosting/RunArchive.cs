using System.Runtime.CompilerServices;
using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Runs.View;
using Orchestrator.Engine;
using Orchestrator.Engine.Definitions;
using Orchestrator.Engine.Journal;

namespace Orchestrator.Worker.Hosting;

/// <summary>Which runs to list: newest first, at most so many, older than one.</summary>
internal sealed record RunFilter(RunStatus? Status, string? Workflow, int Limit, RunId? Before);

/// <summary>Reads what other processes write and repairs nothing: the finished runs' archives and the open segments of every writer.</summary>
internal sealed class RunArchive(RunPaths paths)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);
    private readonly DefinitionStore _definitions = new(paths);

    public RunPaths Paths => paths;

    public Task<IReadOnlyList<RunRow>> ListAsync(RunFilter filter, CancellationToken stop) => Task.Run<IReadOnlyList<RunRow>>(() =>
    {
        var rows = new List<RunRow>();
        var open = OpenStreams();
        foreach (var run in open.Keys.Union(Archived()).OrderDescending())
        {
            stop.ThrowIfCancellationRequested();
            if (filter.Before is { } before && run.CompareTo(before) >= 0) continue;
            if (RowOf(run, open) is not { } row || (filter.Status ?? row.Status) != row.Status || (filter.Workflow ?? row.Workflow) != row.Workflow) continue;
            rows.Add(row);
            if (rows.Count == filter.Limit) break;
        }
        return rows;
    }, stop);

    /// <summary>At most so many runs whose id begins so.</summary>
    public Task<IReadOnlyList<RunId>> IdsAsync(string prefix, int limit, CancellationToken stop) => Task.Run<IReadOnlyList<RunId>>(
        () => [.. OpenStreams().Keys.Union(Archived()).Where(r => r.ToString().StartsWith(prefix, StringComparison.Ordinal)).Take(limit)], stop);

    /// <summary>All events so far; empty when there is no such run.</summary>
    public Task<IReadOnlyList<RecordedEvent>> ReadAsync(RunId run, CancellationToken stop) => Task.Run<IReadOnlyList<RecordedEvent>>(() => Read(run, null), stop);

    /// <summary>The run as it is now; null when there is none.</summary>
    public async Task<RunView?> ViewAsync(RunId run, CancellationToken stop)
    {
        var events = await ReadAsync(run, stop);
        return events.Count == 0 ? null : RunView.From(DefinitionOf(events), run, events) with { ReportDir = paths.Of(run) };
    }

    /// <summary>Makes envelopes of the run's events, from the first on.</summary>
    public EnvelopeProjection Envelopes(RunId run, IReadOnlyList<RecordedEvent> events) => new(
        run, DefinitionOf(events) ?? new WorkflowDefinition { Name = (events[0].Event as WorkflowCreated)?.Workflow ?? "", Tasks = [] }, EventProducer.Unknown);

    /// <summary>The run's events, then, if asked, those that come, until its last.</summary>
    public async IAsyncEnumerable<RecordedEvent> FollowAsync(RunId run, bool follow, TimeProvider clock, [EnumeratorCancellation] CancellationToken stop)
    {
        long seen = 0;
        while (true)
        {
            foreach (var recorded in await ReadAsync(run, stop))
            {
                if (recorded.Seq <= seen) continue;
                seen = recorded.Seq;
                yield return recorded;
                if (recorded.Event is WorkflowEnded) yield break;
            }
            if (!follow) yield break;
            await Task.Delay(Look, clock, stop);
        }
    }

    /// <summary>Every run that has been archived.</summary>
    public IEnumerable<RunId> Finished() => Archived().Where(run => File.Exists(paths.EventsOf(run)));

    private WorkflowDefinition? DefinitionOf(IReadOnlyList<RecordedEvent> events) =>
        events is [{ Event: WorkflowCreated created }, ..] ? _definitions.Find(created.DefinitionVersion) : null;

    private RunRow? RowOf(RunId run, Dictionary<RunId, List<Piece>> open)
    {
        var stream = StreamId.Run(run);
        if (ArchiveFile.First(paths.EventsOf(run), stream) is { } first && ArchiveFile.Last(paths.EventsOf(run), stream) is { } last && RunRow.FromEnds(run, [first], last) is { } row) return row;
        var events = Read(run, open);
        return events.Count == 0 ? null : RunRow.From(RunView.From(DefinitionOf(events), run, events));
    }

    private List<RecordedEvent> Read(RunId run, Dictionary<RunId, List<Piece>>? open)
    {
        var stream = StreamId.Run(run);
        if (ArchiveFile.Read(paths.EventsOf(run), stream) is { Count: > 0 } archived) return archived;
        var events = new SortedDictionary<long, RecordedEvent>();
        foreach (var piece in (open ?? OpenStreams()).GetValueOrDefault(run) ?? [])
            foreach (var recorded in piece.Read(stream)) events[recorded.Seq] = recorded;
        // A run that was archived while its segments were looked at is whole there.
        return ArchiveFile.Read(paths.EventsOf(run), stream) is { Count: > 0 } late ? late : [.. events.Values];
    }

    private Dictionary<RunId, List<Piece>> OpenStreams()
    {
        var streams = new Dictionary<RunId, List<Piece>>();
        if (!Directory.Exists(paths.Journal)) return streams;
        foreach (var segment in Directory.EnumerateDirectories(paths.Journal).SelectMany(Segment.In))
        {
            try
            {
                foreach (var append in SegmentScan.Read(segment.Path, BadLine.Stop).Appends)
                {
                    if (!append.Stream.TryGetRun(out var run)) continue;
                    if (!streams.TryGetValue(run, out var pieces)) streams[run] = pieces = [];
                    pieces.Add(new(segment.Path, append.Offset, append.Length));
                }
            }
            catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
            {
                // Archived and removed meanwhile.
            }
        }
        return streams;
    }

    private IEnumerable<RunId> Archived()
    {
        if (!Directory.Exists(paths.Runs)) yield break;
        foreach (var day in Directory.EnumerateDirectories(paths.Runs).SelectMany(Directory.EnumerateDirectories).SelectMany(Directory.EnumerateDirectories))
            foreach (var folder in Directory.EnumerateDirectories(day))
                if (RunId.TryParse(Path.GetFileName(folder), out var run)) yield return run;
    }

    private readonly record struct Piece(string Path, long Offset, int Length)
    {
        public List<RecordedEvent> Read(StreamId stream)
        {
            try
            {
                using var file = File.OpenHandle(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                var bytes = new byte[Length];
                return RandomAccess.Read(file, bytes, Offset) == Length ? EventLines.DecodeWhole(bytes, stream) : [];
            }
            catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
            {
                return [];
            }
        }
    }
}
