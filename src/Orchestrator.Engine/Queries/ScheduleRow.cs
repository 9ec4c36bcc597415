using System.Text.Json.Serialization;
using Orchestrator.Core;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules.Ledger;
using Orchestrator.Core.Schedules.Manual;

namespace Orchestrator.Engine.Queries;

/// <summary>Whether a schedule fires.</summary>
[JsonConverter(typeof(WordJson<ScheduleStanding>))]
internal enum ScheduleStanding
{
    /// <summary>It fires when `serve` runs.</summary>
    Active,
    /// <summary>A user paused it.</summary>
    Paused,
    /// <summary>Its definition says that it is off.</summary>
    Disabled,
    /// <summary>Its rule has no due time any more.</summary>
    Finished,
    /// <summary>It cannot be used: its zone or a calendar's file is missing.</summary>
    Refused,
}

/// <summary>A schedule as lists show it.</summary>
internal sealed record ScheduleRow
{
    public required string Workflow { get; init; }

    public required string Schedule { get; init; }

    public required ScheduleStanding State { get; init; }

    /// <summary>The rule as one text.</summary>
    public required string Rule { get; init; }

    public required string Timezone { get; init; }

    /// <summary>The next due time by the rule; null: there is none, or it is not a time.</summary>
    public DateTimeOffset? NextAt { get; init; }

    /// <summary>The same as the zone's clocks show it, with their offset.</summary>
    public string? NextLocal { get; init; }

    /// <summary>How far the zone's clocks are set on that day, in minutes; null: they are not.</summary>
    public int? ClockChange { get; init; }

    public required CatchUpPolicy Catchup { get; init; }

    public required OverlapRule Overlap { get; init; }

    /// <summary>What a due time does.</summary>
    public required ScheduleAction Action { get; init; }

    /// <summary>Since when it is paused.</summary>
    public DateTimeOffset? PausedAt { get; init; }

    /// <summary>Who paused it.</summary>
    public string? PausedBy { get; init; }

    /// <summary>Why.</summary>
    public string? PauseReason { get; init; }

    /// <summary>When it resumes by itself.</summary>
    public DateTimeOffset? PausedUntil { get; init; }

    /// <summary>Whether it is paused because all are.</summary>
    public bool PausedWithAll { get; init; }

    /// <summary>The due time that was last started.</summary>
    public DateTimeOffset? LastDueAt { get; init; }

    /// <summary>Its run.</summary>
    public RunId? LastRunId { get; init; }

    /// <summary>Due times that wait for an earlier run.</summary>
    public int Queued { get; init; }

    /// <summary>Runs that are not accepted yet.</summary>
    public int Pending { get; init; }

    /// <summary>Whether its ledger has the rule as it is now; false until `serve` has seen it.</summary>
    public bool InForce { get; init; }

    /// <summary>Why it cannot be used.</summary>
    public string? Problem { get; init; }
}

/// <summary>All schedules.</summary>
/// <param name="Schedules">Each of them.</param>
/// <param name="All">Whether all of them are paused.</param>
internal sealed record SchedulePage(IReadOnlyList<ScheduleRow> Schedules, AllSchedulesRow All);

/// <summary>Whether all schedules are paused, since and until when, by whom and why.</summary>
internal sealed record AllSchedulesRow(bool Paused, DateTimeOffset? PausedAt, string? PausedBy, string? PauseReason, DateTimeOffset? PausedUntil)
{
    public static AllSchedulesRow Of(SchedulePause? pause) => new(pause is not null, pause?.At, pause?.Actor, pause?.Reason, pause?.Until);
}

/// <summary>A due time to come.</summary>
internal sealed record DueRow
{
    public required string Workflow { get; init; }

    public required string Schedule { get; init; }

    public required DateTimeOffset DueAt { get; init; }

    /// <summary>The same as the zone's clocks show it, with their offset.</summary>
    public required string Local { get; init; }

    public required string Timezone { get; init; }

    /// <summary>When its run starts, where jitter moves it.</summary>
    public DateTimeOffset? StartsAt { get; init; }

    /// <summary>How far the zone's clocks are set on that day, in minutes; null: they are not.</summary>
    public int? ClockChange { get; init; }

    public required ScheduleStanding State { get; init; }
}

/// <summary>Due times to come, in their order.</summary>
/// <param name="DueTimes">The due times.</param>
/// <param name="HasMore">Whether there are more within what was asked for.</param>
internal sealed record DuePage(IReadOnlyList<DueRow> DueTimes, bool HasMore);

/// <summary>An entry of a schedule's ledger.</summary>
internal sealed record HistoryRow
{
    /// <summary>The stream it is in: the schedule's ledger, or its manual runs.</summary>
    public required string Stream { get; init; }

    public required long Seq { get; init; }

    /// <summary>When it was written.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The event's name, such as <c>schedule.fired</c>.</summary>
    public required string Type { get; init; }

    /// <summary>The due time; of a range, the first.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>The last due time of a range.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>How many due times it covers.</summary>
    public int? Count { get; init; }

    /// <summary>The run that it starts, or that is in the way.</summary>
    public RunId? RunId { get; init; }

    /// <summary>Of a requested run: the request.</summary>
    public string? RequestId { get; init; }

    /// <summary>Why, in a word or a sentence.</summary>
    public string? Reason { get; init; }

    /// <summary>Who did it.</summary>
    public string? Actor { get; init; }

    /// <summary>The due time that was waited for from then on.</summary>
    public DateTimeOffset? NextDueAt { get; init; }
}

/// <summary>What a request for a run came to.</summary>
internal sealed record ManualRunRow(string Workflow, string Schedule, string RequestId, ManualFate Outcome, RunId RunId, RunId? By, string? Error, bool AlreadyExisted);

/// <summary>Entries of a ledger, newest first.</summary>
/// <param name="Entries">The entries.</param>
/// <param name="NextCursor">Where the next page begins; null on the last.</param>
internal sealed record HistoryPage(IReadOnlyList<HistoryRow> Entries, string? NextCursor);

/// <summary>A look at all schedules that was asked for.</summary>
/// <param name="Resident">Whether the service decides what is due by itself, so that there was nothing to look for.</param>
internal sealed record LookRow(bool Resident);
