using Microsoft.Extensions.Logging;
using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Journal.Jsonl;

internal static partial class JournalLog
{
    [LoggerMessage(3500, LogLevel.Information, "Journal {Folder} opened; streams: {Streams}, segments: {Segments}")]
    public static partial void Opened(this ILogger log, string folder, int streams, int segments);

    [LoggerMessage(3501, LogLevel.Warning, "Cut {Bytes} bytes from the end of {Segment}, from byte {Offset} on: never acknowledged. They are kept as {KeptAs}")]
    public static partial void TornTailCut(this ILogger log, string segment, long bytes, long offset, string keptAs);

    [LoggerMessage(3502, LogLevel.Error, "The journal in {Folder} cannot be written; appends fail until it can")]
    public static partial void WriteFailed(this ILogger log, Exception cause, string folder);

    [LoggerMessage(3503, LogLevel.Information, "The journal in {Folder} can be written again")]
    public static partial void WriteRecovered(this ILogger log, string folder);

    [LoggerMessage(3504, LogLevel.Information, "Adopted the journal of dead writer {Writer}; segments: {Segments}")]
    public static partial void Adopted(this ILogger log, string writer, int segments);

    [LoggerMessage(3505, LogLevel.Error, "Run {RunId} could not be archived; its events stay in the journal")]
    public static partial void ArchiveFailed(this ILogger log, Exception cause, RunId runId);

    [LoggerMessage(3506, LogLevel.Debug, "Deleted segment {Segment}: all it held is archived or carried forward")]
    public static partial void SegmentDeleted(this ILogger log, string segment);

    [LoggerMessage(3508, LogLevel.Error, "Run {RunId} is skipped: its journal cannot be read. Other runs continue")]
    public static partial void RunLeftAlone(this ILogger log, Exception cause, RunId runId);

    [LoggerMessage(3509, LogLevel.Warning, "Took over the journal in {Folder}: its process did not answer for {Seconds} s. If that process wakes, it no longer writes")]
    public static partial void TakenOver(this ILogger log, string folder, double seconds);

    [LoggerMessage(3507, LogLevel.Error, "Segments could not be cleaned up; this is retried later")]
    public static partial void CompactionFailed(this ILogger log, Exception cause);
}
