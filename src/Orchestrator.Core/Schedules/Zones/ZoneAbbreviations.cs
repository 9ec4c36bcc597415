using System.Collections.Frozen;

namespace Orchestrator.Core.Schedules.Zones;

/// <summary>Abbreviations that people write for zones. Several zones share most of them, with and without summer time, so none is a zone.</summary>
internal static class ZoneAbbreviations
{
    private static readonly FrozenDictionary<string, string[]> s_meant = new Dictionary<string, string[]>
    {
        ["ACDT"] = ["Australia/Adelaide"],
        ["ACST"] = ["Australia/Darwin", "Australia/Adelaide"],
        ["ADT"] = ["America/Halifax"],
        ["AEDT"] = ["Australia/Sydney", "Australia/Melbourne"],
        ["AEST"] = ["Australia/Brisbane", "Australia/Sydney"],
        ["AKDT"] = ["America/Anchorage"],
        ["AKST"] = ["America/Anchorage"],
        ["AST"] = ["America/Halifax", "America/Puerto_Rico", "Asia/Riyadh"],
        ["AWST"] = ["Australia/Perth"],
        ["BRT"] = ["America/Sao_Paulo"],
        ["BST"] = ["Europe/London", "Asia/Dhaka"],
        ["CAT"] = ["Africa/Maputo"],
        ["CDT"] = ["America/Chicago", "America/Havana"],
        ["CEST"] = ["Europe/Berlin", "Europe/Paris"],
        ["CET"] = ["Europe/Berlin", "Africa/Algiers"],
        ["CST"] = ["America/Chicago", "America/Costa_Rica", "Asia/Shanghai"],
        ["EAT"] = ["Africa/Nairobi"],
        ["EDT"] = ["America/New_York"],
        ["EEST"] = ["Europe/Helsinki", "Europe/Athens"],
        ["EET"] = ["Europe/Helsinki", "Europe/Kaliningrad"],
        ["EST"] = ["America/New_York", "America/Panama"],
        ["GST"] = ["Asia/Dubai", "Atlantic/South_Georgia"],
        ["HKT"] = ["Asia/Hong_Kong"],
        ["HST"] = ["Pacific/Honolulu", "America/Adak"],
        ["IST"] = ["Asia/Kolkata", "Europe/Dublin", "Asia/Jerusalem"],
        ["JST"] = ["Asia/Tokyo"],
        ["KST"] = ["Asia/Seoul"],
        ["MDT"] = ["America/Denver"],
        ["MEST"] = ["Europe/Berlin"],
        ["MET"] = ["Europe/Berlin"],
        ["MSK"] = ["Europe/Moscow"],
        ["MST"] = ["America/Denver", "America/Phoenix"],
        ["NDT"] = ["America/St_Johns"],
        ["NST"] = ["America/St_Johns"],
        ["NZDT"] = ["Pacific/Auckland"],
        ["NZST"] = ["Pacific/Auckland"],
        ["PDT"] = ["America/Los_Angeles"],
        ["PKT"] = ["Asia/Karachi"],
        ["PST"] = ["America/Los_Angeles", "Asia/Manila"],
        ["SAST"] = ["Africa/Johannesburg"],
        ["SGT"] = ["Asia/Singapore"],
        ["SST"] = ["Pacific/Pago_Pago"],
        ["WAT"] = ["Africa/Lagos"],
        ["WEST"] = ["Europe/Lisbon"],
        ["WET"] = ["Europe/Lisbon", "Atlantic/Canary"],
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>What to write instead of an abbreviation; null: the text is none.</summary>
    public static string? Refuse(string id)
    {
        if (!s_meant.TryGetValue(id, out var zones)) return null;
        var shared = zones.Length > 1 ? "an abbreviation that several zones share" : "an abbreviation, not a time zone";
        return $"'{id}' is {shared}: write {string.Join(", ", zones[..^1])}{(zones.Length > 1 ? " or " : "")}{zones[^1]}.";
    }
}
