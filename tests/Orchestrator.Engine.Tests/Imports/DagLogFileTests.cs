using System.Text;
using Orchestrator.Core.Statistics.Compatibility;
using Orchestrator.Engine.Imports;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Imports;

public sealed class DagLogFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("orc-daglog-");

    public void Dispose() => _folder.Delete(recursive: true);

    private string Write(params byte[][] parts)
    {
        var path = Path.Combine(_folder.FullName, "log.jsonl");
        File.WriteAllBytes(path, [.. parts.SelectMany(p => p)]);
        return path;
    }

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    private static byte[] Event(int number) => Text($$"""{"event":"e{{number}}"}""" + "\n");

    [Fact]
    public void A_file_that_is_missing_or_none_has_no_events()
    {
        DagLogFile.LoadEvents(Path.Combine(_folder.FullName, "none")).Events.ShouldBeEmpty();
        DagLogFile.LoadEvents(_folder.FullName).Events.ShouldBeEmpty();
        DagLogFile.LoadEvents(Write()).Events.ShouldBeEmpty();
    }

    [Fact]
    public void The_last_events_come_with_the_most_recent_first()
    {
        var path = Write([.. Enumerable.Range(1, 6000).Select(Event)]);
        DagLogFile.LoadEvents(path, 3).Events.Select(e => e.Event).ShouldBe(["e6000", "e5999", "e5998"]);
        DagLogFile.LoadEvents(path).Events.Length.ShouldBe(5000);
        DagLogFile.LoadEvents(path, 0).Events.ShouldBeEmpty();
        DagLogFile.LoadEvents(path, 10_000).Events[^1].Event.ShouldBe("e1");
    }

    [Fact]
    public void Damaged_lines_are_skipped_and_counted_and_the_first_are_named()
    {
        var read = DagLogFile.LoadEvents(Write(Text("\uFEFF"), Event(1), Text("\n  \r\n{torn\n"), Event(2)[..^1], Text("\r\n"), [0xFF, 0xFE, (byte)'\n'], Text("[]\n{\"event\":\"e3\"}")));
        read.Events.Select(e => e.Event).ShouldBe(["e3", "e2", "e1"]);
        read.DamagedLines.ShouldBe(3);
        read.Damaged.ShouldBe([new(4, "is not JSON"), new(6, "is not UTF-8"), new(7, "is not a JSON object")]);
        DagLogFile.LoadEvents(Write([.. Enumerable.Repeat(Text("x\n"), 30)])).Damaged.Length.ShouldBe(20);
    }

    [Fact]
    public void A_line_that_is_too_long_is_one_damaged_line_wherever_it_ends()
    {
        foreach (var length in new[] { DagLogReader.MaxLineBytes + 1, DagLogReader.MaxLineBytes + (256 << 10), (3 * DagLogReader.MaxLineBytes) + 17 })
        {
            var read = DagLogFile.LoadEvents(Write(Event(1), Text(new string('x', length)), Text("\n"), Event(2)));
            read.Events.Select(e => e.Event).ShouldBe(["e2", "e1"]);
            read.Damaged.ShouldBe([new(2, "is longer than 1048576 bytes")]);
            DagLogFile.LoadEvents(Write(Event(1), Text(new string('x', length)))).DamagedLines.ShouldBe(1);
        }
        var most = Text($$"""{"event":"{{new string('x', DagLogReader.MaxLineBytes - 12)}}"}""" + "\r\n");
        DagLogFile.LoadEvents(Write(Event(1), most, Event(2))).Events.Length.ShouldBe(3);
        DagLogFile.LoadEvents(Write(Event(1), most[..^2], Text("\n"), Event(2))).Events.Length.ShouldBe(3);
    }
}
