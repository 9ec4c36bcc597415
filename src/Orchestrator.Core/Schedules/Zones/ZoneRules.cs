using System.Collections.Immutable;

namespace Orchestrator.Core.Schedules.Zones;

/// <summary>From an instant on, the clocks of a zone are this far ahead of UTC.</summary>
/// <param name="At">The instant, UTC.</param>
/// <param name="Offset">Local time less UTC.</param>
public readonly record struct ZoneChange(DateTime At, TimeSpan Offset);

/// <summary>
/// The rules of a time zone as data: what its clocks show at every instant. Occurrences are computed from it alone, so they do not
/// depend on what a machine has installed.
/// </summary>
public sealed class ZoneRules
{
    private readonly ImmutableArray<ZonePeriod> _periods;

    private ZoneRules(string id, string version, ImmutableArray<ZonePeriod> periods) => (Id, Version, _periods) = (id, version, periods);

    /// <summary>UTC itself.</summary>
    public static ZoneRules Utc { get; } = Create("UTC", "", TimeSpan.Zero, []);

    /// <summary>IANA name.</summary>
    public string Id { get; }

    /// <summary>Version of the time zone data, such as <c>2025b</c>; empty where it is not known.</summary>
    public string Version { get; }

    /// <summary>Every change of the offset that is known, in order.</summary>
    public IEnumerable<ZoneChange> Changes => _periods.Skip(1).Select(p => new ZoneChange(p.Start, p.Offset));

    internal int Last => _periods.Length - 1;

    internal ZonePeriod this[int index] => _periods[index];

    /// <summary>Puts a zone together.</summary>
    /// <param name="id">IANA name.</param>
    /// <param name="version">Version of the data; empty where it is not known.</param>
    /// <param name="first">The offset before the first change.</param>
    /// <param name="changes">Changes in order; one to the offset that holds already is left out.</param>
    public static ZoneRules Create(string id, string version, TimeSpan first, IEnumerable<ZoneChange> changes)
    {
        var periods = ImmutableArray.CreateBuilder<ZonePeriod>();
        var (start, offset) = (DateTime.SpecifyKind(DateTime.MinValue, DateTimeKind.Utc), first);
        foreach (var change in changes)
        {
            if (change.Offset == offset || change.At <= start) continue;
            var at = DateTime.SpecifyKind(change.At, DateTimeKind.Utc);
            periods.Add(new(start, at, offset));
            (start, offset) = (at, change.Offset);
        }
        periods.Add(new(start, DateTime.SpecifyKind(DateTime.MaxValue, DateTimeKind.Utc), offset));
        return new(id, version, periods.ToImmutable());
    }

    /// <summary>Local time less UTC at an instant.</summary>
    public TimeSpan OffsetAt(DateTimeOffset instant) => _periods[IndexAt(instant.UtcDateTime)].Offset;

    /// <summary>What the zone's clocks show at an instant.</summary>
    public DateTime LocalAt(DateTimeOffset instant) => _periods[IndexAt(instant.UtcDateTime)].Local(instant.UtcDateTime);

    /// <summary>The first instant at which the zone's clocks show a local time or more: for one they leave out, the end of the gap.</summary>
    public DateTimeOffset FirstAt(DateTime local)
    {
        var period = _periods[IndexAt(ZonePeriod.Clamp(local.Ticks - ZonePeriod.Reach.Ticks, DateTimeKind.Utc))];
        for (var index = IndexAt(period.Start); ; index++)
        {
            period = _periods[index];
            if (index < Last && local >= period.LocalEnd) continue;
            return new(local <= period.LocalStart ? period.Start : ZonePeriod.Clamp(local.Ticks - period.Offset.Ticks, DateTimeKind.Utc), TimeSpan.Zero);
        }
    }

    /// <summary>The period an instant lies in.</summary>
    internal int IndexAt(DateTime utc)
    {
        var (low, high) = (0, _periods.Length - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (_periods[middle].Start.Ticks <= utc.Ticks) low = middle;
            else high = middle - 1;
        }
        return low;
    }
}

/// <summary>A time during which the offset does not change, from its start up to but not including its end.</summary>
internal readonly record struct ZonePeriod(DateTime Start, DateTime End, TimeSpan Offset)
{
    /// <summary>No clock was ever set by more than a day, and no offset is that large.</summary>
    public static readonly TimeSpan Reach = TimeSpan.FromHours(26);

    public DateTime LocalStart => Start == DateTime.MinValue ? DateTime.MinValue : Local(Start);

    /// <summary>What clocks would show at the end; they never quite do.</summary>
    public DateTime LocalEnd => End == DateTime.MaxValue ? DateTime.MaxValue : Local(End);

    public DateTime Local(DateTime utc) => Clamp(utc.Ticks + Offset.Ticks, DateTimeKind.Unspecified);

    public DateTime Utc(DateTime local) => Clamp(local.Ticks - Offset.Ticks, DateTimeKind.Utc);

    public bool Shows(DateTime local) => local >= LocalStart && local < LocalEnd;

    public static DateTime Clamp(long ticks, DateTimeKind kind) => new(Math.Clamp(ticks, DateTime.MinValue.Ticks, DateTime.MaxValue.Ticks), kind);
}
