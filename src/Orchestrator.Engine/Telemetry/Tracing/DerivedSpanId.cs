using System.Diagnostics;
using System.Runtime.CompilerServices;
using Orchestrator.Core.Lifecycle;

namespace Orchestrator.Engine.Telemetry.Tracing;

/// <summary>
/// Gives an activity the span id that follows from its run. There is no public way, so private fields of
/// <see cref="Activity"/> are set; whether that works on this runtime is tried once, and tracing stays off if it does not.
/// </summary>
internal static class DerivedSpanId
{
    /// <summary>Whether ids can be set.</summary>
    public static bool Works { get; } = Try();

    /// <summary>Gives a started activity its id. Starting made a random one, which nothing has seen but listeners of starts.</summary>
    public static void Set(Activity activity, string spanId)
    {
        SpanId(activity) = spanId;
        Id(activity) = null;   // cached text of the old id
    }

    /// <summary>An activity that was never started and is never stopped: only its ids are read.</summary>
    public static Activity StandIn(TraceReference span, bool sampled)
    {
        // Without the format, what is started below it would not see that it has a trace.
        var activity = new Activity("lifecycle") { ActivityTraceFlags = sampled ? ActivityTraceFlags.Recorded : ActivityTraceFlags.None }.SetIdFormat(ActivityIdFormat.W3C);
        TraceId(activity) = span.TraceId;
        SpanId(activity) = span.SpanId;
        return activity;
    }

    private static bool Try()
    {
        const string span = "00f067aa0ba902b7", trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        try
        {
            var ambient = Activity.Current;
            using var started = new Activity("self-test").SetIdFormat(ActivityIdFormat.W3C).Start();
            Set(started, span);
            var works = started.SpanId.ToHexString() == span && started.Id!.Contains(span, StringComparison.Ordinal);
            started.Stop();
            var standIn = StandIn(new(trace, span), sampled: true);
            works &= standIn.Id == $"00-{trace}-{span}-01" && standIn.TraceId.ToHexString() == trace && standIn.SpanId.ToHexString() == span;
            Activity.Current = standIn;
            using var below = new Activity("below").Start();
            works &= below.TraceId.ToHexString() == trace && below.ParentSpanId.ToHexString() == span;
            below.Stop();
            Activity.Current = ambient;
            return works;
        }
        catch (MissingFieldException)
        {
            return false;
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_id")]
    private static extern ref string? Id(Activity activity);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_spanId")]
    private static extern ref string? SpanId(Activity activity);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_traceId")]
    private static extern ref string? TraceId(Activity activity);
}
