using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Serialization;

namespace Orchestrator.Core.Runs.Replay;

/// <summary>
/// Compares a decided event with the recorded one, field by field as the journal has them. Three kinds of fields are no decisions: what a clock measured,
/// which the record alone knows; how a message is worded, which another version of the program may do
/// differently; and facts that the record is too old to state.
/// </summary>
internal static class EventComparison
{
    private static readonly string[] Measured = ["duration_ms", "attempt_duration_ms", "queue_ms", "queue_wait_ms", "elapsed_ms", "resumed"];

    /// <summary>Facts that no text of older lines states, so that the upcaster cannot work them out.</summary>
    private static readonly string[] LaterFacts = ["closes_attempt", "retry_refused", "failed_items"];

    public static ImmutableArray<FieldDifference> Differences(RecordedEvent expected, RecordedEvent found)
    {
        var differences = ImmutableArray.CreateBuilder<FieldDifference>();
        void Compare(string name, string? one, string? other)
        {
            if (one != other) differences.Add(new(name, one, other));
        }

        if (IsEarlierWay(expected.Event, found.Event)) return [];
        Compare("seq", Number(expected.Seq), Number(found.Seq));
        Compare("stream", expected.Stream.ToString(), found.Stream.ToString());
        Compare("time", Instant(expected.Time), Instant(found.Time));
        Compare("type", expected.Event.Type, found.Event.Type);
        var (mine, theirs) = (expected.Event as TaskEvent, found.Event as TaskEvent);
        Compare("task", mine?.Task.ToString(), theirs?.Task.ToString());
        Compare("attempt", mine is null ? null : Number(mine.Attempt), theirs is null ? null : Number(theirs.Attempt));
        if (differences.Count == 0) CompareData(expected.Event, found.Event, differences);
        return differences.ToImmutable();
    }

    private static void CompareData(JournalEvent expected, JournalEvent found, ImmutableArray<FieldDifference>.Builder differences)
    {
        var (mine, theirs) = (Bytes(expected), Bytes(found));
        if (mine.WrittenSpan.SequenceEqual(theirs.WrittenSpan)) return;
        using var one = JsonDocument.Parse(mine.WrittenMemory, JsonBounds.Documents);
        using var other = JsonDocument.Parse(theirs.WrittenMemory, JsonBounds.Documents);
        var names = one.RootElement.EnumerateObject().Concat(other.RootElement.EnumerateObject()).Select(p => p.Name).Distinct(StringComparer.Ordinal);
        foreach (var name in names.Except(Measured, StringComparer.Ordinal))
        {
            var here = one.RootElement.TryGetProperty(name, out var decided);
            var there = other.RootElement.TryGetProperty(name, out var recorded);
            if (here == there && (IsWording(expected, name) || JsonElement.DeepEquals(decided, recorded))) continue;
            if (!there && LaterFacts.Contains(name)) continue;
            if (name == "failed_tasks" && found is WorkflowFailed { FailedTasks: var told } && WithoutWholes(told).SequenceEqual(((WorkflowFailed)expected).FailedTasks)) continue;
            differences.Add(new(name, here ? decided.GetRawText() : null, there ? recorded.GetRawText() : null));
        }
    }

    // Earlier programs called a stage completed in which the run was ended.
    private static bool IsEarlierWay(JournalEvent expected, JournalEvent found) =>
        expected is StageFailed { CancelReason: not null } cutShort && found is StageCompleted { Cancelled: > 0 } stage && stage.StageName == cutShort.StageName;

    // Earlier programs named a fan-out beside those of its items that failed.
    private static IEnumerable<TaskId> WithoutWholes(ImmutableArray<TaskId> tasks)
    {
        var wholes = tasks.Select(t => t.TrySplit(out var whole, out _) ? whole : default(TaskId?)).ToHashSet();
        return tasks.Where(t => !wholes.Contains(t));
    }

    // A `reason` that is a word of an enumeration is a decision, a sentence is not.
    private static bool IsWording(JournalEvent e, string name) => name switch
    {
        "error" => true,
        "reason" => e is not (TaskSkipped or TaskCancelled or WorkflowCancelRequested),
        _ => false,
    };

    private static ArrayBufferWriter<byte> Bytes(JournalEvent e)
    {
        var bytes = new ArrayBufferWriter<byte>(512);
        using var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { SkipValidation = true });
        EventBody.Write(json, e);
        return bytes;
    }

    private static string Number(long value) => value.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static string Instant(DateTimeOffset time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", System.Globalization.CultureInfo.InvariantCulture);
}
