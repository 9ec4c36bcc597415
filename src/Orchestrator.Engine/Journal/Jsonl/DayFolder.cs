using System.Globalization;

namespace Orchestrator.Engine.Journal.Jsonl;

/// <summary>The folder of the runs of a day (UTC), <c>YYYY/MM/DD</c>.</summary>
internal static class DayFolder
{
    // A folder that changes twice within the steps of its file system's clock has one time for both.
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(2);

    /// <summary>The day's name below the folder of all runs.</summary>
    public static string NameOf(DateTimeOffset day) => day.ToString("yyyy'/'MM'/'dd", CultureInfo.InvariantCulture);

    /// <summary>The beginning of a day; null: it is no folder of a day.</summary>
    public static DateTimeOffset? TryParse(string name) =>
        DateTimeOffset.TryParseExact(name, "yyyy'/'MM'/'dd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var day) ? day : null;

    /// <summary>Another one when a run's folder has come or gone; null where that was only just.</summary>
    public static string? StampOf(string folder, DateTimeOffset now)
    {
        var changed = Directory.GetLastWriteTimeUtc(folder);
        return now - changed < Settling ? null : changed.Ticks.ToString(CultureInfo.InvariantCulture);
    }
}
