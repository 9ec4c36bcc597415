using System.Text.Json.Serialization;

namespace Orchestrator.Core.Schedules.Zones;

/// <summary>What a local time means that the clocks leave out or repeat. A rule that fires at least hourly within the hours it names is not asked.</summary>
/// <param name="Gap">A time they leave out.</param>
/// <param name="Overlap">A time they repeat.</param>
public readonly record struct DstRule(GapRule Gap, OverlapPass Overlap);

/// <summary>What happens to a time that the clocks leave out.</summary>
[JsonConverter(typeof(WordJson<GapRule>))]
public enum GapRule
{
    /// <summary>It moves to the end of the gap (the default).</summary>
    Shift,
    /// <summary>It does not happen.</summary>
    Skip,
}

/// <summary>Which pass counts of a time that the clocks repeat.</summary>
[JsonConverter(typeof(WordJson<OverlapPass>))]
public enum OverlapPass
{
    /// <summary>The first (the default).</summary>
    First,
    /// <summary>The last.</summary>
    Last,
    /// <summary>Each.</summary>
    Both,
}
