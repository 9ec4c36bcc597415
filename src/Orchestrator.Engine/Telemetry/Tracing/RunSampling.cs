using System.Globalization;
using Microsoft.Extensions.Configuration;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Telemetry.Tracing;

/// <summary>
/// Which runs' spans leave when they end well. Those of a run that fails always leave. Decided once per run, from its trace id, and kept with it.
/// </summary>
/// <param name="Ratio">Part of the runs, 0 to 1, of those that neither their caller nor their workflow decides for.</param>
/// <param name="FollowsCaller">Whether the sampled flag of a caller's trace context is followed.</param>
public sealed record RunSampling(double Ratio, bool FollowsCaller = true)
{
    /// <summary>Key of the ratio in the configuration; it stands above OTEL_TRACES_SAMPLER.</summary>
    public const string Key = "Orchestrator:Telemetry:Sample";

    /// <summary>All runs, unless their caller's flag says no.</summary>
    public static readonly RunSampling Always = new(1);

    /// <summary>
    /// Reads <see cref="Key"/>, or else OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG; what cannot be used there counts as not set, and
    /// <see cref="Unusable"/> says so.
    /// </summary>
    public static RunSampling From(IConfiguration configuration)
    {
        if (Number(configuration[Key]) is { } ratio) return new(ratio);
        var argument = Number(configuration["OTEL_TRACES_SAMPLER_ARG"]) ?? 1;
        return configuration["OTEL_TRACES_SAMPLER"]?.Trim() switch
        {
            "always_on" => new(1, FollowsCaller: false),
            "always_off" => new(0, FollowsCaller: false),
            "traceidratio" => new(argument, FollowsCaller: false),
            "parentbased_always_off" => new(0),
            "parentbased_traceidratio" => new(argument),
            _ => Always,
        };
    }

    /// <summary>
    /// Says which of the variables cannot be used and what is done instead; null when nothing is wrong, or when <see cref="Key"/> stands above them.
    /// </summary>
    public static string? Unusable(IConfiguration configuration)
    {
        if (Number(configuration[Key]) is not null || configuration["OTEL_TRACES_SAMPLER"]?.Trim() is not { Length: > 0 } sampler) return null;
        if (Array.IndexOf(Samplers, sampler) < 0)
            return $"OTEL_TRACES_SAMPLER={sampler} is not a known sampler; parentbased_always_on is used instead: all runs, unless their caller's flag says no. Known: {string.Join(", ", Samplers)}.";
        return sampler.EndsWith("traceidratio", StringComparison.Ordinal) && configuration["OTEL_TRACES_SAMPLER_ARG"] is { Length: > 0 } argument && Number(argument) is null
            ? $"OTEL_TRACES_SAMPLER_ARG={argument} is not a number from 0 to 1; 1 is used instead: all runs." : null;
    }

    private static readonly string[] Samplers = ["always_on", "always_off", "traceidratio", "parentbased_always_on", "parentbased_always_off", "parentbased_traceidratio"];

    /// <summary>What is to be kept with the run: null where the caller's context, or having none, says the same.</summary>
    /// <param name="asked">What the caller asked for in so many words; null: nothing.</param>
    /// <param name="caller">The caller's trace context.</param>
    /// <param name="ofWorkflow">The workflow's own ratio.</param>
    /// <param name="via">The span that took the request: it was sampled by the same ratio, so a run is among that part exactly if its request is.</param>
    public bool? Decide(RunId run, bool? asked, TraceStamp? caller, double? ofWorkflow, TraceStamp? via = null)
    {
        var otherwise = TraceContexts.IsSampled(TraceOrigin.ParentOf(caller, via));
        if (asked is null && FollowsCaller && TraceContexts.TryRead(caller, out _)) return null;
        var sampled = asked ?? Hits(TraceIds.TraceId(run, via ?? caller), ofWorkflow ?? Ratio);
        return sampled == otherwise ? null : sampled;
    }

    /// <summary>
    /// Whether a trace is among that part. Looks at the last 56 bits, as W3C Trace Context level 2 has it: the first ones of a run's id are its time.
    /// </summary>
    public static bool Hits(string traceId, double ratio)
    {
        if (ratio >= 1) return true;
        var random = ulong.Parse(traceId.AsSpan(18), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        return random < ratio * (1UL << 56);
    }

    private static double? Number(string? text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number is >= 0 and <= 1 ? number : null;
}
