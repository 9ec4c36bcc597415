using System.Diagnostics.CodeAnalysis;
using System.Security;

namespace Orchestrator.Core.Schedules.Zones;

/// <summary>Finds the time zones that schedules name.</summary>
public static class ScheduleZone
{
    /// <summary>Finds an IANA zone; the error names the text and the zones it may mean. Abbreviations such as EST are refused.</summary>
    public static bool TryFind(string id, [NotNullWhen(true)] out TimeZoneInfo? zone, [NotNullWhen(false)] out string? error)
    {
        (zone, error) = (null, ZoneAbbreviations.Refuse(id));
        if (error is not null) return false;
        try { zone = TimeZoneInfo.FindSystemTimeZoneById(id); }
        catch (Exception e) when (e is TimeZoneNotFoundException or InvalidTimeZoneException or SecurityException or ArgumentException)
        {
            var near = Nearest(id);
            error = $"'{id}' is not a time zone of this machine" + (near.Length == 0 ? ": write an IANA name such as Europe/Helsinki, or UTC."
                : $": did you mean {string.Join(" or ", near)}?");
        }
        return zone is not null;
    }

    private static string[] Nearest(string id)
    {
        if (id.Length > 60) return [];
        var city = Compact(id[(id.LastIndexOf('/') + 1)..]);
        return [.. TimeZoneInfo.GetSystemTimeZones()
            .Select(z => (z.Id, Distance: Math.Min(Distance(Compact(id), Compact(z.Id)), Distance(city, Compact(z.Id[(z.Id.LastIndexOf('/') + 1)..])))))
            .Where(z => z.Distance <= 2)
            .OrderBy(z => z.Distance).ThenBy(z => z.Id, StringComparer.Ordinal)
            .Take(3).Select(z => z.Id)];
    }

    private static string Compact(string text) =>
        text.Replace("_", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal).ToUpperInvariant();

    // Levenshtein, a row at a time.
    private static int Distance(string a, string b)
    {
        if (Math.Abs(a.Length - b.Length) > 2) return int.MaxValue;
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(row[j] + 1, row[j - 1] + 1), diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }
        return row[^1];
    }
}
