using System.Text.Json.Serialization;

namespace Orchestrator.Engine.Imports;

/// <summary>Which of the two logs a file is.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ImportedLogKind>))]
public enum ImportedLogKind
{
    /// <summary>The task log: <c>dag_start</c> to <c>dag_done</c>.</summary>
    [JsonStringEnumMemberName("events")] Events,
    /// <summary>The scheduler's state log: <c>schedule_enqueued</c> to <c>run_finished</c>.</summary>
    [JsonStringEnumMemberName("state")] State,
}

/// <summary>A log that is kept in the data directory.</summary>
/// <param name="Sha256">Of its content, 64 lower-case hex digits; also the name of its folder.</param>
/// <param name="Kind">Which log it is.</param>
/// <param name="Source">Where it was imported from.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Lines">Lines with something on them.</param>
/// <param name="Damaged">Lines of those that could not be read.</param>
/// <param name="FirstAt">Time of its earliest event; null: none has a time.</param>
/// <param name="LastAt">Time of its latest event.</param>
/// <param name="ImportedAt">When it was imported.</param>
public sealed record ImportedLog(
    string Sha256, ImportedLogKind Kind, string Source, long Bytes, long Lines, long Damaged,
    DateTimeOffset? FirstAt, DateTimeOffset? LastAt, DateTimeOffset ImportedAt);

/// <summary>What an import did.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ImportOutcome>))]
public enum ImportOutcome
{
    /// <summary>The log is kept.</summary>
    [JsonStringEnumMemberName("imported")] Imported,
    /// <summary>It is kept in the place of an earlier import whose content it begins with.</summary>
    [JsonStringEnumMemberName("extended")] Extended,
    /// <summary>It was imported before, alone or as the beginning of a longer log: nothing was changed.</summary>
    [JsonStringEnumMemberName("unchanged")] Unchanged,
}

/// <summary>The result of an import.</summary>
/// <param name="Outcome">What it did.</param>
/// <param name="Log">The log that holds the content now.</param>
/// <param name="Named">The first damaged lines of the file that was given.</param>
/// <param name="Lines">Lines of that file.</param>
/// <param name="Damaged">Damaged ones of those.</param>
public sealed record ImportResult(ImportOutcome Outcome, ImportedLog Log, IReadOnlyList<DamagedLine> Named, long Lines, long Damaged);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(ImportedLog))]
internal sealed partial class ImportJson : JsonSerializerContext;
