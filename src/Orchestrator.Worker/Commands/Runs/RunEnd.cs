using System.Text;
using System.Text.Json;
using Orchestrator.Core;
using Orchestrator.Core.Runs.View;
using Orchestrator.Engine.Executors.Artifacts;
using Orchestrator.Worker.Commands.Output;
using Orchestrator.Worker.Hosting;

namespace Orchestrator.Worker.Commands.Runs;

/// <summary>The last words about a run: a summary and the exit code.</summary>
internal static class RunEnd
{
    private const int MaxRows = 50;

    public static int Write(RunView run, bool json, CommandContext around)
    {
        if (json) around.Out.WriteLine(Encoding.UTF8.GetString(RunViewJson.Summary(run)));
        else
        {
            around.Out.WriteLine();   // below the progress
            Show(run, around);
        }
        return CodeOf(run.Status);
    }

    public static int CodeOf(RunStatus status) => status switch
    {
        RunStatus.Completed => ExitCode.Ok,
        RunStatus.Cancelled => ExitCode.Cancelled,
        RunStatus.Failed => ExitCode.Failed,
        _ => ExitCode.Unavailable,
    };

    /// <summary>A run as text, finished or not.</summary>
    public static void Show(RunView run, CommandContext around)
    {
        var table = new TextTable("task", "status", "attempts", "duration", "note");
        // Of a large run, what went wrong matters most.
        foreach (var task in run.Tasks.OrderBy(t => t.Status == Core.TaskStatus.Completed).Take(MaxRows).OrderBy(t => run.Tasks.IndexOf(t)))
            table.Add(task.Id.ToString(), Words.Of(task.Status), Number(task.Attempts), task.Attempts > 0 ? Printable.Duration(task.DurationMs) : "", Note(task));
        table.Write(around);
        if (run.Tasks.Length > MaxRows) around.Out.WriteLine($"and {run.Tasks.Length - MaxRows} more tasks");
        WriteNotes(run, around);

        var c = run.Counts;
        around.Out.WriteLine();
        around.Out.WriteLine($"Run {run.RunId} of {run.Workflow} {(run.IsTerminal ? $"{Words.Of(run.Status)} in {Printable.Duration(run.DurationMs)}" : $"is {Words.Of(run.Status)}")}: "
            + $"{c.Completed} completed, {c.Failed} failed, {c.FailedAllowed} failed (allowed), {c.Skipped} skipped, {c.Cancelled} cancelled{string.Concat(HandlerTroubles.Of(run).Select(t => $"; {t}"))}.");
        if (run.NextRun is { } next) around.Out.WriteLine($"It was restarted as run {next}.");
        // What the journal knows is what the run's process wrote last; whether that process still lives, it cannot say.
        if (!run.IsTerminal) around.Out.WriteLine($"If its process has died: `orchestrator serve` takes the run over, `orchestrator run --resume {run.RunId}` does so by hand.");
        if (run.RetryOf is { } repeated) around.Out.WriteLine($"It repeats run {repeated}.");
        if (run.Error is { } error) around.Out.WriteLine(Printable.Line(error));
        if (run.ReportDir is { } place && Artifacts.Of(place) is { Count: > 0 } kept)
            around.Out.WriteLine($"Artifacts: {kept.Count} {(kept.Count == 1 ? "file" : "files")}; `orchestrator artifacts {run.RunId}` lists them.");
        if (run.ReportDir is { } folder) around.Out.WriteLine(ReportIn(folder) is { } report ? $"Report: {report}" : $"Folder: {folder}");
    }

    // What was written into the definition for people: of a fan-out once, not for each of its children.
    private static void WriteNotes(RunView run, CommandContext around)
    {
        var notes = new List<string>();
        if (!run.Labels.IsEmpty) notes.Add($"labels: {string.Join(", ", run.Labels.Select(l => $"{l.Key}={l.Value}"))}");
        foreach (var task in run.Tasks.Where(t => !t.Id.TrySplit(out _, out _)))
        {
            if (!task.Tags.IsDefaultOrEmpty) notes.Add($"tags of {task.Id}: {string.Join(", ", task.Tags)}");
            if (!task.Metadata.IsEmpty) notes.Add($"metadata of {task.Id}: {string.Join(", ", task.Metadata.Select(m => $"{m.Key}={Value(m.Value)}"))}");
        }
        if (notes.Count == 0) return;
        around.Out.WriteLine();
        foreach (var note in notes.Take(MaxRows)) around.Out.WriteLine(Printable.Line(note));
        if (notes.Count > MaxRows) around.Out.WriteLine("and more; `--json` and the report have all of them");
    }

    private static string Value(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();

    private static string? ReportIn(string folder)
    {
        foreach (var name in new[] { "report.html", "report.md", "report.json" })
            if (File.Exists(Path.Combine(folder, name))) return Path.Combine(folder, name);
        return null;
    }

    private static string Note(TaskView task)
    {
        var note = task.Error ?? task.Reason ?? task.Waiting switch
        {
            { Kind: WaitKind.Approval } w => $"asks: {w.Prompt} ({w.ApprovedBy.Length} of {w.Required})",
            { Kind: WaitKind.Event } w => $"waits for event '{w.EventName}'",
            { Kind: WaitKind.Time, Until: { } until } => $"waits until {until.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z",
            { Kind: WaitKind.Items } => $"{task.Items} items",
            { } w => $"waits for {Words.Of(w.Kind)}",
            null => task.ReusedFrom is { } earlier ? $"kept from {earlier}" : task.ChildRunId is { } child ? $"run {child}" : task.Items is { } items ? $"{items} items" : "",
        };
        return (task.Role ?? task.Item) is not { } of ? note : note.Length == 0 ? of : $"{of}: {note}";
    }

    private static string Number(int value) => value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
