using System.Diagnostics.CodeAnalysis;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Schedules.Rules;
using Orchestrator.Core.Schedules.Zones;

namespace Orchestrator.Engine.Scheduling;

/// <summary>A schedule that is in force, with the due time it waits for.</summary>
internal sealed record ArmedSchedule(WorkflowDefinition Workflow, ScheduleDefinition Schedule, CronRule Rule, ZoneRules Zone)
{
    /// <summary>Unique over all workflows; also what run ids are derived from.</summary>
    public string Key => KeyOf(Workflow, Schedule);

    /// <summary>The due time it waits for; null when the rule has no further one.</summary>
    public DateTimeOffset? Due { get; init; }

    public static string KeyOf(WorkflowDefinition workflow, ScheduleDefinition schedule) => $"{workflow.Name}/{schedule.Id}";

    /// <summary>Whether both mean the same instants.</summary>
    public bool SameTimes(ArmedSchedule other) => Schedule.Cron == other.Schedule.Cron && Schedule.Timezone == other.Schedule.Timezone;

    public static bool TryCreate(
        WorkflowDefinition workflow, ScheduleDefinition schedule, [NotNullWhen(true)] out ArmedSchedule? armed, [NotNullWhen(false)] out string? error)
    {
        armed = null;
        if (!CronRule.TryParse(schedule.Cron, out var rule, out error) || !ScheduleZone.TryFind(schedule.Timezone, out var zone, out error)) return false;
        armed = new(workflow, schedule, rule, ZoneReading.Rules(zone));
        return true;
    }
}

/// <summary>Rings for a schedule at an instant; early and repeated rings are recognised by it.</summary>
internal readonly record struct Alarm(string Key, DateTimeOffset Due);

/// <summary>Something that rings: Quartz in the program.</summary>
/// <param name="Arm">Ring for this alarm at an instant, not before its due time unless it is a repetition.</param>
/// <param name="Disarm">Do not ring for it any more.</param>
internal sealed record AlarmClock(Func<Alarm, DateTimeOffset, CancellationToken, Task> Arm, Func<Alarm, CancellationToken, Task> Disarm);
