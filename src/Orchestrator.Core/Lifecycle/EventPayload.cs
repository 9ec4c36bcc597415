using System.Text.Json;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Serialization;

namespace Orchestrator.Core.Lifecycle;

/// <summary>The members of an event as JSON, spelled as in the journal: the one place where envelopes meet its serialisation.</summary>
internal static class EventPayload
{
    public static void Write(Utf8JsonWriter writer, JournalEvent e) => EventBody.Write(writer, e);
}
