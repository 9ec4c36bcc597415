using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Orchestrator.Core.Lifecycle.Compatibility;
using Orchestrator.Core.Statistics.Compatibility;
using Orchestrator.Engine.Files;
using Orchestrator.Engine.Imports;
using Orchestrator.Engine.Subscriptions;
using Orchestrator.Worker.Commands.Events;
using Orchestrator.Worker.Commands.Imports;
using Orchestrator.Worker.Commands.Journal;
using Orchestrator.Worker.Commands.Output;
using Orchestrator.Worker.Hosting;
using Orchestrator.Worker.Options;

namespace Orchestrator.Worker.Commands.Statistics;

/// <summary>The analytics of a DAG runner, as one JSON document: of the log files named, else of the imported logs and the journal together.</summary>
internal static class Jsonl27Stats
{
    public const string WindowVariable = "ORCH_PANEL_WINDOW_H";

    public static async Task PrintAsync(Settings settings, LogPaths paths, CommandContext around, CancellationToken stop)
    {
        var fold = new DagLogFold(around.Clock.GetUtcNow(), WindowHours(around));
        if (paths.Given.Count > 0)
            foreach (var (_, path) in paths.Given) AddFile(fold, path, around, stop);
        else
        {
            var own = new OwnRuns(settings.Store.Runs);
            foreach (var e in new ImportedLogs(settings.Store.State).Events())
            {
                stop.ThrowIfCancellationRequested();
                if (!own.Holds(e)) fold.Add(e);   // the journal tells it itself
            }
            await AddJournalAsync(fold, settings, stop);
        }
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, JsonOut.Options)) DagLogAnalyticsJson.Write(json, fold.Result());
        around.Out.WriteLine(Encoding.UTF8.GetString(bytes.WrittenSpan));
    }

    private static int WindowHours(CommandContext around)
    {
        if (around.Variable(WindowVariable) is not { } text) return DagLogAnalytics.DefaultWindowHours;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var hours) && hours is >= 1 and <= LogWindow.MaxHours ? hours
            : throw new CommandFailure(
                ExitCode.Usage, $"{WindowVariable} is '{text}', but must be a whole number of hours from 1 to {LogWindow.MaxHours}.",
                $"Correct the variable, or unset it for {DagLogAnalytics.DefaultWindowHours} hours.");
    }

    private static void AddFile(DagLogFold fold, string path, CommandContext around, CancellationToken stop)
    {
        using var file = RegularFile.TryOpen(path, followLink: true);
        if (file is null)
        {
            around.Error.WriteLine($"warning: {LogImport.Unusable(path).Message.TrimEnd('.')}; it counts as empty.");
            return;
        }
        var scan = new DagLogScan();
        foreach (var e in scan.Events(new(file, RandomAccess.GetLength(file))))
        {
            stop.ThrowIfCancellationRequested();
            fold.Add(e);
        }
        if (scan.Named is [var first, ..])
            around.Error.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"warning: {scan.Damaged} corrupted {(scan.Damaged == 1 ? "line" : "lines")} of {path} skipped; "
                + $"the first is line {first.Number}, which {first.Problem}."));
    }

    // By way of the lines that `events --format jsonl27` prints: what is counted here is what a reader of those lines counts.
    private static async Task AddJournalAsync(DagLogFold fold, Settings settings, CancellationToken stop)
    {
        var store = settings.Store;
        using var watch = store.Watch(DateTimeOffset.MinValue);
        using var lines = new RenderedEvents(EventFormat.Jsonl27);
        var selected = new SelectedEvents(store, new(EventFormat.Jsonl27, EventPatterns.Read(null), null, null));
        await foreach (var events in ReadAhead.Of(selected.Of(ReadAhead.Of(SelectedEvents.Lots(watch.Look())))))
        {
            stop.ThrowIfCancellationRequested();
            foreach (var e in events) lines.Add(e);
            AddLines(fold, lines.Written.Span);
            lines.Clear();
        }
        if (store.Runs.Damage() is [var damage, ..]) throw damage;   // figures without what cannot be read would be wrong
    }

    private static void AddLines(DagLogFold fold, ReadOnlySpan<byte> lines)
    {
        while (lines.IndexOf((byte)'\n') is >= 0 and var end)
        {
            if (DagLogReader.TryRead(lines[..end], out var e, out _)) fold.Add(e!);
            lines = lines[(end + 1)..];
        }
    }
}
