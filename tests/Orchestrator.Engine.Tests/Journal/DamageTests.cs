using Orchestrator.Core.Runs;
using Orchestrator.Core.Serialization;
using Orchestrator.Engine.Journal;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Journal;

/// <summary>
/// Whatever is done to one place of a segment: it is refused with its place, or what comes back is everything up to a point, and of what is missing no line of a
/// later commit is left that could have told.
/// </summary>
public sealed class DamageTests : IDisposable
{
    private readonly Folder _folder = new();
    private readonly StreamId[] _streams = [StreamId.Run(Some.Run()), StreamId.Run(Some.Run()), StreamId.Schedule("nightly", "two"), StreamId.Node("n")];
    private byte[] _original = [];
    private List<Line> _lines = [];

    private sealed record Line(int Start, int End, string Stream, long Seq, LineMark Mark, int Append);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_newline_between_the_last_two_commits_says_that_the_first_of_them_was_durable()
    {
        await using (var journal = await _folder.Open())
            for (var i = 0; i < 3; i++) await journal.Commit(Some.Events(_streams[0], i));
        var file = _folder.Segments()[0];
        var bytes = File.ReadAllBytes(file);
        var newline = bytes.AsSpan(0, bytes.Length - 1).LastIndexOf((byte)'\n');
        foreach (var other in (byte[])[(byte)'x', 0, (byte)'{', (byte)'\r'])
        {
            bytes[newline] = other;
            File.WriteAllBytes(file, bytes);
            var error = await Should.ThrowAsync<JournalCorruptException>(() => _folder.Open());
            error.Offset.ShouldBe(bytes.AsSpan(0, newline).LastIndexOf((byte)'\n') + 1);
            File.ReadAllBytes(file).ShouldBe(bytes);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Damage_in_one_place_never_takes_an_earlier_commit_unnoticed(int seed)
    {
        var random = new Random(seed);
        await WriteAsync(random);
        foreach (var (what, damaged, touched) in Edits(random))
        {
            if (damaged.AsSpan().SequenceEqual(_original)) continue;
            using var folder = _folder.Copy();
            var file = folder.Segments()[0];
            File.WriteAllBytes(file, damaged);
            try
            {
                await using var journal = await folder.Open();
                await CheckAsync(journal, what, damaged, touched);
            }
            catch (JournalCorruptException e)
            {
                e.Segment.ShouldBe(file, what);
                e.Offset.ShouldBeInRange(0, damaged.Length, what);
                File.ReadAllBytes(file).ShouldBe(damaged, what);
            }
        }
    }

    // Commits of one to four appends, each of one to three events; some appends are only written and join the next commit.
    private async Task WriteAsync(Random random)
    {
        var versions = new long[_streams.Length];
        await using (var journal = await _folder.Open())
            for (var commit = 0; commit < 8; commit++)
                for (var append = random.Next(1, 5); append > 0; append--)
                {
                    var (stream, count) = (random.Next(_streams.Length), random.Next(1, 4));
                    var events = Some.Events(_streams[stream], versions[stream], count);
                    versions[stream] += count;
                    if (append > 1) await journal.Write(events);
                    else await journal.Commit(events);
                }
        _original = File.ReadAllBytes(_folder.Segments()[0]);
        _lines = [];
        var number = 0;
        for (var at = _original.AsSpan().IndexOf((byte)'\n') + 1; at < _original.Length;)
        {
            var end = at + _original.AsSpan(at).IndexOf((byte)'\n') + 1;
            var line = _original.AsSpan(at, end - at - 1);
            LineTrailer.TryRead(line, out var mark).ShouldBeTrue();
            JournalLine.TryReadHeader(line, out var header).ShouldBeTrue();
            _lines.Add(new(at, end, System.Text.Encoding.UTF8.GetString(header.Stream), header.Seq, mark, number));
            if (mark.EndOfAppend) number++;
            at = end;
        }
    }

    private IEnumerable<(string What, byte[] Damaged, Func<Line, bool> Touched)> Edits(Random random)
    {
        var places = Enumerable.Range(0, _original.Length).Where(i => i % 61 == 0)
            .Concat(_lines.SelectMany(l => (int[])[l.Start - 1, l.Start, l.End - 2])).Where(i => i < _original.Length).Distinct().Order().ToList();
        foreach (var at in places)
        {
            yield return Replaced(at, 1, [(byte)(_original[at] ^ 1)]);
            yield return Replaced(at, 1, []);
            if (random.Next(2) == 0) yield return Replaced(at, 0, [(byte)"x\n\0{"[random.Next(4)]]);
            if (random.Next(3) == 0) yield return Replaced(at, _original.Length - at, []);
        }
        for (var i = 0; i < 200; i++)
        {
            // Half of them from line to line: what is left is whole.
            var (from, to) = i % 2 == 0 ? (random.Next(_original.Length), random.Next(_original.Length)) : (_lines[random.Next(_lines.Count)].Start, _lines[random.Next(_lines.Count)].End);
            if (from > to) (from, to) = (to, from);
            yield return (i % 5) switch
            {
                0 => Replaced(from, to - from, []),
                1 => Replaced(from, to - from, new byte[to - from]),
                2 => Replaced(from, to - from, [.. _original[from..to].Select(b => (byte)(b ^ 0x15))]),
                3 => Replaced(to, 0, _original[from..to]),
                _ => Replaced(from, to - from, _original[.._lines[0].Start]),
            };
        }
    }

    private (string, byte[], Func<Line, bool>) Replaced(int at, int length, byte[] by) =>
        ($"{length} bytes at {at} replaced by {by.Length}", [.. _original[..at], .. by, .. _original[(at + length)..]],
            l => length == 0 ? at > l.Start && at < l.End : l.Start < at + length && l.End > at);

    private async Task CheckAsync(JsonlRunJournal journal, string what, byte[] damaged, Func<Line, bool> touched)
    {
        var found = new HashSet<(string, long)>();
        foreach (var stream in _streams)
            foreach (var e in await journal.All(stream)) found.Add((stream.ToString(), e.Seq));
        var appends = _lines.GroupBy(l => l.Append).OrderBy(a => a.Key).ToList();
        var there = appends.TakeWhile(a => a.All(l => found.Contains((l.Stream, l.Seq)))).Count();
        found.Count.ShouldBe(appends.Take(there).Sum(a => a.Count()), $"{what}: something is there behind what is missing");
        if (there == appends.Count) return;
        var firstLost = appends[there].First().Mark.Commit;
        _lines.Where(l => !touched(l)).Max(l => (long?)l.Mark.Commit).GetValueOrDefault().ShouldBeLessThanOrEqualTo(firstLost, $"{what}: commit {firstLost} went though a later one is there");
        var good = (int)appends[there].First().Start;
        if (damaged.Length > good) File.ReadAllBytes(journal.Cuts.ShouldHaveSingleItem(what).KeptAs).ShouldBe(damaged[good..], what);
    }
}
