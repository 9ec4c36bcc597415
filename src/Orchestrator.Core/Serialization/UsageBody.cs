using System.Text.Json;
using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Serialization;

/// <summary>What a process used, spelled the same in the journal and in views.</summary>
internal static class UsageBody
{
    public static void WriteOrNull(Utf8JsonWriter json, ProcessUsage? usage)
    {
        if (usage is null)
        {
            json.WriteNull("usage"u8);
            return;
        }
        json.WriteStartObject("usage"u8);
        EventParts.Write(json, usage);
        json.WriteEndObject();
    }
}
