using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Lifecycle.Feed;

/// <summary>How far each stream was told to subscribers and sinks, as far back as the feed goes.</summary>
internal static class ToldEvents
{
    /// <summary>The last event told of each stream.</summary>
    public static IReadOnlyDictionary<StreamId, long> Of(RunPaths paths)
    {
        var told = new Dictionary<StreamId, long>();
        foreach (var record in FeedLog.Stored(paths.Feed))
            if (record.FirstSeq + record.Count - 1 is var last && last > told.GetValueOrDefault(record.Stream)) told[record.Stream] = last;
        return told;
    }
}
