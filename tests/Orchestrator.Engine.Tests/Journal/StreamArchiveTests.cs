using Microsoft.Win32.SafeHandles;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal.Jsonl.Verifying;
using Orchestrator.Engine.Retention;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Journal;

public sealed class StreamArchiveTests : IDisposable
{
    private readonly Folder _folder = new();
    private readonly StreamId _schedule = StreamId.Schedule("nightly", "at two/ä");
    private readonly StreamId _open = StreamId.Run(Some.Run());

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Thousands_of_events_of_a_schedule_stay_over_segments_and_restarts()
    {
        const int most = 2400;
        for (var from = 0; from < most; from += 800)
        {
            await using var journal = await JsonlRunJournal.OpenAsync(_folder.Options() with { SegmentBytes = 40_000 });
            (await journal.ReadLastAsync(_schedule, 1, CancellationToken.None)).Select(e => e.Seq).ShouldBe(from == 0 ? Array.Empty<long>() : new long[] { from });
            for (var i = from; i < from + 800; i += 8) await journal.Commit(Fired(i, 8));
            await journal.SettledAsync();
            Seqs(await journal.All(_schedule)).ShouldBe(Upto(from + 800));
            Seqs(await journal.ReadLastAsync(_schedule, 700, CancellationToken.None)).ShouldBe(Upto(from + 800).TakeLast(700));
        }
        new StreamArchive(new(_folder.Path)).LastSeq(_schedule).ShouldBeGreaterThan(2000);
        Seqs(new SegmentCatalog(new(_folder.Path)).Read(_schedule)).ShouldBe(Upto(most));
        using var follower = new EventFollower(new(_folder.Path), DateTimeOffset.MinValue);
        Seqs([.. follower.Look().Where(p => p.Stream == _schedule).SelectMany(p => p.Events)]).ShouldBe(Upto(most));
        follower.Look().ShouldBeEmpty();
        new JournalVerification(new(_folder.Path)).Run(CancellationToken.None).Findings.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_kill_at_any_step_leaves_every_event_once()
    {
        var copies = new List<(Folder Folder, long AtLeast)>();
        long acknowledged = 0;
        var disk = new CopyingDisk(() => { if (_folder.Segments().Length > 0) copies.Add((_folder.Copy(), acknowledged)); });
        await using (var journal = await JsonlRunJournal.OpenAsync(_folder.Options() with { Disk = disk, SegmentBytes = 2_000 }))
        {
            await journal.Commit(Some.Created(_open));
            for (var i = 0; i < 24; i += 4)
            {
                await journal.Commit(Fired(i, 4));
                acknowledged = i + 4;
                if (i % 8 == 4) await journal.SettledAsync();
            }
        }
        copies.Count.ShouldBeGreaterThan(20);
        foreach (var (folder, atLeast) in copies)
        {
            await using (var journal = await folder.Open())
            {
                var there = Seqs(await journal.All(_schedule));
                there.Count.ShouldBeGreaterThanOrEqualTo((int)atLeast);
                there.ShouldBe(Upto(there.Count));
                await journal.Commit(Fired(there.Count, 1));
                await journal.SettledAsync();
                Seqs(await journal.All(_schedule)).ShouldBe(Upto(there.Count + 1));
            }
            folder.Dispose();
        }
    }

    [Fact]
    public async Task What_a_crash_has_torn_off_a_part_is_no_damage_and_what_is_changed_in_it_is_moved_aside_by_a_repair()
    {
        await using (var journal = await JsonlRunJournal.OpenAsync(_folder.Options() with { SegmentBytes = 2_000 }))
        {
            for (var i = 0; i < 40; i += 4) await journal.Commit(Fired(i, 4));
            await journal.SettledAsync();
        }
        var paths = new RunPaths(_folder.Path);
        var part = new StreamArchive(paths).PartsOf(_schedule)[^1].Path;
        File.AppendAllText(part, "{\"seq\":99,\"ty");
        var torn = new JournalVerification(paths).Run(CancellationToken.None);
        (torn.IsWhole, torn.Findings.ShouldHaveSingleItem().IsDamage).ShouldBe((true, false));

        var bytes = File.ReadAllBytes(part);
        bytes[20] ^= 1;
        File.WriteAllBytes(part, bytes);
        new JournalVerification(paths).Run(CancellationToken.None).IsWhole.ShouldBeFalse();
        var repaired = await new JournalRepair(paths, new Dictionary<StreamId, long>(), TimeProvider.System).RunAsync("ann", CancellationToken.None);
        repaired.Lost.ShouldContain(l => l.Contains(Path.GetFileName(part), StringComparison.Ordinal));
        File.Exists(part).ShouldBeFalse();
    }

    [Fact]
    public async Task Retention_lets_go_of_whole_parts_and_the_stream_goes_on_where_it_was()
    {
        var padding = new string('x', 4000);
        await using (var journal = await JsonlRunJournal.OpenAsync(_folder.Options() with { SegmentBytes = 400_000 }))
        {
            for (var i = 0; i < 1000; i++) await journal.Write([new(_schedule, i + 1, Some.At.AddHours(i), new ScheduleSkipped("at two/ä", "nightly", Some.At.AddHours(i), padding))]);
            await journal.Commit(Fired(1000, 1));
            await journal.SettledAsync();
        }
        var archive = new StreamArchive(new(_folder.Path));
        var parts = archive.PartsOf(_schedule);
        parts.Count.ShouldBeGreaterThan(2);
        var clock = new TestKit.ManualTimeProvider(Some.At.AddHours(1001));
        new StreamRetention(new DataDirectory(_folder.Path).Removal, null, null, clock).Trim().ShouldBe(0);
        new StreamRetention(new DataDirectory(_folder.Path).Removal, null, 10_000, clock).Trim().ShouldBe(0);
        new StreamRetention(new DataDirectory(_folder.Path).Removal, TimeSpan.FromHours(1001 - parts[1].First), null, clock).Trim().ShouldBe(1);
        new StreamRetention(new DataDirectory(_folder.Path).Removal, null, 1, clock).Trim().ShouldBe(parts.Count - 2, "the latest part stays");
        await using var again = await _folder.Open();
        var left = Seqs(await again.All(_schedule));
        (left[0], left[^1], left.Count).ShouldBe((parts[^1].First, 1001, (int)(1002 - parts[^1].First)));
        await again.Commit(Fired(1001, 1));
        new JournalVerification(new(_folder.Path)).Run(CancellationToken.None).IsWhole.ShouldBeTrue();
    }

    private RecordedEvent[] Fired(long after, int count) =>
        [.. Enumerable.Range(1, count).Select(i => new RecordedEvent(_schedule, after + i, Some.At.AddHours(after + i), new ScheduleSkipped("at two/ä", "nightly", Some.At.AddHours(after + i), "misfire")))];

    private static List<long> Seqs(IEnumerable<RecordedEvent> events) => [.. events.Select(e => e.Seq)];

    private static IEnumerable<long> Upto(long last) => Enumerable.Range(1, (int)last).Select(i => (long)i);

    // One step at a time: writer and archiver share the disk, and a copy is what it holds at one instant.
    private sealed class CopyingDisk(Action step) : Disk
    {
        private readonly Lock _gate = new();

        public override void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long at)
        {
            lock (_gate)
            {
                base.Write(file, bytes[..(bytes.Length / 2)], at);
                step();
                base.Write(file, bytes[(bytes.Length / 2)..], at + (bytes.Length / 2));
                step();
            }
        }

        public override void Sync(SafeFileHandle file)
        {
            lock (_gate)
            {
                base.Sync(file);
                step();
            }
        }

        public override void Rename(string from, string to)
        {
            lock (_gate) base.Rename(from, to);
        }

        public override void Delete(string path)
        {
            lock (_gate)
            {
                step();
                base.Delete(path);
                step();
            }
        }
    }
}
