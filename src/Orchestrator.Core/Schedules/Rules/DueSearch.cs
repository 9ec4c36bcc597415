namespace Orchestrator.Core.Schedules.Rules;

/// <summary>Finds the latest due time up to an instant.</summary>
public static class DueSearch
{
    // A longer window is tried only where a shorter one has no due time, so few are ever walked through.
    private static readonly TimeSpan[] s_windows =
        [TimeSpan.FromMinutes(1), TimeSpan.FromHours(1), TimeSpan.FromDays(1), TimeSpan.FromDays(8), TimeSpan.FromDays(64), TimeSpan.FromDays(800), TimeSpan.FromDays(4000)];

    /// <summary>The latest due time up to <paramref name="at"/> and after <paramref name="after"/> (strictly); null: there is none within ten years.</summary>
    public static DateTimeOffset? Last(ScheduleTimes times, DateTimeOffset at, DateTimeOffset after)
    {
        if (at <= after) return null;
        foreach (var window in s_windows)
        {
            var from = at - after > window ? at - window : after;
            DateTimeOffset? last = null;
            for (var next = times.Next(from); next <= at; next = times.Next(next.Value)) last = next;
            if (last is not null || from == after) return last;
        }
        return null;
    }
}
