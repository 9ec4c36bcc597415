using System.Text;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Journal.Jsonl.Verifying;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Journal;

public sealed class RepairTests : IDisposable
{
    private readonly Folder _folder = new();
    private readonly RunId[] _runs = [Some.Run(), Some.Run(), Some.Run()];
    private readonly StreamId _schedule = StreamId.Schedule("nightly", "two");

    public void Dispose() => _folder.Dispose();

    private RunPaths Paths => new(_folder.Path);

    private StreamId Stream(int n) => StreamId.Run(_runs[n]);

    [Fact]
    public async Task A_journal_as_it_was_written_is_whole_with_what_is_archived_open_and_torn()
    {
        await WriteAsync();
        await using (var journal = await _folder.Open()) await journal.Commit(Some.End(Stream(2), 6));
        File.AppendAllText(_folder.Segments()[^1], "{\"seq\":9");
        var found = Verify();
        found.IsWhole.ShouldBeTrue(string.Join('\n', found.Findings));
        found.Archives.ShouldBe(1);
        found.Findings.Where(f => f.Kind == "segment").ShouldHaveSingleItem().IsDamage.ShouldBeFalse();
        (await RepairAsync()).KeptAs.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.5)]
    [InlineData(0.8)]
    public async Task Where_a_byte_is_changed_that_line_is_lost_and_what_stands_behind_it_in_its_run_and_nothing_else(double part)
    {
        await WriteAsync();
        var file = _folder.Segments()[1];
        var bytes = File.ReadAllBytes(file);
        var at = (int)(bytes.Length * part);
        at = bytes.AsSpan(at).IndexOf("\"time\":"u8) + at;
        bytes[at] ^= 1;
        File.WriteAllBytes(file, bytes);
        var line = Encoding.UTF8.GetString(bytes[..at]).Split('\n')[^1];

        var finding = Verify().Findings.Where(f => f is { IsDamage: true, Kind: "segment" }).ShouldHaveSingleItem();
        Verify().Findings.Count(f => f.Kind == "stream").ShouldBe(1);
        (finding.Place, finding.Offset).ShouldBe((Path.GetRelativePath(_folder.Path, file), (long)Encoding.UTF8.GetString(bytes[..at]).LastIndexOf('\n') + 1));
        var done = await RepairAsync();
        Path.Combine(_folder.Path, done.KeptAs[0]).ShouldSatisfyAllConditions(p => File.ReadAllBytes(p).ShouldBe(bytes));
        Verify().IsWhole.ShouldBeTrue(string.Join('\n', Verify().Findings));

        await using var journal = await _folder.Open();
        await journal.ClaimAbandonedAsync();
        var seq = long.Parse(line.Split(':', ',')[1], System.Globalization.CultureInfo.InvariantCulture);
        var hit = Encoding.UTF8.GetString(bytes).Split('\n')[Encoding.UTF8.GetString(bytes[..at]).Count(c => c == '\n')];
        for (var n = 0; n < _runs.Length; n++)
        {
            var there = (await journal.All(Stream(n))).Select(e => e.Seq).ToList();
            if (hit.Contains(_runs[n].ToString(), StringComparison.Ordinal))
            {
                there.ShouldBe(Enumerable.Range(1, (int)seq - 1).Select(i => (long)i));
                done.Lost.ShouldContain(l => l.StartsWith(Stream(n).ToString(), StringComparison.Ordinal));
            }
            else there.Count.ShouldBe(6);
        }
        var ofSchedule = await journal.All(_schedule);
        ofSchedule.Select(e => e.Seq).ShouldBe([1L, 2, 3, 4, 5, 6]);
        ofSchedule.Count(e => e.Event is JournalEventsLost).ShouldBe(hit.Contains("schedule:", StringComparison.Ordinal) ? 1 : 0);
        var told = new SegmentCatalog(Paths);
        told.Streams().SelectMany(s => told.Read(s)).Count(e => e.Event is JournalRepaired).ShouldBe(1);
    }

    [Fact]
    public async Task A_newline_that_is_gone_loses_nothing()
    {
        await WriteAsync();
        var file = _folder.Segments()[0];
        var bytes = File.ReadAllBytes(file);
        bytes[bytes.AsSpan(bytes.Length / 2).IndexOf((byte)'\n') + (bytes.Length / 2)] = (byte)'x';
        File.WriteAllBytes(file, bytes);
        Verify().IsWhole.ShouldBeFalse();
        (await RepairAsync()).Lost.ShouldHaveSingleItem().ShouldContain("1 bytes");
        await using var journal = await _folder.Open();
        for (var n = 0; n < _runs.Length; n++) (await journal.All(Stream(n))).Count.ShouldBe(6);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_segment_that_was_emptied_is_found_and_its_runs_go_as_far_as_they_can(int which)
    {
        await WriteAsync();
        File.WriteAllText(_folder.Segments()[which], "");
        var found = Verify();
        found.Findings.ShouldContain(f => f.IsDamage && f.Kind == "segment" && f.Offset == 0);
        found.Findings.ShouldContain(f => f.Kind == "stream");
        await RepairAsync();
        Verify().IsWhole.ShouldBeTrue(string.Join('\n', Verify().Findings));
        await using var journal = await _folder.Open();
        for (var n = 0; n < _runs.Length; n++)
            (await journal.All(Stream(n))).Select((e, i) => e.Seq == i + 1).ShouldAllBe(ok => ok);
    }

    [Fact]
    public async Task A_damaged_archive_is_moved_aside_and_its_run_known_to_be_gone()
    {
        await using (var ended = await _folder.Open())
        {
            await ended.Commit(Some.Created(Stream(0)));
            await ended.Commit(Some.End(Stream(0), 1));
        }
        var archive = Paths.EventsOf(_runs[0]);
        var bytes = File.ReadAllBytes(archive);
        bytes[40] ^= 4;
        File.WriteAllBytes(archive, bytes);
        Verify().Findings.Where(f => f.Kind == "archive").ShouldHaveSingleItem().Offset.ShouldBe(0);
        var done = await RepairAsync();
        File.Exists(archive).ShouldBeFalse();
        done.Lost.ShouldHaveSingleItem().ShouldContain(_runs[0].ToString());
        new RemovedRuns(Paths).Read().ShouldContain(_runs[0]);
        Verify().IsWhole.ShouldBeTrue();
    }

    [Fact]
    public async Task A_damaged_archive_whose_events_are_still_in_segments_costs_nothing()
    {
        await using (var ended = await _folder.Open())
        {
            await ended.Commit(Some.Created(Stream(1)));
            for (var i = 1; i < 20; i++) await ended.Commit(Some.Events(Stream(1), i));   // open, and most of the segment: it stays
            await ended.Commit(Some.Created(Stream(0)));
            await ended.Commit(Some.End(Stream(0), 1));
        }
        var archive = Paths.EventsOf(_runs[0]);
        var bytes = File.ReadAllBytes(archive);
        bytes[40] ^= 4;
        File.WriteAllBytes(archive, bytes);
        var done = await RepairAsync();
        done.KeptAs.ShouldHaveSingleItem();
        done.Lost.ShouldBeEmpty();
        new RemovedRuns(Paths).Read().ShouldBeEmpty();
        await using (var journal = await _folder.Open()) (await journal.All(Stream(0))).Count.ShouldBe(2);
        (await new RunReader(Paths).ReadEventsAsync(_runs[0], TestContext.Current.CancellationToken)).Count.ShouldBe(2);
        Verify().IsWhole.ShouldBeTrue(string.Join('\n', Verify().Findings));
    }

    [Fact]
    public async Task A_folder_that_is_being_written_is_left_alone()
    {
        await WriteAsync();
        await using var live = await _folder.Open();
        (await RepairAsync()).Locked.ShouldBe(["journal/w"]);
    }

    private JournalVerified Verify()
    {
        var found = new JournalVerification(Paths).Run(CancellationToken.None);
        return found with { Findings = [.. found.Findings.Where(f => f.Kind != "definition")] };
    }

    private Task<JournalRepairResult> RepairAsync() => new JournalRepair(Paths, new Dictionary<StreamId, long>(), TimeProvider.System).RunAsync("ann", CancellationToken.None);

    // Three runs and a schedule, their events between one another in several segments.
    private async Task WriteAsync()
    {
        await using var journal = await JsonlRunJournal.OpenAsync(_folder.Options() with { SegmentBytes = 2500 });
        for (var i = 0; i < 6; i++)
        {
            for (var n = 0; n < _runs.Length; n++) await journal.Commit(i == 0 ? Some.Created(Stream(n)) : Some.Events(Stream(n), i));
            await journal.Commit(Some.Events(_schedule, i));
        }
    }
}
