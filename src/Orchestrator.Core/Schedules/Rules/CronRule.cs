using System.Diagnostics.CodeAnalysis;
using Orchestrator.Core.Schedules.Zones;

namespace Orchestrator.Core.Schedules.Rules;

/// <summary>
/// A cron rule and the instants it means in a time zone. Five fields are Unix (minute hour day month weekday, 0 and 7 are
/// Sunday, a restricted day and a restricted weekday mean either); six or seven put seconds first and speak Quartz
/// (1 is Sunday, <c>? L W LW #</c>, an optional year); macros are <c>@hourly @daily @midnight @weekly @monthly @yearly @annually</c>,
/// and <c>@reboot</c>: when the service starts.
/// </summary>
public sealed class CronRule : ILocalRule
{
    private const string Start = "@reboot";
    private readonly CronFields? _fields;

    private CronRule(string text, CronFields? fields) => (Text, _fields) = (text, fields);

    /// <summary>The rule as it was written.</summary>
    public string Text { get; }

    /// <summary>Whether it means the start of the service, and no time.</summary>
    public bool IsAtStart => _fields is null;

    /// <summary>
    /// Whether the rule fires at least hourly within the hours it names: it runs through both passes of an hour the
    /// clock repeats and is never moved out of one the clock leaves out.
    /// </summary>
    public bool AtLeastHourly => _fields?.AtLeastHourly ?? false;

    /// <summary>Reads a rule. The error names the field, the value and what is allowed.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out CronRule? rule, [NotNullWhen(false)] out string? error)
    {
        error = null;
        if (Start.Equals(text?.Trim(), StringComparison.OrdinalIgnoreCase)) rule = new(text!.Trim(), null);
        else rule = CronReader.TryRead(text, out var fields, out error) ? new(text!.Trim(), fields) : null;
        return rule is not null;
    }

    /// <summary>
    /// The first instant after <paramref name="after"/> (strictly) that the rule means in <paramref name="zone"/>, in UTC;
    /// null when there is none.
    /// </summary>
    /// <param name="after">The instant.</param>
    /// <param name="zone">The zone whose clocks the rule reads.</param>
    /// <param name="dst">What a time means that the clocks leave out or repeat; default: it moves to the end of the gap, and the first pass counts.</param>
    public DateTimeOffset? Next(DateTimeOffset after, ZoneRules zone, DstRule dst = default) =>
        _fields is not null && LocalWalk.Next(this, zone, dst, after.UtcDateTime) is { } utc ? new DateTimeOffset(utc, TimeSpan.Zero) : null;

    /// <summary>The text.</summary>
    public override string ToString() => Text;

    DateTime? ILocalRule.After(DateTime floor) => _fields?.After(floor);
}
