using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Serialization;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Retention;
using Orchestrator.TestKit;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Journal;

/// <summary>A line that is whole and cannot be read costs its own run what follows, and no other run anything.</summary>
public sealed class UnreadableTests : IDisposable
{
    // Deeper than any reader goes. No entrance accepts it.
    private static readonly JsonElement Abyss = JsonElement.Parse(new string('[', 600) + new string(']', 600), new() { MaxDepth = 1000 });
    private readonly Folder _folder = new();
    private readonly RunId _bad = Some.Run(), _good = Some.Run();
    private readonly CancellationToken _stop = TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    internal static RecordedEvent[] Unreadable(StreamId stream, long after) =>
        [new(stream, after + 1, Some.At, new TaskCompleted(new("t"), 1) { Outputs = ImmutableSortedDictionary<string, JsonElement>.Empty.Add("v", Abyss) })];

    private async Task<Folder> CrashedAsync(bool ended)
    {
        await using var journal = await _folder.Open("a");
        foreach (var (run, broken) in new[] { (_bad, true), (_good, false) })
        {
            var stream = StreamId.Run(run);
            await journal.Commit(Some.Created(stream));
            await journal.Commit(broken ? Unreadable(stream, 1) : Some.Events(stream, 1));
            await journal.Commit(Some.Events(stream, 2));
            if (ended) await journal.Commit(Some.End(stream, 3));
        }
        if (ended) await journal.SettledAsync();
        return _folder.Copy();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_reader_lists_every_run_and_names_the_place(bool ended)
    {
        using var crashed = await CrashedAsync(ended);
        var reader = new RunReader(new(crashed.Path));
        reader.ListRunIds().ShouldBe([_good, _bad], ignoreOrder: true);
        reader.ListRunIds().Select(r => reader.FirstEvent(r)).ShouldAllBe(e => e!.Event is WorkflowCreated);
        (await reader.ReadEventsAsync(_good, _stop)).Count.ShouldBe(ended ? 4 : 3);
        reader.Damage().ShouldBeEmpty();
        (await reader.ReadEventsAsync(_bad, _stop)).ShouldHaveSingleItem().Event.ShouldBeOfType<WorkflowCreated>();
        var damage = reader.Damage().ShouldHaveSingleItem();
        reader.DamageOf(_bad).ShouldBe(damage);
        reader.DamageOf(_good).ShouldBeNull();
        Encoding.UTF8.GetString(File.ReadAllBytes(damage.Segment).AsSpan((int)damage.Offset, 9)).ShouldBe("{\"seq\":2,");
        damage.Message.ShouldContain(_bad.ToString());
        damage.Message.ShouldNotContain("BytePositionInLine");
        // The end alone can be read, whatever stands before it.
        reader.LastEvent(_bad)!.Event.ShouldBeAssignableTo(ended ? typeof(WorkflowCompleted) : typeof(TaskStarted));
    }

    [Fact]
    public async Task A_worker_that_starts_takes_over_the_other_runs()
    {
        using var crashed = await CrashedAsync(ended: false);
        await using var b = await crashed.Open("b");
        (await b.ClaimAbandonedAsync()).ShouldHaveSingleItem().RunId.ShouldBe(_good);
        await b.Commit(Some.End(StreamId.Run(_good), 3));
        await b.SettledAsync();
        (await b.All(StreamId.Run(_good))).Count.ShouldBe(4);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_follower_tells_everything_else_and_reports_the_stream_once(bool ended)
    {
        using var crashed = await CrashedAsync(ended);
        var reported = new List<JournalCorruptException>();
        using var follower = new EventFollower(new(crashed.Path), DateTimeOffset.MinValue, unreadable: reported.Add);
        var told = follower.Look().Concat(follower.Look()).SelectMany(p => p.Events).GroupBy(e => e.Stream).ToDictionary(g => g.Key, g => g.Select(e => e.Seq).ToArray());
        told[StreamId.Run(_good)].ShouldBe(ended ? [1, 2, 3, 4] : [1, 2, 3]);
        told[StreamId.Run(_bad)].ShouldBe([1]);
        reported.ShouldHaveSingleItem().Message.ShouldContain(_bad.ToString());
    }

    [Fact]
    public async Task Retention_goes_on_with_the_other_runs()
    {
        using var crashed = await CrashedAsync(ended: true);
        Directory.Delete(new RunPaths(crashed.Path).Journal, recursive: true);   // what stands there could be read
        File.WriteAllBytes(new RunPaths(crashed.Path).EventsOf(_bad), Line(StreamId.Run(_bad)));
        new RunRetention(new DataDirectory(crashed.Path), new RetentionDefinition { Age = TimeSpan.FromDays(1) }, new ManualTimeProvider(Some.At.AddYears(1))).Expired(_stop).Select(e => e.Run).ShouldBe([_good]);
    }

    // The first and only line of an archive.
    internal static byte[] Line(StreamId stream)
    {
        using var codec = new JournalCodec();
        var line = new System.Buffers.ArrayBufferWriter<byte>();
        codec.Write(line, Unreadable(stream, 0)[0], new(1, 80, 1));
        return line.WrittenSpan.ToArray();
    }
}
