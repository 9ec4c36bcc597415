using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Orchestrator.Core.Schedules.Rules;
using Orchestrator.Core.Schedules.Zones;
using Orchestrator.Engine.Files;

namespace Orchestrator.Engine.Scheduling;

/// <summary>The time zones of this machine as data, read once.</summary>
internal sealed class ScheduleZones
{
    private static readonly string[] s_versions = ["/usr/share/zoneinfo/tzdata.zi", "/usr/share/zoneinfo/+VERSION"];
    private readonly ConcurrentDictionary<string, ZoneRules> _zones = new();
    private readonly Lazy<string> _version = new(FindVersion);

    public bool TryFind(string id, [NotNullWhen(true)] out ZoneRules? zone, [NotNullWhen(false)] out string? error)
    {
        error = null;
        if (_zones.TryGetValue(id, out zone)) return true;
        if (!ScheduleZone.TryFind(id, out var known, out error)) return false;
        zone = _zones.GetOrAdd(id, ZoneReading.Rules(known, _version.Value));
        return true;
    }

    /// <summary>The due times of terms that a ledger has; null where they cannot be computed on this machine.</summary>
    /// <param name="terms">The terms.</param>
    /// <param name="key">The schedule, which its jitter is derived from.</param>
    public ScheduleTimes? TimesOf(ScheduleTerms terms, string key) =>
        TryFind(terms.Timezone, out var zone, out _) && ScheduleTimes.TryCreate(terms, zone, key, out var times, out _) ? times : null;

    // The first line is "# version 2025b", or the version alone.
    private static string FindVersion()
    {
        foreach (var path in s_versions)
        {
            try
            {
                if (!File.Exists(path)) continue;
                var words = (RegularFile.Lines(path).FirstOrDefault() ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
                if (words is [.., { Length: <= 20 } version]) return version;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }   // it is only told, nothing depends on it
        }
        return "";
    }
}
