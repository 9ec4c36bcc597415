using System.Text.Encodings.Web;
using System.Text.Json;
using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Lifecycle;

/// <summary>The members of an event as JSON: the one place where envelopes meet the serialisation of events.</summary>
internal static class EventPayload
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static void Write(Utf8JsonWriter writer, JournalEvent e) => JsonSerializer.Serialize(writer, e, e.GetType(), Options);
}
