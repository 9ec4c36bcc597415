using System.Text.Json.Serialization;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Lifecycle;

namespace Orchestrator.Core.Runs;

/// <summary>A run, or one of its tasks, takes longer than expected or soon will. Told once each; nothing is stopped.</summary>
public abstract record SlaEvent : RunEvent
{
    /// <summary>The task; null: the run itself.</summary>
    [JsonPropertyName("sla_task"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TaskId? Subject { get; init; }

    /// <summary>Milliseconds it was expected to take at most.</summary>
    public double ExpectedMs { get; init; }

    /// <summary>Milliseconds it has taken.</summary>
    public double ElapsedMs { get; init; }
}

/// <summary>The part of the expected time that means risk has passed.</summary>
[EventType("sla.at_risk", 4064, EventSeverity.Warn)]
public sealed partial record SlaAtRisk : SlaEvent;

/// <summary>The expected time has passed.</summary>
[EventType("sla.exceeded", 4065, EventSeverity.Warn)]
public sealed partial record SlaExceeded : SlaEvent;
