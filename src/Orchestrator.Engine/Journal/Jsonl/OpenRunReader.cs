using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Journal.Jsonl;

/// <summary>
/// Reads all runs that are open, segment by segment: their appends lie between one another, and a system call and an array for each append
/// would cost more than understanding what it says.
/// </summary>
internal static class OpenRunReader
{
    /// <param name="index">Where they lie.</param>
    /// <param name="leftAlone">Hears of a run that cannot be read; it is not among those returned.</param>
    public static IReadOnlyList<AdoptedRun> Read(StreamIndex index, Action<RunId, JournalCorruptException> leftAlone)
    {
        var damaged = new HashSet<int>();
        var open = new List<(StreamEntry Entry, RecordedEvent[] Events)>();
        var places = new Dictionary<Segment, List<(int Run, Extent Extent)>>();
        foreach (var entry in index.All().Where(e => e is { Run: not null, Ended: false }).OrderBy(e => e.Run!.Value))
        {
            var extents = index.ExtentsOf(entry.Id);
            foreach (var extent in extents)
            {
                if (!places.TryGetValue(extent.Segment, out var here)) places.Add(extent.Segment, here = []);
                here.Add((open.Count, extent));
            }
            open.Add((entry, new RecordedEvent[extents[^1].LastSeq]));   // a run's stream is whole: it begins with 1
        }
        var longest = places.Count == 0 ? 0 : places.Keys.Max(s => s.Length);
        var bytes = GC.AllocateUninitializedArray<byte>(checked((int)longest));
        var decoded = new List<RecordedEvent>();
        foreach (var (segment, here) in places)
        {
            segment.Read(0, bytes.AsSpan(0, (int)segment.Length));
            foreach (var (run, extent) in here)
            {
                decoded.Clear();
                try { EventLines.Decode(extent, bytes.AsSpan((int)extent.Offset, extent.Length), open[run].Entry.Id, decoded); }
                catch (JournalCorruptException e)
                {
                    if (damaged.Add(run)) leftAlone(open[run].Entry.Run!.Value, e);
                    continue;
                }
                decoded.CopyTo(open[run].Events, (int)extent.FirstSeq - 1);
            }
        }
        return [.. open.Where((_, run) => !damaged.Contains(run)).Select(o => new AdoptedRun(o.Entry.Run!.Value, o.Events))];
    }
}
