using System.Buffers;
using System.Text.Json;
using Orchestrator.Core.Expressions;
using Orchestrator.Core.Serialization;

namespace Orchestrator.Core.Triggers;

/// <summary>What <c>trigger</c> is in the expressions of a run that a delivery starts.</summary>
internal static class TriggerFacts
{
    /// <summary>An object of kind, id, delivery_id, received_at and what its source adds.</summary>
    /// <param name="source">Its kind.</param>
    /// <param name="trigger">The trigger's id.</param>
    /// <param name="deliveryId">The delivery's id; null: its sender gave none.</param>
    /// <param name="receivedAt">When it came.</param>
    /// <param name="add">Writes further members.</param>
    public static JsonElement Of(TriggerSource source, string trigger, string? deliveryId, DateTimeOffset receivedAt, Action<Utf8JsonWriter> add)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("kind", Words.Of(source));
            json.WriteString("id", trigger);
            json.WriteString("delivery_id", deliveryId);
            json.WriteString("received_at", Roots.Instant(receivedAt));
            add(json);
            json.WriteEndObject();
        }
        return JsonBounds.Parse(bytes.WrittenSpan);
    }
}
