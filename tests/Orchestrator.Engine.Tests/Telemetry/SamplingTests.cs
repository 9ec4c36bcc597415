using System.Security.Cryptography;
using Microsoft.Extensions.Configuration;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Telemetry.Tracing;
using Shouldly;
using Xunit;
using static Orchestrator.Engine.Tests.Telemetry.RunScript;

namespace Orchestrator.Engine.Tests.Telemetry;

[Collection(TelemetryCollection.Name)]
public sealed class SamplingTests
{
    private static readonly TraceStamp Yes = new("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    private static readonly TraceStamp No = new("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00");

    private static RunId New() => RunId.New(Start, RandomNumberGenerator.GetBytes(10));

    [Fact]
    public void A_part_of_the_runs_is_sampled_and_the_same_ones_each_time()
    {
        var runs = Enumerable.Range(0, 4000).Select(_ => New()).ToArray();
        var sampling = new RunSampling(0.25);
        var sampled = runs.Where(run => sampling.Decide(run, null, null, null) is null).ToArray();
        sampled.Length.ShouldBeInRange(850, 1150);
        runs.Where(run => sampling.Decide(run, null, null, null) is null).ShouldBe(sampled);
        sampled.ShouldAllBe(run => new RunSampling(0.5).Decide(run, null, null, null) == null, "a larger part contains the smaller one");
    }

    [Fact]
    public void What_the_caller_asks_for_stands_above_its_flag_that_above_the_workflow_and_that_above_the_worker()
    {
        var run = New();
        var none = new RunSampling(0);
        Sampled(none, null, null, null).ShouldBeFalse();
        Sampled(none, null, null, 1).ShouldBeTrue();
        Sampled(none, null, Yes, 0).ShouldBeTrue();
        Sampled(RunSampling.Always, null, No, 1).ShouldBeFalse();
        Sampled(none, true, No, 0).ShouldBeTrue();
        Sampled(RunSampling.Always, false, Yes, 1).ShouldBeFalse();
        Sampled(new RunSampling(0, FollowsCaller: false), null, Yes, null).ShouldBeFalse();

        bool Sampled(RunSampling sampling, bool? asked, TraceStamp? caller, double? ofWorkflow) =>
            TraceContexts.IsSampled(caller, sampling.Decide(run, asked, caller, ofWorkflow));
    }

    [Theory]
    [InlineData(null, null, null, 1.0, true)]
    [InlineData("0.5", "always_off", null, 0.5, true)]
    [InlineData(null, "always_on", null, 1.0, false)]
    [InlineData(null, "always_off", null, 0.0, false)]
    [InlineData(null, "traceidratio", "0.1", 0.1, false)]
    [InlineData(null, "parentbased_traceidratio", "0.1", 0.1, true)]
    [InlineData(null, "parentbased_always_off", null, 0.0, true)]
    [InlineData(null, "parentbased_traceidratio", "2", 1.0, true)]
    [InlineData(null, "jaeger_remote", "0.1", 1.0, true)]
    public void The_configuration_says_which_part(string? own, string? sampler, string? argument, double ratio, bool followsCaller) =>
        RunSampling.From(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            [RunSampling.Key] = own, ["OTEL_TRACES_SAMPLER"] = sampler, ["OTEL_TRACES_SAMPLER_ARG"] = argument,
        }).Build()).ShouldBe(new RunSampling(ratio, followsCaller));

    [Fact]
    public async Task A_run_that_was_not_sampled_is_silent_until_it_fails_and_is_then_there_in_whole()
    {
        var told = new List<RecordedEvent>();
        await using var bench = await TelemetryBench.StartAsync(new() { History = _ => told.ToAsyncEnumerable() });
        var run = new RunScript("quiet", ["s"], RunScript.Task("a", "s"), RunScript.Task("b", null, "a"));
        var begin = run.Begin();
        var created = (WorkflowCreated)begin.Events[0].Event;
        AppendedBatchOf(begin with { Events = [begin.Events[0] with { Event = created with { Sampled = false } }, .. begin.Events.Skip(1)] });
        AppendedBatchOf(run.Batch(new StageStarted("s", 1), Started("a"), Retry("a", 1), Started("a", 2)));
        AppendedBatchOf(run.Batch(Done("a", 2), new StageCompleted("s", 1, 1, 0, 0, 0), Started("b"), Fail("b")));
        await bench.FlushAsync();
        bench.SpansOf(run.Id.Hex).ShouldBeEmpty();
        AppendedBatchOf(run.Failed("b: it broke", Core.FailureKind.ExitCode));
        await bench.FlushAsync();
        var spans = bench.SpansOf(run.Id.Hex);
        spans.Orphans().ShouldBeEmpty();
        spans.Select(s => s.Name).ShouldBe(
            ["enqueue quiet", "queue quiet", "attempt a", "sh", "attempt a", "sh", "task a", "stage s", "attempt b", "sh", "task b", "RUN quiet"], ignoreOrder: true);
        spans.ShouldAllBe(s => s.Attributes.Text("orchestrator.sampled.because") == "failed");

        void AppendedBatchOf(Engine.Telemetry.AppendedBatch batch)
        {
            told.AddRange(batch.Events);
            bench.Publisher.Publish(batch);
        }
    }

    [Theory]
    [InlineData(null, null, null, null)]
    [InlineData("always_off", null, null, null)]
    [InlineData("parentbased_traceidratio", "0.25", null, null)]
    [InlineData("traceidratio", null, null, null)]
    [InlineData("traceidratio", "half", null, "OTEL_TRACES_SAMPLER_ARG=half is not a number from 0 to 1; 1 is used instead")]
    [InlineData("always_on", "half", null, null)]
    [InlineData("jaeger_remote", null, null, "OTEL_TRACES_SAMPLER=jaeger_remote is not a known sampler; parentbased_always_on is used instead")]
    [InlineData("jaeger_remote", null, "0.5", null)]
    public void A_sampler_that_cannot_be_used_is_named_with_what_is_used_instead(string? sampler, string? argument, string? own, string? said)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["OTEL_TRACES_SAMPLER"] = sampler, ["OTEL_TRACES_SAMPLER_ARG"] = argument, [RunSampling.Key] = own,
        }).Build();
        var problem = RunSampling.Unusable(configuration);
        if (said is null) problem.ShouldBeNull();
        else problem.ShouldNotBeNull().ShouldStartWith(said);
    }

    [Fact]
    public void A_run_is_among_the_part_exactly_if_its_request_is()
    {
        var sampling = new RunSampling(0.5);
        for (var n = 0; n < 200; n++)
        {
            var run = RunId.New(DateTimeOffset.UnixEpoch, BitConverter.GetBytes(n * 7919L).Concat(new byte[2]).ToArray());
            var trace = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(BitConverter.GetBytes(n)))[..32];
            var recorded = RunSampling.Hits(trace, 0.5);
            var via = new TraceStamp($"00-{trace}-00f067aa0ba902b7-{(recorded ? "01" : "00")}");
            var parent = TraceOrigin.ParentOf(null, via);
            TraceOrigin.Links(default, null, via).IsDefaultOrEmpty.ShouldBe(!recorded);
            TraceContexts.IsSampled(parent, sampling.Decide(run, null, null, null, via)).ShouldBe(recorded);
            TraceContexts.IsSampled(parent, sampling.Decide(run, null, null, 0, via)).ShouldBeFalse("the workflow's own ratio");
            TraceContexts.IsSampled(parent, sampling.Decide(run, true, null, 0, via)).ShouldBeTrue("asked for");
        }
    }
}
