using System.Text.Json;
using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Serialization;

/// <summary>
/// Writes the data of events: snake_case, nulls left out, a record's own members before inherited ones. The generator writes how, from the records;
/// the golden journal shows it.
/// </summary>
internal static class EventBody
{
    public static void Write(Utf8JsonWriter json, JournalEvent e)
    {
        json.WriteStartObject();
        e.WriteData(json);
        json.WriteEndObject();
    }
}
