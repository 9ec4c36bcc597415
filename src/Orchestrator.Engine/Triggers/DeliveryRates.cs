using System.Collections.Concurrent;
using Orchestrator.Core.Admission;
using Orchestrator.Core.Definitions;

namespace Orchestrator.Engine.Triggers;

/// <summary>How many requests of each trigger are taken. Begins full with each process and with each change of a trigger's rate.</summary>
public sealed class DeliveryRates(TimeProvider clock)
{
    private readonly ConcurrentDictionary<string, Bucket> _buckets = new(StringComparer.Ordinal);
    private readonly long _began = clock.GetTimestamp();

    /// <summary>Takes a request; the time until the next is taken where there were too many.</summary>
    /// <param name="key">The trigger, <c>workflow/id</c>.</param>
    /// <param name="http">Its rate.</param>
    public TimeSpan? TooMany(string key, HttpTrigger http)
    {
        var now = clock.GetElapsedTime(_began).TotalMilliseconds;
        var bucket = _buckets.AddOrUpdate(key, (_, n) => Made(http, n), (_, was, n) => was.Rate == http.Rate && was.Burst == http.Burst ? was : Made(http, n), now);
        lock (bucket)
        {
            var wait = bucket.Tokens.Wait(now);
            if (wait > TimeSpan.Zero) return wait;
            bucket.Tokens.Take();
            return null;
        }
    }

    private static Bucket Made(HttpTrigger http, double now) => new(http.Rate, http.Burst, new(http.Rate, http.Burst / http.Rate, now));

    private sealed record Bucket(double Rate, int Burst, TokenBucket Tokens);
}
