using System.Text.Json.Serialization;
using Orchestrator.Core.Schedules.Rules;
using Orchestrator.Core.Schedules.Zones;

namespace Orchestrator.Core.Schedules.Simulation;

/// <summary>What clocks that are set do to a due time.</summary>
[JsonConverter(typeof(WordJson<ClockEffect>))]
public enum ClockEffect
{
    /// <summary>Nothing.</summary>
    None,
    /// <summary>Its local time is left out, so it is due at the end of the gap.</summary>
    Shifted,
    /// <summary>Its local time is left out, so it is not due.</summary>
    LeftOut,
    /// <summary>Its local time comes twice, and this is the first.</summary>
    FirstPass,
    /// <summary>Its local time comes twice, and this is the last.</summary>
    LastPass,
}

/// <summary>Tells which due times of a schedule clocks move, leave out or repeat.</summary>
public sealed class ClockEffects
{
    private readonly ZoneRules _zone;
    private readonly ScheduleTimes _times;
    private readonly ScheduleTimes _other;   // with the other rule for gaps
    private readonly bool _shifts;
    private readonly bool _isLocal;

    /// <param name="terms">The terms of the due times.</param>
    /// <param name="zone">The rules of their zone.</param>
    /// <param name="key">The schedule, <c>workflow/id</c>.</param>
    /// <param name="times">The due times.</param>
    public ClockEffects(ScheduleTerms terms, ZoneRules zone, string key, ScheduleTimes times)
    {
        _shifts = terms.Dst.Gap == GapRule.Shift;
        var other = terms with { Dst = terms.Dst with { Gap = _shifts ? GapRule.Skip : GapRule.Shift } };
        // A period does not follow the clocks.
        (_zone, _times, _isLocal) = (zone, times, terms.Every is null);
        _other = ScheduleTimes.TryCreate(other, zone, key, out var made, out _) ? made : times;
    }

    /// <summary>What the clocks do to a due time.</summary>
    public ClockEffect Of(DateTimeOffset due)
    {
        if (!_isLocal) return ClockEffect.None;
        if (_shifts && IsEndOfGap(due) && _other.Next(due.AddTicks(-1)) != due) return ClockEffect.Shifted;
        var local = _zone.LocalAt(due);
        if (_zone.FirstAt(local) < due) return ClockEffect.LastPass;
        return Repeats(due, local) ? ClockEffect.FirstPass : ClockEffect.None;
    }

    /// <summary>Ends of gaps into which due times fall that are not due therefore, in a range.</summary>
    /// <param name="after">After it (strictly).</param>
    /// <param name="to">Up to it.</param>
    public IEnumerable<DateTimeOffset> LeftOut(DateTimeOffset after, DateTimeOffset to)
    {
        if (!_isLocal || _shifts) yield break;
        foreach (var change in _zone.Changes)
        {
            var at = new DateTimeOffset(change.At, TimeSpan.Zero);
            if (at > to) yield break;
            if (at > after && IsEndOfGap(at) && _other.Next(at.AddTicks(-1)) == at && _times.Next(at.AddTicks(-1)) != at) yield return at;
        }
    }

    private bool IsEndOfGap(DateTimeOffset at) =>
        _zone.IndexAt(at.UtcDateTime) is var index && index > 0 && _zone[index].Start == at.UtcDateTime && _zone[index].Offset > _zone[index - 1].Offset;

    private bool Repeats(DateTimeOffset due, DateTime local)
    {
        for (var i = _zone.IndexAt(due.UtcDateTime) + 1; i <= _zone.Last && _zone[i].Start - due.UtcDateTime <= ZonePeriod.Reach; i++)
            if (_zone[i].Shows(local)) return true;
        return false;
    }
}
