using System.Diagnostics.CodeAnalysis;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Schedules.Calendars;
using Orchestrator.Core.Schedules.Rules;
using Orchestrator.Engine.Files;

namespace Orchestrator.Engine.Scheduling;

/// <summary>A schedule of a definition with its due times.</summary>
internal sealed record ArmedSchedule(WorkflowDefinition Workflow, ScheduleDefinition Schedule, ScheduleTerms Terms, ScheduleTimes Times)
{
    private const int MaxCalendarBytes = 10 << 20;

    /// <summary>Unique over all workflows; also what run ids are derived from.</summary>
    public string Key => KeyOf(Workflow, Schedule.Id);

    public static string KeyOf(WorkflowDefinition workflow, string schedule) => $"{workflow.Name}/{schedule}";

    /// <param name="mayPass">Whether the trouble is that of a file, which another look may find mended.</param>
    public static bool TryCreate(
        WorkflowDefinition workflow, ScheduleDefinition schedule, ScheduleZones zones, [NotNullWhen(true)] out ArmedSchedule? armed, [NotNullWhen(false)] out string? error, out bool mayPass)
    {
        (armed, mayPass) = (null, false);
        if (!zones.TryFind(schedule.Timezone, out var zone, out error)) return false;
        string? unread = null;
        var terms = schedule.Terms(name => Read(workflow, name, ref unread));
        error = unread;
        mayPass = unread is not null;
        if (error is not null || !ScheduleTimes.TryCreate(terms, zone, KeyOf(workflow, schedule.Id), out var times, out error)) return false;
        armed = new(workflow, schedule, terms, times);
        return true;
    }

    // The days of a file become those of the calendar: what the ledger keeps does not depend on the file.
    private static DayCalendar Read(WorkflowDefinition workflow, string name, ref string? error)
    {
        if (!workflow.Calendars.TryGetValue(name, out var calendar)) error ??= $"the workflow has no calendar '{name}'";
        if (calendar?.Ics is not { } file) return calendar ?? new();
        var path = Path.GetFullPath(file, workflow.BaseDir ?? Directory.GetCurrentDirectory());
        try
        {
            if (RegularFile.TryReadText(path, followLink: true, most: MaxCalendarBytes) is not { } text)
                error ??= $"calendar '{name}': {path} does not exist or is no regular file";
            else if (!IcsCalendar.TryRead(text, out var days, out var wrong)) error ??= $"calendar '{name}': {path}: {wrong}";
            else return calendar with { Ics = null, Ranges = [.. calendar.Ranges, .. days.Ranges] };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { error ??= $"calendar '{name}': {e.Message}"; }
        return calendar;
    }
}

/// <summary>Rings for a schedule at an instant; early and repeated rings are harmless.</summary>
/// <param name="Key">The schedule.</param>
/// <param name="Due">The due time, or what is tried again.</param>
/// <param name="IsRetry">Whether it rings to try again, beside the alarm of the next due time.</param>
internal readonly record struct Alarm(string Key, DateTimeOffset Due, bool IsRetry = false);

/// <summary>Something that rings: Quartz in the program.</summary>
/// <param name="Arm">Ring for this alarm at an instant; an earlier alarm of the same schedule and kind is void.</param>
/// <param name="Disarm">Do not ring for it any more.</param>
internal sealed record AlarmClock(Func<Alarm, DateTimeOffset, CancellationToken, Task> Arm, Func<Alarm, CancellationToken, Task> Disarm);
