using Orchestrator.Core.Schedules.Ledger;

namespace Orchestrator.Engine.Queries;

/// <summary>The due times of a schedule within an hour of a day.</summary>
/// <param name="Workflow">The workflow.</param>
/// <param name="Schedule">The schedule.</param>
/// <param name="Date">The day, as the clocks of the page's zone show it.</param>
/// <param name="Hour">The hour, 0 to 23.</param>
/// <param name="Count">How many due times.</param>
/// <param name="FirstAt">The first.</param>
/// <param name="LastAt">The last.</param>
internal sealed record CalendarCell(string Workflow, string Schedule, DateOnly Date, int Hour, int Count, DateTimeOffset FirstAt, DateTimeOffset LastAt);

/// <summary>A day of a calendar.</summary>
/// <param name="Date">The day.</param>
/// <param name="ClockChange">How far the zone's clocks are set on it, in minutes; null: they are not.</param>
/// <param name="LeftOut">Hours that do not exist on it.</param>
internal sealed record CalendarDay(DateOnly Date, int? ClockChange, IReadOnlyList<int> LeftOut);

/// <summary>A schedule of a calendar.</summary>
/// <param name="Workflow">The workflow.</param>
/// <param name="Schedule">The schedule.</param>
/// <param name="State">Whether it fires.</param>
/// <param name="Rule">Its rule as one text.</param>
/// <param name="Timezone">Its zone.</param>
/// <param name="Action">What a due time does.</param>
/// <param name="Cut">Whether it has more due times than were counted.</param>
internal sealed record CalendarSchedule(string Workflow, string Schedule, ScheduleStanding State, string Rule, string Timezone, ScheduleAction Action, bool Cut);

/// <summary>Due times by hours of days.</summary>
/// <param name="Timezone">The zone whose clocks are shown.</param>
/// <param name="Days">The days, in their order.</param>
/// <param name="Schedules">Those that have due times in them.</param>
/// <param name="Cells">Hours that have due times, in the order of their first.</param>
internal sealed record CalendarPage(string Timezone, IReadOnlyList<CalendarDay> Days, IReadOnlyList<CalendarSchedule> Schedules, IReadOnlyList<CalendarCell> Cells);
