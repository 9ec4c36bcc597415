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
            new("every", "A period, counted from start, or from 1970 without one.", Duration()),
            new("at", "Single times: 2026-12-24T18:00 in the schedule's zone, or 2026-12-24T18:00:00Z.", OneOrMore(Text)),
            new("rrule", "A recurrence rule of RFC 5545 such as FREQ=MONTHLY;BYDAY=-1FR; needs start.", Text()),
            new("timezone", "IANA name. Default UTC.", Text()),
            new("dst", "What happens at a local time that the clocks skip or repeat.", Ref("dst")),
            new("calendars", "Calendars of the workflow that the days follow.", Ref("calendar_choice")),
            new("start", "Nothing is due before it.", Text()),
            new("end", "Nothing is due after it.", Text()),
            new("jitter", "Each run starts up to this long after its due time; one due time always has the same delay.", Duration()),
            new("expected_by", "When a run must have completed: a time after the due time such as 30m, or a time of day in the schedule's zone such as 06:00. Otherwise schedule.overdue follows.", Text()),
            new("heartbeat", "Address of an external monitor: a POST to it with /start when a run begins, without when it completed, with /fail otherwise.", Text()),
            new("catchup", "What happens to missed due times. Default none.", AnyOf(Word<CatchUpPolicy>(), Ref("catchup"))),
            new("overlap", "What a due time does while an earlier run is open. Default allow.", Word<OverlapRule>()),
            new("action", "What a due time does: start a run, stop the open runs of the workflow (cancel them), or restart: stop them and start one when they have ended. Default start.", Word<ScheduleAction>()),
            new("enabled", "Whether it fires.", Flag()),
            new("params", "Parameter values of its runs.", MapOf(Any())));
        schedule["oneOf"] = ExactlyOne(Vocabulary.ScheduleRules);
        return schedule;
    }

    public static JsonObject Dst() => Map("What happens at a local time that the clocks skip or repeat.", [],
        new("gap", "A time they skip: moved to the end of the gap, or not due. Default shift.", Word<GapRule>()),
        new("overlap", "A time they repeat: which pass counts. Default first.", Word<OverlapPass>()));

    public static JsonObject Choice() => Map("Calendars by name.", [],
        new("exclude", "Their days have no due times.", OneOrMore(Text)),
        new SchemaKey("only", "Only their days have due times.", OneOrMore(Text)));

    public static JsonObject Catchup() => Map("What happens to missed due times.", ["policy"],
        new("policy", "Which missed due times still start runs.", Word<CatchUpPolicy>()),
        new("window", "Only due times that are no older. Required with all.", Duration()),
        new("max", "At most this many, the latest ones. Default 100.", Whole(1, ScheduleReader.MaxCatchup)));

    public static JsonObject Calendar() => Map("A set of days: all days that any of its keys names.", [],
        new("weekdays", "sun, mon, tue, wed, thu, fri, sat.", OneOrMore(Text)),
        new("dates", "Days such as 2026-12-24.", OneOrMore(Text)),
        new("yearly", "Days of every year such as 12-24.", OneOrMore(Text)),
        new("ranges", "Days from one to another, both included: 2026-07-01..2026-07-31.", OneOrMore(Text)),
        new("ics", "An iCalendar file whose events give the days; relative to the definition's file.", Text()));
}
