using System.CommandLine;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Serialization;
using Orchestrator.Worker.Commands.Output;
using Orchestrator.Worker.Commands.Runs;
using Orchestrator.Worker.Hosting;

namespace Orchestrator.Worker.Commands.Journal;

/// <summary><c>orchestrator journal export</c>: the journal's events as JSON lines, each stream in its order.</summary>
internal static class JournalExportCommand
{
    public static Command Create(CommonOptions common, CommandContext around)
    {
        var run = new Option<string?>("--run") { Description = "Only this run: its id, or the beginning of it.", HelpName = "RUN" };
        var since = new Option<string?>("--since") { Description = $"Only events since then: {PastTime.Help}.", HelpName = "TIME" };
        var verb = new Verb("export", "Print the journal's events as JSON lines, in the journal's own shape, each stream in its order.")
        {
            Examples =
            [
                ("orchestrator journal export > journal.jsonl", "everything: runs, schedules, workers"),
                ("orchestrator journal export --run 019a3c5e", "one run"),
                ("orchestrator journal export --since 1d | jq .type", "what was journaled since yesterday"),
            ],
        };
        verb.Options.Add(run);
        verb.Options.Add(since);
        verb.SetAction(async (parsed, stop) =>
        {
            var lookup = new RunSearch(common.Load(parsed, around));
            RunId? only = parsed.GetValue(run) is { } id ? (await lookup.ViewAsync(id, stop)).RunId : null;
            var from = parsed.GetValue(since) is { } text ? PastTime.Read(text, around.Clock.GetUtcNow()) : (DateTimeOffset?)null;
            Print(lookup, only, from, around, stop);
            return ExitCode.Ok;
        });
        return verb;
    }

    private static void Print(RunSearch lookup, RunId? only, DateTimeOffset? since, CommandContext around, CancellationToken stop)
    {
        using var follower = lookup.Archive.Store.Watch(only is null && since is { } at ? at : DateTimeOffset.MinValue, only);
        using var codec = new JournalCodec();
        var line = new System.Buffers.ArrayBufferWriter<byte>();
        foreach (var part in follower.Look())
            foreach (var e in part.Events)
            {
                stop.ThrowIfCancellationRequested();
                if (e.Time < since) continue;
                line.ResetWrittenCount();
                codec.WriteContent(line, e);
                around.Out.WriteLine(System.Text.Encoding.UTF8.GetString(line.WrittenSpan));
            }
        if (only is null && lookup.Archive.Damage() is [var damage, ..]) throw damage;
    }
}
