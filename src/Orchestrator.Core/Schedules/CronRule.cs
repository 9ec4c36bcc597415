using System.Diagnostics.CodeAnalysis;

namespace Orchestrator.Core.Schedules;

/// <summary>
/// A cron rule and the instants it means in a time zone. Five fields are Unix (minute hour day month weekday, 0 and 7 are
/// Sunday, a restricted day and a restricted weekday mean either); six or seven put seconds first and speak Quartz
/// (1 is Sunday, <c>? L W LW #</c>, an optional year); macros are <c>@hourly @daily @midnight @weekly @monthly @yearly @annually</c>.
/// </summary>
public sealed class CronRule
{
    private readonly CronFields _fields;

    private CronRule(string text, CronFields fields) => (Text, _fields) = (text, fields);

    /// <summary>The rule as it was written.</summary>
    public string Text { get; }

    /// <summary>
    /// Whether the rule names no hour: it fires in every hour of its days, so it runs through both passes of an hour the
    /// clock repeats and is never moved out of one the clock leaves out.
    /// </summary>
    public bool FiresEveryHour => _fields.EveryHour;

    /// <summary>Reads a rule. The error names the field, the value and what is allowed.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out CronRule? rule, [NotNullWhen(false)] out string? error)
    {
        rule = CronReader.TryRead(text, out var fields, out error) ? new(text!.Trim(), fields) : null;
        return rule is not null;
    }

    /// <summary>
    /// The first instant after <paramref name="after"/> (strictly) that the rule means in <paramref name="zone"/>, in UTC;
    /// null when there is none. A local time the clock leaves out fires when the gap ends; one it repeats fires the first time.
    /// </summary>
    public DateTimeOffset? Next(DateTimeOffset after, TimeZoneInfo zone)
    {
        if (after.UtcDateTime.Year > 9000) return null;
        var clock = new ZoneClock(zone);
        var from = after.UtcDateTime < ZoneClock.Earliest ? ZoneClock.Earliest : after.UtcDateTime;
        var next = EveryPass(clock) ? NextOfEveryPass(clock, from) : NextOfFirstPass(clock, from);
        return next is { } utc ? new DateTimeOffset(utc, TimeSpan.Zero) : null;
    }

    /// <summary>The text.</summary>
    public override string ToString() => Text;

    private bool EveryPass(ZoneClock clock) => FiresEveryHour || clock.IsConstant;

    // The clock's highest reading so far only grows, so the instants at which it first reaches or passes the matching local
    // times are in order whatever the zone does: this is "shift to the end of the gap" and "the first pass" in one.
    private DateTime? NextOfFirstPass(ZoneClock clock, DateTime after) =>
        _fields.After(clock.HighestUntil(after)) is { } local ? clock.FirstReaching(local) : null;

    private DateTime? NextOfEveryPass(ZoneClock clock, DateTime after)
    {
        var at = after;
        var floor = clock.LocalAt(at);
        while (_fields.After(floor) is { } local)
        {
            var hit = local - clock.OffsetAt(at);
            var far = hit - at > ZoneClock.Reach * 2;
            if (clock.ChangeIn(at, far ? at + ZoneClock.Reach : hit) is { } change)
                (at, floor) = (change, clock.LocalAt(change).AddTicks(-1));   // the change itself may be a hit
            else if (far)
                floor = clock.LocalAt(at = hit - ZoneClock.Reach);            // nothing lies between: look again close by
            else
                return hit;
        }
        return null;
    }
}
