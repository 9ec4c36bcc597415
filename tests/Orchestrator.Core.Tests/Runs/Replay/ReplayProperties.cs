using System.Buffers;
using FsCheck;
using FsCheck.Fluent;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Runs.Replay;
using Orchestrator.Core.Serialization;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Runs.Replay;

/// <summary>Whatever a run has been through, deciding it once more gives the same.</summary>
public sealed class ReplayProperties
{
    [Fact]
    public void Any_run_replays_equal() => Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
    {
        var bench = RunProperties.Play(new Random(seed));
        RunReplay.Of(new RunPlan(bench.State.Plan.Definition), bench.Events).Difference?.ToString().ShouldBeNull();
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    [Fact]
    public void Any_run_replays_equal_from_its_journal() => Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
    {
        var bench = RunProperties.Play(new Random(seed));
        RunReplay.Of(new RunPlan(bench.State.Plan.Definition), OnDisk(bench.Events)).Difference?.ToString().ShouldBeNull();
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    private static List<RecordedEvent> OnDisk(IReadOnlyList<RecordedEvent> events)
    {
        using var codec = new JournalCodec();
        return [.. events.Select(e =>
        {
            var line = new ArrayBufferWriter<byte>();
            codec.Write(line, e, new(1, 80, 0));
            return JournalCodec.Read(line.WrittenSpan);
        })];
    }
}
