using System.Collections.Immutable;

namespace Orchestrator.Core.Statistics;

/// <summary>What ended in a stretch of time.</summary>
/// <param name="StartUs">Its begin: microseconds since 1970 UTC, a multiple of the width.</param>
/// <param name="Completed">Completed.</param>
/// <param name="Failed">Failed.</param>
/// <param name="Cancelled">Cancelled.</param>
public readonly record struct ActivityBucket(long StartUs, int Completed, int Failed, int Cancelled)
{
    /// <summary>All three.</summary>
    public int Total => Completed + Failed + Cancelled;
}

/// <summary>Buckets of equal width, aligned to 1970: the bucket of an instant is <c>x / w * w</c>, as SQL computes it.</summary>
public static class TimeBuckets
{
    /// <summary>Most buckets of one answer.</summary>
    public const int Most = 10_000;

    // People read a time axis by these.
    private static readonly ImmutableArray<TimeSpan> s_widths =
    [
        TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(30), TimeSpan.FromHours(1), TimeSpan.FromHours(3),
        TimeSpan.FromHours(6), TimeSpan.FromHours(12), TimeSpan.FromDays(1), TimeSpan.FromDays(7), TimeSpan.FromDays(30),
    ];

    /// <summary>Microseconds since 1970 UTC.</summary>
    public static long Microseconds(DateTimeOffset instant) => (instant.UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    /// <summary>The begin of the bucket of an instant from 1970 on.</summary>
    public static long StartOf(long us, long widthUs) => us / widthUs * widthUs;

    /// <summary>The narrowest usual width with which a window has at most <paramref name="most"/> buckets; 30 days where none has.</summary>
    public static TimeSpan WidthFor(TimeSpan window, int most = 60)
    {
        foreach (var width in s_widths)
            if (window.Ticks <= width.Ticks * most) return width;
        return s_widths[^1];
    }

    /// <summary>Every bucket that [from, to) touches, empty ones too, ascending. What ended outside is left out.</summary>
    /// <param name="fromUs">First microsecond.</param>
    /// <param name="toUs">First microsecond that does not belong to it.</param>
    /// <param name="widthUs">Width of a bucket.</param>
    /// <param name="ends">When what ended, in any order; only the three terminal states of runs count.</param>
    /// <exception cref="ArgumentOutOfRangeException">The width is not positive, or there would be more than <see cref="Most"/> buckets.</exception>
    public static ImmutableArray<ActivityBucket> Activity(long fromUs, long toUs, long widthUs, IEnumerable<(long EndedUs, RunStatus Status)> ends)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(widthUs, 1);
        if (toUs <= fromUs) return [];
        var first = fromUs / widthUs;
        var count = ((toUs - 1) / widthUs) - first + 1;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Most, nameof(widthUs));
        var buckets = new ActivityBucket[count];
        for (var i = 0; i < buckets.Length; i++) buckets[i] = new((first + i) * widthUs, 0, 0, 0);
        foreach (var (at, status) in ends)
        {
            if (at < fromUs || at >= toUs) continue;
            ref var bucket = ref buckets[(at / widthUs) - first];
            bucket = status switch
            {
                RunStatus.Completed => bucket with { Completed = bucket.Completed + 1 },
                RunStatus.Failed => bucket with { Failed = bucket.Failed + 1 },
                RunStatus.Cancelled => bucket with { Cancelled = bucket.Cancelled + 1 },
                _ => bucket,
            };
        }
        return [.. buckets];
    }
}
