using System.Text.Encodings.Web;
using System.Text.Json.Serialization;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Serialization;

namespace Orchestrator.Engine.Queries;

/// <summary>A trigger as lists show it.</summary>
internal sealed record TriggerRow
{
    public required string Workflow { get; init; }

    public required string Trigger { get; init; }

    /// <summary>What it waits for, as a word.</summary>
    public required string Kind { get; init; }

    public required bool Enabled { get; init; }

    /// <summary>Deliveries that were taken.</summary>
    public required long Received { get; init; }

    /// <summary>Runs they started.</summary>
    public required long Fired { get; init; }

    public required long Duplicates { get; init; }

    public required long Rejected { get; init; }

    public required long Debounced { get; init; }

    /// <summary>Runs that are not known to be accepted.</summary>
    public required int Pending { get; init; }

    /// <summary>Deliveries that wait for others.</summary>
    public required int Held { get; init; }

    public DateTimeOffset? LastFiredAt { get; init; }

    public RunId? LastRunId { get; init; }
}

/// <summary>An entry of a trigger's ledger.</summary>
internal sealed record DeliveryRow
{
    public required long Seq { get; init; }

    public required DateTimeOffset Time { get; init; }

    public required string Type { get; init; }

    /// <summary>The delivery; null: several, or it is not known.</summary>
    public string? DeliveryId { get; init; }

    public RunId? RunId { get; init; }

    /// <summary>Why it was refused, or the delivery that took its place.</summary>
    public string? Reason { get; init; }

    public string? Error { get; init; }

    /// <summary>How many deliveries it is about; null: it is about none.</summary>
    public int? Count { get; init; }
}

internal sealed record TriggerPage(IReadOnlyList<TriggerRow> Triggers);

internal sealed record DeliveryPage(IReadOnlyList<DeliveryRow> Entries, string? NextCursor);

/// <summary>How answers about triggers are written: snake_case, members without a value as null, instants in UTC with microseconds.</summary>
[JsonSourceGenerationOptions(
    MaxDepth = JsonBounds.MaxStoredDepth, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.Never, Converters = [typeof(InstantJson)])]
[JsonSerializable(typeof(TriggerPage))]
[JsonSerializable(typeof(TriggerRow))]
[JsonSerializable(typeof(DeliveryPage))]
[JsonSerializable(typeof(DeliveryRow))]
internal sealed partial class TriggerShapes : JsonSerializerContext;

/// <summary>The shapes for people and programs that read JSON, not HTML: letters of all scripts as they are.</summary>
internal static class TriggerJson
{
    public static TriggerShapes Shapes { get; } = new(new(TriggerShapes.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
