using System.Text.Json;
using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Serialization;

/// <summary>What a process used, spelled the same in the journal and in views.</summary>
internal static class UsageBody
{
    public static void Write(Utf8JsonWriter json, ProcessUsage usage)
    {
        json.WriteStartObject("usage"u8);
        json.WriteNumber("cpu_user_ms"u8, usage.CpuUserMs);
        json.WriteNumber("cpu_system_ms"u8, usage.CpuSystemMs);
        if (usage.PeakMemoryBytes is { } peak) json.WriteNumber("peak_memory_bytes"u8, peak);
        json.WriteNumber("disk_read_bytes"u8, usage.DiskReadBytes);
        json.WriteNumber("disk_write_bytes"u8, usage.DiskWriteBytes);
        json.WriteEndObject();
    }

    public static void WriteOrNull(Utf8JsonWriter json, ProcessUsage? usage)
    {
        if (usage is null) json.WriteNull("usage"u8);
        else Write(json, usage);
    }
}
