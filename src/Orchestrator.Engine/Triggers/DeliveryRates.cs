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
    public TimeSpan? TooMany(string key, HttpTrigger http) => TooMany(key, http.Rate, http.Burst);

    /// <summary>Takes a request of a sender of events, <c>name</c>; the time until the next is taken where there were too many.</summary>
    public TimeSpan? TooManyEvents(string name) => TooMany("events:" + name, EventsPerSecond, EventsBurst);

    /// <summary>Requests with events that each sender may make in a second.</summary>
    public const double EventsPerSecond = 100;

    /// <summary>Requests with events that each sender may make at once.</summary>
    public const int EventsBurst = 200;

    private TimeSpan? TooMany(string key, double rate, int burst)
    {
        var now = clock.GetElapsedTime(_began).TotalMilliseconds;
        var bucket = _buckets.AddOrUpdate(key, (_, n) => Made(rate, burst, n), (_, was, n) => was.Rate == rate && was.Burst == burst ? was : Made(rate, burst, n), now);
        lock (bucket)
        {
            var wait = bucket.Tokens.Wait(now);
            if (wait > TimeSpan.Zero) return wait;
            bucket.Tokens.Take();
            return null;
        }
    }

    private static Bucket Made(double rate, int burst, double now) => new(rate, burst, new(rate, burst / rate, now));

    private sealed record Bucket(double Rate, int Burst, TokenBucket Tokens);
}
