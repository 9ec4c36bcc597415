using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Journal;

/// <summary>
/// Reads all runs that are open, segment by segment: their appends lie between one another, and a system call and an array for each append
/// would cost more than understanding what it says.
/// </summary>
internal static class OpenRuns
{
    public static IReadOnlyList<AdoptedRun> Read(StreamIndex index)
    {
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
                EventLines.Decode(extent, bytes.AsSpan((int)extent.Offset, extent.Length), open[run].Entry.Id, decoded);
                decoded.CopyTo(open[run].Events, (int)extent.FirstSeq - 1);
            }
        }
        return [.. open.Select(o => new AdoptedRun(o.Entry.Run!.Value, o.Events))];
    }
}
