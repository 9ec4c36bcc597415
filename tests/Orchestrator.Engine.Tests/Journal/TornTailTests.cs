using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Journal;

public sealed class TornTailTests : IDisposable
{
    private readonly Folder _folder = new();
    private readonly StreamId _a = StreamId.Run(Some.Run());
    private readonly StreamId _b = StreamId.Run(Some.Run());

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Whatever_part_of_the_last_append_is_missing_exactly_the_whole_appends_before_it_are_there()
    {
        long before, after;
        await using (var journal = await _folder.Open())
        {
            await journal.Commit(Some.Events(_a, 0, 2));
            await journal.Commit(Some.Events(_b, 0, 1));
            before = new FileInfo(_folder.Segments()[0]).Length;
            await journal.Commit(Some.Events(_a, 2, 3));
            after = new FileInfo(_folder.Segments()[0]).Length;
        }
        for (var length = before; length <= after; length++)
            foreach (var filler in length % 29 == 0 || length >= after - 2 ? (byte?[])[null, 0, (byte)'x', (byte)'\n'] : [null])
            {
                using var crashed = _folder.Copy();
                Tear(crashed.Segments()[0], length, after, filler);
                var whole = length == after || (length == after - 1 && filler == (byte)'\n');
                await using var journal = await crashed.Open();
                (await journal.All(_a)).Count.ShouldBe(whole ? 5 : 2, $"{length} of {after}");
                (await journal.All(_b)).Count.ShouldBe(1);
                if (length % 29 == 0) await journal.Commit(Some.Events(_a, whole ? 5 : 2));
            }
    }

    [Fact]
    public async Task A_flipped_bit_in_a_committed_line_is_corruption_with_its_place()
    {
        var starts = new List<long>();
        await using (var journal = await _folder.Open())
            for (var i = 0; i < 4; i++)
            {
                await journal.Commit(Some.Events(_a, i));
                starts.Add(new FileInfo(_folder.Segments()[0]).Length);
            }
        for (var at = starts[0]; at < starts[2]; at += 7)
        {
            using var damaged = _folder.Copy();
            var file = damaged.Segments()[0];
            var bytes = File.ReadAllBytes(file);
            bytes[at] ^= 1;
            File.WriteAllBytes(file, bytes);
            var error = await Should.ThrowAsync<JournalCorruptException>(() => damaged.Open());
            error.Segment.ShouldBe(file);
            error.Offset.ShouldBe(starts.Last(s => s <= at));
            error.Message.ShouldContain(file);
            File.ReadAllBytes(file).ShouldBe(bytes, "nothing is repaired");
        }
    }

    [Fact]
    public async Task A_later_part_of_a_commit_may_reach_the_disk_before_an_earlier_one()
    {
        long first, second;
        await using (var journal = await _folder.Open())
        {
            await journal.Commit(Some.Events(_a, 0));
            first = new FileInfo(_folder.Segments()[0]).Length;
            await journal.Write(Some.Events(_a, 1));
            second = new FileInfo(_folder.Segments()[0]).Length;
            await journal.Commit(Some.Events(_a, 2));
        }
        using var crashed = _folder.Copy();
        var bytes = File.ReadAllBytes(crashed.Segments()[0]);
        bytes.AsSpan((int)first, (int)(second - first)).Clear();
        File.WriteAllBytes(crashed.Segments()[0], bytes);
        await using var after = await crashed.Open();
        (await after.All(_a)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_segment_that_is_not_the_last_must_be_whole()
    {
        await using (var journal = await JsonlRunJournal.OpenAsync(_folder.Options() with { SegmentBytes = 300 }))
            for (var i = 0; i < 3; i++) await journal.Commit(Some.Events(_a, i));
        var file = _folder.Segments()[0];
        File.WriteAllBytes(file, File.ReadAllBytes(file)[..^5]);
        (await Should.ThrowAsync<JournalCorruptException>(() => _folder.Open())).Segment.ShouldBe(file);
    }

    [Fact]
    public async Task A_segment_that_an_earlier_version_never_finished_to_begin_is_dropped()
    {
        await using (var journal = await _folder.Open()) await journal.Commit(Some.Events(_a, 0));
        var next = Path.Combine(_folder.Writer(), "00000002.jsonl");
        File.WriteAllText(next, "{\"journal\":1,\"wri");
        File.WriteAllText(next + ".tmp", "{\"journal\":2");
        await using (var journal = await _folder.Open()) (await journal.All(_a)).Count.ShouldBe(1);
        File.Exists(next).ShouldBeFalse();
        File.Exists(next + ".tmp").ShouldBeFalse();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(30)]
    public async Task A_segment_has_its_header_before_it_has_its_name_so_one_without_has_lost_it(int left)
    {
        await using (var journal = await _folder.Open()) await journal.Commit(Some.Events(_a, 0));
        var file = _folder.Segments()[0];
        File.WriteAllBytes(file, File.ReadAllBytes(file)[..left]);
        var error = await Should.ThrowAsync<JournalCorruptException>(() => _folder.Open());
        (error.Segment, error.Offset).ShouldBe((file, 0));
        new FileInfo(file).Length.ShouldBe(left);
    }

    [Fact]
    public async Task A_segment_that_is_shorter_than_it_was_when_the_next_was_begun_is_damaged_though_its_lines_are_whole()
    {
        await using (var journal = await JsonlRunJournal.OpenAsync(_folder.Options() with { SegmentBytes = 300 }))
            for (var i = 0; i < 4; i++) await journal.Commit(Some.Events(_a, i));
        var (file, bytes) = (_folder.Segments()[0], File.ReadAllBytes(_folder.Segments()[0]));
        var lastLine = bytes.AsSpan(0, bytes.Length - 1).LastIndexOf((byte)'\n') + 1;
        File.WriteAllBytes(file, bytes[..lastLine]);
        var error = await Should.ThrowAsync<JournalCorruptException>(() => _folder.Open());
        (error.Segment, error.Offset).ShouldBe((file, lastLine));
        error.Message.ShouldContain("00000002.jsonl");
    }

    [Fact]
    public async Task A_segment_says_which_one_it_is_and_commits_go_on_from_one_to_the_next()
    {
        await using (var journal = await JsonlRunJournal.OpenAsync(_folder.Options() with { SegmentBytes = 300 }))
            for (var i = 0; i < 3; i++) await journal.Commit(Some.Events(_a, i));
        var marks = _folder.Segments().SelectMany(s => File.ReadLines(s).Skip(1)).Select(l =>
        {
            Core.Serialization.LineTrailer.TryRead(System.Text.Encoding.UTF8.GetBytes(l), out var mark).ShouldBeTrue();
            return mark.Commit;
        }).ToList();
        marks.ShouldBe([1, 2, 3]);
        File.Copy(_folder.Segments()[0], Path.Combine(_folder.Writer(), "00000009.jsonl"));
        (await Should.ThrowAsync<JournalCorruptException>(() => _folder.Open())).Message.ShouldContain("segment 1");
    }

    [Fact]
    public async Task What_is_cut_is_kept_aside_and_told()
    {
        await using (var journal = await _folder.Open()) await journal.Commit(Some.Events(_a, 0));
        var file = _folder.Segments()[0];
        var length = new FileInfo(file).Length;
        for (var again = 1; again <= 2; again++)
        {
            File.AppendAllText(file, "{\"seq\":2,\"type\"");
            await using var journal = await _folder.Open();
            var cut = journal.Cuts.ShouldHaveSingleItem();
            (cut.Segment, cut.Offset, cut.Bytes).ShouldBe((file, length, 15));
            File.ReadAllText(cut.KeptAs).ShouldBe("{\"seq\":2,\"type\"");
            Directory.GetFiles(Path.Combine(_folder.Path, "quarantine")).Length.ShouldBe(again);
        }
    }

    [Fact]
    public async Task A_newer_journal_is_refused_by_name()
    {
        await using (var journal = await _folder.Open()) await journal.Commit(Some.Events(_a, 0));
        const string body = "{\"journal\":3,\"shape\":\"another\"";
        var crc = Core.Serialization.Crc32C.Of(System.Text.Encoding.UTF8.GetBytes(body));
        File.WriteAllText(_folder.Segments()[0], $"{body},\"c\":\"{crc:x8}\"}}\n");
        var error = await Should.ThrowAsync<Core.Serialization.JournalFormatException>(() => _folder.Open());
        error.Message.ShouldContain("newer version");
        error.Message.ShouldContain("version 3");
    }

    private static void Tear(string file, long length, long full, byte? filler)
    {
        var bytes = File.ReadAllBytes(file);
        if (filler is { } b) bytes.AsSpan((int)length, (int)(full - length)).Fill(b);
        else bytes = bytes[..(int)length];
        File.WriteAllBytes(file, bytes);
    }
}
