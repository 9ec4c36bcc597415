using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Tests.Journal;
using Orchestrator.TestKit;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Files;

/// <summary>The feed on a disk that fails: every event has one position, and positions that were told stay.</summary>
public sealed class FeedFaultTests
{
    [Theory]
    [InlineData("write", true)]
    [InlineData("write", false)]
    [InlineData("sync", false)]
    [InlineData("create", false)]
    [InlineData("sync folder", false)]
    [InlineData("truncate", true)]
    public async Task A_failed_call_loses_no_event_doubles_none_and_moves_no_position(string failing, bool torn)
    {
        using var lab = new PowerCutLab();
        lab.Disk.TearsFailedWrites = torn;
        await using var journal = await JsonlRunJournal.OpenAsync(new() { DataDirectory = lab.Paths.Root, Writer = "w", Disk = new QuickDisk() });
        var clock = new ManualTimeProvider();
        var feed = new EventFeed(lab.Paths, journal, clock, NullLogger<EventFeed>.Instance);
        feed.Hold(() => 0);
        var failures = 0;
        var random = new Random(2);
        lab.Disk.Fault = (call, _) =>
        {
            if ((call != failing && (failing != "truncate" || call != "write")) || random.Next(3) == 0) return null;
            failures++;
            return new IOException("No space left on device");
        };
        feed.Start();
        var written = new List<(StreamId, long)>();
        for (var i = 0; i < 6; i++)
        {
            var stream = StreamId.Run(Some.Run());
            await journal.Commit(Some.Created(stream));
            await journal.Commit(Some.Events(stream, 1, 4));
            await journal.Commit(Some.End(stream, 5));
            written.AddRange(Enumerable.Range(1, 6).Select(n => (stream, (long)n)));
            for (var heard = Task.CompletedTask; feed.End < written.Count;)
            {
                heard = feed.BehindAsync(feed.End, CancellationToken.None);
                feed.Wake();
                while (!heard.IsCompleted)
                {
                    clock.Advance(TimeSpan.FromMilliseconds(50));   // what waits for the disk, waits on this clock
                    await Task.Yield();
                }
            }
        }
        lab.Disk.Fault = null;
        var parts = await feed.ReadAsync(0, CancellationToken.None);
        Told(parts).ShouldBe(written, ignoreOrder: true);
        await feed.DisposeAsync();
        Positions(FeedLog.Stored(lab.Paths.Feed)).ShouldBe(Enumerable.Range(1, written.Count).Select(n => (long)n));
        lab.Disk.Acknowledge("what was told", p => Positions(FeedLog.Stored(p.Feed)).SequenceEqual(Enumerable.Range(1, written.Count).Select(n => (long)n)));
        await lab.CheckEndAsync(p =>
        {
            using (new FeedLog(p)) return Task.CompletedTask;
        }, $"{failing} failed");
        failures.ShouldBeGreaterThan(0);
    }

    private static IEnumerable<(StreamId, long)> Told(IReadOnlyList<FeedPart> parts) => parts.SelectMany(p => p.Events).Select(e => (e.Stream, e.Seq));

    private static IEnumerable<long> Positions(IEnumerable<FeedRecord> records) => records.SelectMany(r => Enumerable.Range(0, r.Count).Select(i => r.First + i));
}
