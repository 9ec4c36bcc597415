using System.Globalization;
using System.Text;
using Orchestrator.Conformance.Harness;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>`journal verify`, `repair` and `export`, and what `serve` does with a journal that is not as it was written.</summary>
public sealed class JournalCases
{
    private const string Asks = "name: asks\nlabels: {team: data}\ntasks:\n  - {id: first, noop: true}\n  - {id: ask, depends_on: [first], approval: {prompt: 'Go on?'}}\n";

    [Fact(DisplayName = "JN01 a byte changed between the last two commits is refused with its place; a repair moves the file aside, says what is lost, and serve starts")]
    public async Task DamagedNewline()
    {
        await using var box = new Sandbox();
        await KilledAsync(box);
        var segment = Segment(box);
        var bytes = await File.ReadAllBytesAsync(segment);
        var newline = LastCommit(bytes) - 1;
        bytes[newline] = (byte)'x';
        await File.WriteAllBytesAsync(segment, bytes);
        var place = bytes.AsSpan(0, newline).LastIndexOf((byte)'\n') + 1;

        var refused = (await box.RunAsync("serve")).Exits(5);
        refused.Errors.ShouldContain($"{segment} at byte {place}");
        refused.Errors.ShouldContain("journal repair --quarantine");
        (await File.ReadAllBytesAsync(segment)).ShouldBe(bytes);

        var found = (await box.RunAsync("journal", "verify", "--json")).Exits(1).Json();
        var finding = found.GetProperty("findings").EnumerateArray().Where(f => f.GetProperty("damage").GetBoolean()).ShouldHaveSingleItem();
        (finding.Text("place"), finding.GetProperty("offset").GetInt32()).ShouldBe((Path.GetRelativePath(box.Data, segment), place));
        (await box.RunAsync("journal", "verify")).Exits(1).Output.Split('\n').ShouldAllBe(l => l.Length <= 80);

        (await box.RunAsync("journal", "repair")).Exits(2).Errors.ShouldContain("--quarantine");
        var done = (await box.RunAsync("journal", "repair", "--quarantine", "--json")).Exits(0).Json();
        (await File.ReadAllBytesAsync(Path.Combine(box.Data, done.GetProperty("kept_as")[0].GetString()!))).ShouldBe(bytes);
        done.GetProperty("lost").EnumerateArray().ShouldHaveSingleItem().GetString()!.ShouldContain("1 bytes");
        (await box.RunAsync("journal", "verify")).Exits(0);
        await using (var server = await Server.StartAsync(box))
            (await box.RunAsync("events", "--type", "journal.*")).JsonLines().ShouldHaveSingleItem().Type().ShouldBe("journal.repaired");
        (await box.RunAsync("journal", "repair", "--quarantine")).Exits(0).Output.ShouldContain("Nothing is damaged");
    }

    [Fact(DisplayName = "JN02 what was never acknowledged at the end of a segment is cut, kept aside and told")]
    public async Task TornTail()
    {
        await using var box = new Sandbox();
        await KilledAsync(box);
        var segment = Segment(box);
        var length = new FileInfo(segment).Length;
        await File.AppendAllTextAsync(segment, "{\"seq\":99,\"type\":\"task.st");
        (await box.RunAsync("journal", "verify")).Exits(0).Output.ShouldContain($"at byte {length}");
        await using var server = await Server.StartAsync(box);
        var told = (await box.RunAsync("events", "--type", "journal.tail_cut")).JsonLines().ShouldHaveSingleItem().Data();
        (told.GetProperty("offset").GetInt64(), told.GetProperty("bytes").GetInt64()).ShouldBe((length, 25));
        (await File.ReadAllTextAsync(Path.Combine(box.Data, told.Text("kept_as")!))).ShouldBe("{\"seq\":99,\"type\":\"task.st");
    }

    [Fact(DisplayName = "JN03 an export has every event once, each stream in its order, with the labels of its workflow")]
    public async Task Export()
    {
        await using var box = new Sandbox();
        var run = await KilledAsync(box);
        var all = (await box.RunAsync("journal", "export")).JsonLines();
        foreach (var stream in all.GroupBy(e => e.Text("stream")))
            stream.Select(e => e.GetProperty("seq").GetInt64()).ShouldBe(Enumerable.Range(1, stream.Count()).Select(i => (long)i), stream.Key);
        all.Count.ShouldBe((await box.RunAsync("events")).JsonLines().Count);
        var one = (await box.RunAsync("journal", "export", "--run", run)).JsonLines();
        one.ShouldAllBe(e => e.Text("run_id") == run);
        one[0].EnumerateObject().Select(p => p.Name).ShouldBe(["seq", "type", "time", "stream", "run_id", "v", "data"]);
        one[0].Data().GetProperty("labels").Text("team").ShouldBe("data");
        (await box.RunAsync("journal", "export", "--since", TimeProvider.System.GetUtcNow().ToString("O", CultureInfo.InvariantCulture))).Exits(0).Output.ShouldBeEmpty();
    }

    [Fact(DisplayName = "JN04 a journal that a newer program wrote is refused with both versions and left as it is")]
    public async Task NewerJournal()
    {
        await using var box = new Sandbox();
        await KilledAsync(box);
        var segment = Segment(box);
        const string body = "{\"journal\":3,\"other\":true";
        await File.WriteAllTextAsync(segment, $"{body},\"c\":\"{Crc(Encoding.UTF8.GetBytes(body)):x8}\"}}\n");
        var before = await File.ReadAllBytesAsync(segment);
        var refused = (await box.RunAsync("serve")).Exits(5);
        refused.Errors.ShouldContain("version 3");
        refused.Errors.ShouldContain("up to version 2");
        refused.Errors.ShouldContain("restore the backup");
        (await File.ReadAllBytesAsync(segment)).ShouldBe(before);
    }

    [Theory(DisplayName = "JN05 help of the journal's verbs has examples and fits 80 columns where the others do")]
    [InlineData("verify")]
    [InlineData("repair")]
    [InlineData("export")]
    public async Task Help(string verb)
    {
        await using var box = new Sandbox();
        var help = (await box.RunAsync("journal", verb, "--help")).Exits(0).Output;
        help.ShouldContain($"orchestrator journal {verb}");
        help.ShouldContain("Examples:");
        help.ShouldContain("--json");
    }

    [Fact(DisplayName = "JN06 every due time of a schedule and every word of a worker stays readable over restarts, once and in order, and reconcile finds nothing")]
    public async Task SystemStreams()
    {
        await using var box = new Sandbox();
        box.Write("workflows/tick.yaml", "name: tick\nschedules: [{id: s, cron: '* * * * * *'}]\ntasks: [{id: a, noop: true}]\n");
        box.Environment["Orchestrator__Runner__InstanceId"] = "same";   // else each process has a stream of its own
        var fired = 0;
        for (var start = 1; start <= 3; start++)
        {
            await using var server = await Server.StartAsync(box);
            var before = fired;
            await Poll.UntilAsync(async () => (fired = (await box.RunAsync("events", "--type", "schedule.*")).JsonLines().Count) >= before + 2, "two due times");
            if (start > 1) await Poll.UntilAsync(() => Directory.Exists(Path.Combine(box.Data, "streams")), "an archive of what earlier processes wrote");
        }
        var events = (await box.RunAsync("events", "--type", "schedule.*,worker.*")).JsonLines();
        foreach (var type in (string[])["schedule.", "worker."])
        {
            var seqs = events.Where(e => e.Type().StartsWith(type, StringComparison.Ordinal)).Select(e => e.GetProperty("seq").GetInt64()).ToList();
            seqs.ShouldBe(Enumerable.Range(1, seqs.Count).Select(i => (long)i), type);
        }
        events.Count(e => e.Type() == "worker.started").ShouldBe(3);
        (await box.RunAsync("journal", "verify")).Exits(0);
        (await box.RunAsync("reconcile")).Exits(0);
    }

    [Fact(DisplayName = "JN07 events cut from an open run are found by reconcile and told by serve, and what happens then has ids that nobody was told before")]
    public async Task CutEvents()
    {
        await using var box = new Sandbox();
        var run = await KilledAsync(box);
        (await box.RunAsync("reconcile")).Exits(0);
        var before = (await box.EventsAsync(run)).ConvertAll(e => e.Text("event_id"));
        Told(box, run).ShouldBe(before.Count);
        var segment = Segment(box);
        var lines = await File.ReadAllLinesAsync(segment);
        // As if the run's last append had never been: whole lines, and nothing behind them.
        var kept = Array.FindLastIndex(lines, l => l.Contains($"\"stream\":\"run:{run}\"", StringComparison.Ordinal));
        while (!lines[kept - 1].Contains(",\"e\":", StringComparison.Ordinal)) kept--;
        await File.WriteAllTextAsync(segment, string.Join('\n', lines[..kept]) + "\n");

        var found = (await box.RunAsync("reconcile", "--json")).Exits(1).Json();
        found.GetProperty("differences").EnumerateArray().ShouldContain(d => d.Text("check") == "feed" && d.Text("of") == run && d.Text("what") == "events told");
        await using var server = await Server.StartAsync(box);
        (await box.RunAsync("events", "--type", "journal.events_lost")).JsonLines().ShouldContain(e => e.Data().Text("of") == $"run:{run}");
        await server.StatusAsync(run, "paused");
        (await box.RunAsync("approve", run, "ask")).Exits(0);
        (await server.EndOfAsync(run)).ShouldBe("completed");
        var after = await box.EventsAsync(run);
        after.Select(e => e.GetProperty("seq").GetInt64()).ShouldBe(Enumerable.Range(1, after.Count).Select(i => (long)i));
        var lost = after.Count(e => e.Type() == "workflow.events_lost");
        lost.ShouldBeGreaterThan(0);
        after.Skip(before.Count).Select(e => e.Text("event_id")).ShouldAllBe(id => !before.Contains(id));
        after.Skip(before.Count).ShouldAllBe(e => e.Type() != "workflow.events_lost");
        (await box.RunAsync("reconcile")).Exits(0);
    }

    [Fact(DisplayName = "JN08 a segment that was emptied is refused, one that is gone is told by serve and found by reconcile")]
    public async Task EmptiedSegment()
    {
        await using var box = new Sandbox();
        var run = await KilledAsync(box);
        var segment = Segment(box);
        await File.WriteAllTextAsync(segment, "");
        (await box.RunAsync("serve")).Exits(5).Errors.ShouldContain($"{segment} at byte 0");
        (await box.RunAsync("journal", "repair", "--quarantine")).Exits(0).Output.ShouldContain($"run:{run}: all its events");
        await using (var server = await Server.StartAsync(box))
            (await box.RunAsync("events", "--type", "journal.events_lost")).JsonLines().ShouldContain(e => e.Data().Text("of") == $"run:{run}");
        var found = (await box.RunAsync("reconcile", "--json")).Exits(1).Json();
        found.GetProperty("differences").EnumerateArray().ShouldContain(d => d.Text("of") == run);
    }

    [Fact(DisplayName = "JN09 a damaged archive whose events are still in the journal's segments is written again after a repair, and nothing is lost")]
    public async Task DamagedArchive()
    {
        await using var box = new Sandbox();
        await KilledAsync(box, untilArchived: true);
        var quick = (await box.RunAsync("runs", "--workflow", "quick", "--json")).JsonLines().Single().Text("run_id")!;
        var archive = Path.Combine(box.RunFolder(quick), "events.jsonl");
        var bytes = await File.ReadAllBytesAsync(archive);
        bytes[60] ^= 1;
        await File.WriteAllBytesAsync(archive, bytes);
        (await box.RunAsync("journal", "verify")).Exits(1);

        var done = (await box.RunAsync("journal", "repair", "--quarantine", "--json")).Exits(0).Json();
        done.GetProperty("kept_as").GetArrayLength().ShouldBe(1);
        done.GetProperty("lost").GetArrayLength().ShouldBe(0);
        await using (var server = await Server.StartAsync(box)) (await server.EndOfAsync(quick)).ShouldBe("completed");
        (await box.RunAsync("journal", "verify")).Exits(0);
        (await box.EventsAsync(quick))[^1].Type().ShouldBe("workflow.completed");
    }

    // A finished run, one that waits for an answer, and a serve that was killed.
    private static async Task<string> KilledAsync(Sandbox box, bool untilArchived = false)
    {
        box.Write("workflows/asks.yaml", Asks);
        box.Write("workflows/quick.yaml", "name: quick\ntasks: [{id: a, noop: true}]\n");
        await using var server = await Server.StartAsync(box);
        var quick = await server.SubmitAsync("quick");
        await server.EndOfAsync(quick);
        var run = await server.SubmitAsync("asks");
        await server.StatusAsync(run, "paused");
        var events = (await box.EventsAsync(run)).Count;
        await Poll.UntilAsync(() => Told(box, run) == events, "the feed to have told of the run");
        if (untilArchived) await Poll.UntilAsync(() => File.Exists(Path.Combine(box.RunFolder(quick), "events.jsonl")), "the archive");
        server.Process.Signal(9);
        await server.Process.EndAsync();
        return run;
    }

    // How many events of a run the feed has told, of its records: length of the name, checksum, first seq, count, whether it ends the run, name.
    private static long Told(Sandbox box, string run)
    {
        long told = 0;
        foreach (var file in Directory.EnumerateFiles(Path.Combine(box.Data, "feed")))
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            for (var at = 0; at + 19 <= bytes.Length && at + 19 + BitConverter.ToUInt16(bytes, at) <= bytes.Length; at += 19 + BitConverter.ToUInt16(bytes, at))
                if (Encoding.UTF8.GetString(bytes, at + 19, BitConverter.ToUInt16(bytes, at)) == $"run:{run}") told = BitConverter.ToInt64(bytes, at + 6) + BitConverter.ToInt32(bytes, at + 14) - 1;
        }
        return told;
    }

    // The byte where the last commit begins: its first line says so.
    private static int LastCommit(byte[] bytes)
    {
        var last = 0;
        for (var at = 0; at < bytes.Length; at += bytes.AsSpan(at).IndexOf((byte)'\n') + 1)
            if (bytes.AsSpan(at, bytes.AsSpan(at).IndexOf((byte)'\n')).IndexOf(Encoding.UTF8.GetBytes($",\"f\":{at},")) > 0) last = at;
        return last;
    }

    private static string Segment(Sandbox box) => Directory.GetFiles(Path.Combine(box.Data, "journal", "serve"), "*.jsonl").Order(StringComparer.Ordinal).Last();

    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = 0xFFFF_FFFFu;
        foreach (var b in bytes) crc = System.Numerics.BitOperations.Crc32C(crc, b);
        return ~crc;
    }
}
