using System.Text.Json.Serialization;

namespace Orchestrator.Core.Schedules.Ledger;

/// <summary>What happens to due times that were missed: after downtime, a pause, or when the clock was set.</summary>
/// <param name="Policy">Which of them are made up for.</param>
public sealed record CatchUpRule(CatchUpPolicy Policy)
{
    /// <summary>Only those that are no older; null: all.</summary>
    public TimeSpan? Window { get; init; }

    /// <summary>At most so many, the latest.</summary>
    public int Max { get; init; } = DefaultMax;

    /// <summary>What <see cref="Max"/> is where nothing is said.</summary>
    public const int DefaultMax = 100;

    /// <summary>None are.</summary>
    public static CatchUpRule None { get; } = new(CatchUpPolicy.None);
}

/// <summary>Which due times are made up for that were missed.</summary>
[JsonConverter(typeof(WordJson<CatchUpPolicy>))]
public enum CatchUpPolicy
{
    /// <summary>None (the default).</summary>
    None,
    /// <summary>The latest.</summary>
    Latest,
    /// <summary>All within the window, at most as many as said.</summary>
    All,
}

/// <summary>What a due time does that finds an earlier run of the schedule open.</summary>
[JsonConverter(typeof(WordJson<OverlapRule>))]
public enum OverlapRule
{
    /// <summary>Its run starts beside it (the default).</summary>
    Allow,
    /// <summary>It passes without a run.</summary>
    Skip,
    /// <summary>It waits until the earlier run has ended.</summary>
    Queue,
    /// <summary>The earlier run is cancelled.</summary>
    Replace,
}

/// <summary>What a due time does.</summary>
[JsonConverter(typeof(WordJson<ScheduleAction>))]
public enum ScheduleAction
{
    /// <summary>It starts a run (the default).</summary>
    Start,
    /// <summary>It cancels the open runs of the workflow.</summary>
    Stop,
    /// <summary>It cancels the open runs of the workflow and starts one when they have ended.</summary>
    Restart,
}

/// <summary>How due times of a schedule are decided.</summary>
public sealed record SchedulePolicy
{
    /// <summary>The default.</summary>
    public static SchedulePolicy Default { get; } = new();

    /// <summary>What happens to missed ones.</summary>
    public CatchUpRule CatchUp { get; init; } = CatchUpRule.None;

    /// <summary>What happens where an earlier run is open.</summary>
    public OverlapRule Overlap { get; init; }

    /// <summary>What a due time does.</summary>
    public ScheduleAction Action { get; init; }
}
