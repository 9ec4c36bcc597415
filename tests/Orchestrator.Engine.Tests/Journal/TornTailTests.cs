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
    public async Task A_segment_whose_header_was_never_finished_is_dropped()
    {
        await using (var journal = await _folder.Open()) await journal.Commit(Some.Events(_a, 0));
        var next = Path.Combine(_folder.Writer(), "00000002.jsonl");
        foreach (var header in (string[])["", "{\"jour"])
        {
            File.WriteAllText(next, header);
            await using var journal = await _folder.Open();
            (await journal.All(_a)).Count.ShouldBe(1);
            File.Exists(next).ShouldBeFalse();
        }
    }

    [Fact]
    public async Task A_newer_journal_is_refused_by_name()
    {
        await using (var journal = await _folder.Open()) await journal.Commit(Some.Events(_a, 0));
        var text = File.ReadAllText(_folder.Segments()[0]);
        File.WriteAllText(_folder.Segments()[0], text.Replace("{\"journal\":1,", "{\"journal\":2,", StringComparison.Ordinal));
        (await Should.ThrowAsync<Core.Serialization.JournalFormatException>(() => _folder.Open())).Message.ShouldContain("newer version");
    }

    private static void Tear(string file, long length, long full, byte? filler)
    {
        var bytes = File.ReadAllBytes(file);
        if (filler is { } b) bytes.AsSpan((int)length, (int)(full - length)).Fill(b);
        else bytes = bytes[..(int)length];
        File.WriteAllBytes(file, bytes);
    }
}
