using System.Collections.Immutable;
using System.Globalization;

namespace Orchestrator.Core.Explanations;

/// <summary>Small pieces of sentences.</summary>
internal static class Said
{
    private const int MaxNames = 5;
    private const int LongestText = 200;

    /// <summary>An instant for people, UTC.</summary>
    public static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>An instant for programs.</summary>
    public static string Exact(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    /// <summary>The time that has passed, in its two largest units.</summary>
    public static string Span(TimeSpan time)
    {
        if (time < TimeSpan.Zero) time = TimeSpan.Zero;
        return time.TotalSeconds < 1 ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0} ms")
            : time.TotalMinutes < 1 ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.#} s")
            : time.TotalHours < 1 ? string.Create(CultureInfo.InvariantCulture, $"{time.Minutes} min {time.Seconds} s")
            : time.TotalDays < 1 ? string.Create(CultureInfo.InvariantCulture, $"{time.Hours} h {time.Minutes} min")
            : string.Create(CultureInfo.InvariantCulture, $"{(long)time.TotalDays} d {time.Hours} h");
    }

    /// <summary>"1 run", "2 runs".</summary>
    public static string Count(long count, string what) => string.Create(CultureInfo.InvariantCulture, $"{count} {what}{(count == 1 ? "" : "s")}");

    /// <summary>Names with commas, the first five.</summary>
    public static string Names(IReadOnlyCollection<string> names) =>
        names.Count <= MaxNames ? string.Join(", ", names) : string.Create(CultureInfo.InvariantCulture, $"{string.Join(", ", names.Take(MaxNames))} and {names.Count - MaxNames} more");

    /// <summary>A text of bounded length.</summary>
    public static string Short(string text) => text.Length <= LongestText ? text : text[..(LongestText - 3)] + "...";

    /// <summary>A text that ends as a sentence does.</summary>
    public static string Ended(string text) => text.Length > 0 && text[^1] is '.' or '!' or '?' ? text : text + ".";

    /// <summary>The first gate that does not let through.</summary>
    public static Gate? Closed(ImmutableArray<Gate> gates) => gates.FirstOrDefault(g => g.Passes == false);
}
