using System.CommandLine;
using System.Globalization;
using Orchestrator.Engine.Journal;
using Orchestrator.Worker.Commands.Output;
using Orchestrator.Worker.Hosting;
using Orchestrator.Worker.Options;

namespace Orchestrator.Worker.Commands.Journal;

/// <summary><c>orchestrator journal verify</c>: reads all of the journal and says where it is not as it was written. Changes nothing.</summary>
internal static class JournalVerifyCommand
{
    public static Command Create(CommonOptions common, CommandContext around)
    {
        var verb = new Verb("verify", "Check every line of the journal: checksums, positions, order, completeness, definitions. Changes nothing.")
        {
            Examples =
            [
                ("orchestrator journal verify", "exit 1 with each place that is damaged"),
                ("orchestrator journal verify --json | jq '.findings[]'", "the same for scripts"),
            ],
        };
        verb.SetAction((parsed, stop) => Task.FromResult(Verify(common.Load(parsed, around), parsed.GetValue(common.Json), around, stop)));
        return verb;
    }

    private static int Verify(Settings settings, bool json, CommandContext around, CancellationToken stop)
    {
        var found = settings.StoreFor(null).Verify(stop);
        if (json) JsonOut.Document(around.Out, w => WriteJson(w, found));
        else Write(found, around);
        return found.IsWhole ? ExitCode.Ok : ExitCode.Failed;
    }

    private static void Write(JournalVerified found, CommandContext around)
    {
        foreach (var f in found.Findings)
        {
            around.Out.WriteLine($"{(f.IsDamage ? "damaged" : "note")}: {f.Place}{(f.Offset is { } at ? string.Create(CultureInfo.InvariantCulture, $" at byte {at}") : "")}");
            foreach (var line in Lines(f.What)) around.Out.WriteLine("  " + line);
        }
        around.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{found.Segments:N0} segments, {found.Archives:N0} archives, {found.Events:N0} lines, {found.Definitions:N0} definitions: {(found.IsWhole ? "whole." : "damaged.")}"));
        if (!found.IsWhole) around.Out.WriteLine("Restore a backup, or stop `serve` and use `orchestrator journal repair`.");
    }

    // A terminal of 80 columns has room for 78 after the indent.
    private static IEnumerable<string> Lines(string text)
    {
        const int most = 78;
        while (text.Length > most && text.LastIndexOf(' ', most) is > 0 and var space)
        {
            yield return text[..space];
            text = text[(space + 1)..];
        }
        yield return text;
    }

    private static void WriteJson(System.Text.Json.Utf8JsonWriter w, JournalVerified found)
    {
        w.WriteBoolean("whole", found.IsWhole);
        w.WriteNumber("segments", found.Segments);
        w.WriteNumber("archives", found.Archives);
        w.WriteNumber("lines", found.Events);
        w.WriteNumber("definitions", found.Definitions);
        w.WriteStartArray("findings");
        foreach (var f in found.Findings)
        {
            w.WriteStartObject();
            w.WriteString("kind", f.Kind);
            w.WriteString("place", f.Place);
            if (f.Offset is { } at) w.WriteNumber("offset", at);
            w.WriteString("what", f.What);
            w.WriteBoolean("damage", f.IsDamage);
            w.WriteEndObject();
        }
        w.WriteEndArray();
    }
}
