using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orchestrator.Core.Runs;

/// <summary>
/// A fact that is journaled. Its <see cref="Type"/> is its stable name on disk and on the wire; a shape never changes
/// without a new version and an upcaster.
/// </summary>
public abstract record JournalEvent
{
    /// <summary>The event's name, for example <c>task.completed</c>.</summary>
    [JsonIgnore]
    public abstract string Type { get; }

    /// <summary>Writes the members that the journal keeps, without the braces around them. The generator overrides it.</summary>
    internal abstract void WriteData(Utf8JsonWriter json);
}

/// <summary>A fact about one run; lives in the run's own stream.</summary>
public abstract record RunEvent : JournalEvent;

/// <summary>A fact about one task of a run. Task and attempt are written in the line's header, not in its data.</summary>
/// <param name="Task">The task.</param>
/// <param name="Attempt">1-based; 0 where no attempt has been made.</param>
public abstract record TaskEvent([property: JsonIgnore] Definitions.TaskId Task, [property: JsonIgnore] int Attempt) : RunEvent
{
    /// <summary>The role of tasks that handle a run's end.</summary>
    public const string Handler = "handler";

    /// <summary><c>handler</c> for tasks that run once the outcome is fixed, which no count includes; null for the others.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), Recurring]
    public string? Role { get; init; }
}

/// <summary>An event with its place in its stream.</summary>
/// <param name="Stream">The stream it belongs to.</param>
/// <param name="Seq">1-based and gapless per stream.</param>
/// <param name="Time">When it was decided, UTC with microseconds.</param>
/// <param name="Event">The fact.</param>
public sealed record RecordedEvent(StreamId Stream, long Seq, DateTimeOffset Time, JournalEvent Event);
