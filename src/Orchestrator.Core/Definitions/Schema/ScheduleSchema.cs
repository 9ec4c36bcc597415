using System.Text.Json.Nodes;
using Orchestrator.Core.Definitions.Reading;
using Orchestrator.Core.Schedules.Ledger;
using Orchestrator.Core.Schedules.Zones;
using static Orchestrator.Core.Definitions.Schema.SchemaTypes;

namespace Orchestrator.Core.Definitions.Schema;

/// <summary>The schema of schedules and calendars.</summary>
internal static class ScheduleSchema
{
    public static JsonObject Schedule()
    {
        var schedule = Map("A schedule.", ["id"],
            new("id", "Unique within the workflow.", Name()),
            new("cron", "Five fields as in Unix, six or seven with seconds first, or a macro such as @daily or @reboot.", Text()),
            new("every", "A period, counted from start, or from 1970 where there is none.", Duration()),
            new("at", "Single times: 2026-12-24T18:00 in the schedule's zone, or 2026-12-24T18:00:00Z.", OneOrMore(Text)),
            new("rrule", "A recurrence rule of RFC 5545 such as FREQ=MONTHLY;BYDAY=-1FR; needs start.", Text()),
            new("timezone", "IANA name. Default UTC.", Text()),
            new("dst", "What a local time means that the clocks leave out or repeat.", Ref("dst")),
            new("calendars", "Calendars of the workflow that the days follow.", Ref("calendar_choice")),
            new("start", "Nothing is due before it.", Text()),
            new("end", "Nothing is due after it.", Text()),
            new("jitter", "Each run starts up to so much after its due time, the same for the same due time.", Duration()),
            new("expected_by", "By when a run must have completed: a time after the due time such as 30m, or a time of day in the schedule's zone such as 06:00. Otherwise schedule.overdue.", Text()),
            new("heartbeat", "Address of an outside monitor: POST to it with /start when a run begins, to itself when it completed, with /fail otherwise.", Text()),
            new("catchup", "What happens to missed due times. Default none.", AnyOf(Word<CatchUpPolicy>(), Ref("catchup"))),
            new("overlap", "What a due time does that finds an earlier run open. Default allow.", Word<OverlapRule>()),
            new("action", "What a due time does: start a run, stop the open runs of the workflow (cancel them), or restart: stop them and start one when they have ended. Default start.", Word<ScheduleAction>()),
            new("enabled", "Whether it fires.", Flag()),
            new("params", "Parameter values of its runs.", MapOf(Any())));
        schedule["oneOf"] = ExactlyOne(Vocabulary.ScheduleRules);
        return schedule;
    }

    public static JsonObject Dst() => Map("What a local time means that the clocks leave out or repeat.", [],
        new("gap", "A time they leave out: moved to the end of the gap, or not due. Default shift.", Word<GapRule>()),
        new("overlap", "Which pass counts of a time they repeat. Default first.", Word<OverlapPass>()));

    public static JsonObject Choice() => Map("Calendars by name.", [],
        new("exclude", "Nothing is due on their days.", OneOrMore(Text)),
        new SchemaKey("only", "Something is due on their days alone.", OneOrMore(Text)));

    public static JsonObject Catchup() => Map("What happens to missed due times.", ["policy"],
        new("policy", "Which of them start runs after all.", Word<CatchUpPolicy>()),
        new("window", "Only those that are no older. Required with all.", Duration()),
        new("max", "At most so many, the latest. Default 100.", Whole(1, ScheduleReader.MaxCatchup)));

    public static JsonObject Calendar() => Map("A set of days: whatever one of its keys names.", [],
        new("weekdays", "sun, mon, tue, wed, thu, fri, sat.", OneOrMore(Text)),
        new("dates", "Days such as 2026-12-24.", OneOrMore(Text)),
        new("yearly", "Days of every year such as 12-24.", OneOrMore(Text)),
        new("ranges", "Days from one to another, both included: 2026-07-01..2026-07-31.", OneOrMore(Text)),
        new("ics", "An iCalendar file whose events' days are in it; relative to the definition's file.", Text()));
}
