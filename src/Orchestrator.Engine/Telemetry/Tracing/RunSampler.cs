using OpenTelemetry.Trace;

namespace Orchestrator.Engine.Telemetry.Tracing;

/// <summary>
/// The SDK's sampler: spans below a run follow the run's decision, which their parent's flag says; roots that belong to no run (requests to the API)
/// are sampled by the same ratio. The SDK's own ratio sampler looks at the first bits of a trace id, which are the time in ours.
/// </summary>
internal sealed class RunSampler(RunSampling sampling) : Sampler
{
    public static Sampler Of(RunSampling sampling) => new ParentBasedSampler(new RunSampler(sampling));

    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters) =>
        new(RunSampling.Hits(samplingParameters.TraceId.ToHexString(), sampling.Ratio) ? SamplingDecision.RecordAndSample : SamplingDecision.Drop);
}
