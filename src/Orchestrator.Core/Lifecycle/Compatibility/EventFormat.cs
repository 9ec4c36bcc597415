using System.Text.Json.Serialization;

namespace Orchestrator.Core.Lifecycle.Compatibility;

/// <summary>The shapes in which lifecycle events can be rendered: our own and those of systems that people come from.</summary>
[JsonConverter(typeof(WordJson<EventFormat>))]
public enum EventFormat
{
    /// <summary>The envelope.</summary>
    Native,
    /// <summary>Events of an event bus with <c>event_type</c>, <c>source</c> and <c>priority</c>; durations in seconds.</summary>
    Codomyrmex,
    /// <summary>Workflow and stage messages with topic, type and payload; durations in milliseconds.</summary>
    Omninode,
    /// <summary>Task log and state log of a DAG runner; durations in seconds.</summary>
    Jsonl27,
    /// <summary>Life of a job and its modules as log records; durations in milliseconds.</summary>
    Job,
}
