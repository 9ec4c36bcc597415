using System.Diagnostics;

namespace Orchestrator.Engine.Telemetry.Tracing;

/// <summary>What is known of a task whose span is not made yet.</summary>
internal sealed class OpenTask
{
    /// <summary>Since when only a place is missing.</summary>
    public DateTimeOffset? Ready { get; set; }

    /// <summary>Start of the first attempt.</summary>
    public DateTimeOffset? First { get; set; }

    /// <summary>Seconds the task waited before the attempt in flight; null for the first.</summary>
    public double? Delay { get; set; }

    public List<ActivityEvent> Moments { get; } = [];
}
