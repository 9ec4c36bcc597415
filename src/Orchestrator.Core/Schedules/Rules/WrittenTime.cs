using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Orchestrator.Core.Schedules.Zones;

namespace Orchestrator.Core.Schedules.Rules;

/// <summary>A time as an author writes it: an instant when it has an offset, otherwise what the clocks of the schedule's zone show.</summary>
/// <param name="Local">The time itself.</param>
/// <param name="Offset">Its offset from UTC; null: that of the schedule's zone.</param>
internal readonly record struct WrittenTime(DateTime Local, TimeSpan? Offset)
{
    private static readonly string[] LocalForms = ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd HH:mm", "yyyy-MM-dd HH:mm:ss"];
    private static readonly string[] InstantForms =
        ["yyyy-MM-dd'T'HH:mmzzz", "yyyy-MM-dd'T'HH:mm:sszzz", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz", "yyyy-MM-dd HH:mmzzz", "yyyy-MM-dd HH:mm:sszzz"];

    /// <summary>The instant, UTC; null where it has no offset of its own.</summary>
    public DateTimeOffset? Instant => Offset is { } offset ? new DateTimeOffset(Local, offset).ToUniversalTime() : null;

    /// <summary>The instant it is in a zone.</summary>
    public DateTimeOffset In(ZoneRules zone) => Instant ?? zone.FirstAt(Local);

    /// <summary>What the clocks of a zone show then.</summary>
    public DateTime LocalIn(ZoneRules zone) => Instant is { } instant ? zone.LocalAt(instant) : Local;

    public static bool TryParse(string text, out WrittenTime time, [NotNullWhen(false)] out string? error)
    {
        error = null;
        if (DateTime.TryParseExact(text, LocalForms, CultureInfo.InvariantCulture, DateTimeStyles.None, out var local))
        {
            time = new(local, null);
            return true;
        }
        if (DateTimeOffset.TryParseExact(text.EndsWith('Z') ? text[..^1] + "+00:00" : text, InstantForms, CultureInfo.InvariantCulture, DateTimeStyles.None, out var instant))
        {
            time = new(instant.DateTime, instant.Offset);
            return true;
        }
        time = default;
        error = $"'{(text.Length > 60 ? text[..60] + "..." : text)}' is not a time: write 2026-12-24, 2026-12-24T18:00 (in the schedule's time zone) or 2026-12-24T18:00:00Z.";
        return false;
    }
}
