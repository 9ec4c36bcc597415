using System.Text.Json.Serialization;

namespace Orchestrator.Core.Lifecycle;

/// <summary>How much an event matters to the reader of a log.</summary>
[JsonConverter(typeof(WordJson<EventSeverity>))]
public enum EventSeverity
{
    /// <summary>Progress.</summary>
    Debug,
    /// <summary>A milestone.</summary>
    Info,
    /// <summary>Something went wrong that may still be mended.</summary>
    Warn,
    /// <summary>Something failed for good.</summary>
    Error,
}
