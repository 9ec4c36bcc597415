using System.Globalization;
using Orchestrator.Core;

namespace Orchestrator.Worker.Commands.Output;

/// <summary>Texts for a terminal: what users and programs wrote must not move its cursor or break its lines.</summary>
internal static class Printable
{
    private const int LongestLine = 400;

    /// <summary>On one line, without control characters, of bounded length.</summary>
    public static string Line(string text)
    {
        if (text.Length > LongestLine) text = string.Concat(text.AsSpan(0, LongestLine), "...");
        return text.Any(HiddenCharacters.Contains) ? new string([.. text.Select(c => HiddenCharacters.Contains(c) ? ' ' : c)]) : text;
    }

    /// <summary>On as many lines as it has, without other control characters.</summary>
    public static string Lines(string text) =>
        text.Any(HiddenCharacters.Contains) ? new string([.. text.Select(c => c != '\n' && HiddenCharacters.Contains(c) ? ' ' : c)]) : text;

    /// <summary>A duration for people: 12 ms, 3.4 s, 2 m 05 s, 1 h 02 m.</summary>
    public static string Duration(double milliseconds)
    {
        var time = TimeSpan.FromMilliseconds(Math.Max(0, milliseconds));
        return time.TotalSeconds < 1 ? string.Create(CultureInfo.InvariantCulture, $"{milliseconds:0} ms")
            : time.TotalMinutes < 1 ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s")
            : time.TotalHours < 1 ? string.Create(CultureInfo.InvariantCulture, $"{time.Minutes} m {time.Seconds:00} s")
            : string.Create(CultureInfo.InvariantCulture, $"{(long)time.TotalHours} h {time.Minutes:00} m");
    }

    /// <summary>An instant for people, in UTC.</summary>
    public static string Instant(DateTimeOffset? at) => at is { } time ? time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture) : "";
}
