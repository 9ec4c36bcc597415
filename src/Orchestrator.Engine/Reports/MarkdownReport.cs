using System.Globalization;
using System.Text;
using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs.View;
using Orchestrator.Engine.Executors.Artifacts;
using TaskStatus = Orchestrator.Core.TaskStatus;
using static Orchestrator.Engine.Reports.MarkdownText;

namespace Orchestrator.Engine.Reports;

/// <summary>A run as a Markdown page. Pure: the last lines of logs are handed in.</summary>
internal static class MarkdownReport
{
    /// <summary>Most tasks that get a row of their own: those that did not succeed come first.</summary>
    private const int MaxRows = 1000;

    /// <summary>Most errors with their log lines.</summary>
    private const int MaxErrors = 50;

    private const int LongestPath = 100;

    public static string Write(RunView run, WorkflowDefinition? definition, Func<AttemptView, string?> logTail, IReadOnlyList<Artifact>? artifacts = null)
    {
        var text = new StringBuilder();
        WriteHeader(text, run, definition);
        WriteTasks(text, run);
        WriteNotes(text, run);
        WriteErrors(text, run, logTail);
        WriteArtifacts(text, artifacts ?? []);
        WriteAttempts(text, run);
        WriteStages(text, run);
        MermaidGraph.WriteGraph(text, run);
        MermaidGraph.WriteGantt(text, run);
        WriteCriticalPath(text, run);
        return text.ToString().TrimEnd('\n') + "\n";
    }

    private static void WriteHeader(StringBuilder text, RunView run, WorkflowDefinition? definition)
    {
        text.Append(CultureInfo.InvariantCulture, $"# {Inline(run.Workflow)}: {Words.Of(run.Status)}\n\n");
        if (!string.IsNullOrWhiteSpace(definition?.Description)) text.Append(Inline(definition.Description, 1000)).Append("\n\n");

        var counts = run.Counts;
        var table = new MarkdownTable("Run", run.RunId.ToString());
        table.Add("Status", Words.Of(run.Status));
        Row(table, "Reason", Inline(run.Reason));
        Row(table, "Error", Inline(run.Error));
        Row(table, "Error type", run.ErrorType is { } kind ? $"{Words.Of(kind)}{(run.ErrorClass is { } c ? $" ({Words.Of(c)})" : "")}" : null);
        Row(table, "Cancelled", run.CancelReason is { } why ? $"{Words.Of(why)}{(run.CancelledBy is { } by ? $" by {Inline(by)}" : "")}{(run.CancelComment is { } comment ? $": {Inline(comment)}" : "")}" : null);
        table.Add("Tasks", string.Create(CultureInfo.InvariantCulture,
            $"{counts.Total} total = {counts.Completed} completed + {counts.Failed} failed + {counts.FailedAllowed} failed but allowed + {counts.Skipped} skipped + {counts.Cancelled} cancelled{(run.IsTerminal ? "" : $" + {counts.Total - counts.Terminal} open")}"));
        table.Add("Duration", $"{Duration(run.DurationMs)} (queued {Duration(run.QueueMs)})");
        Row(table, "Created", Instant(run.CreatedAt));
        Row(table, "Started", Instant(run.StartedAt));
        Row(table, "Ended", Instant(run.EndedAt));
        table.Add("Trigger", $"{Words.Of(run.Trigger)}{(run.RequestedBy is { } who ? $" by {Inline(who)}" : "")}");
        Row(table, "Repeats", run.RetryOf is { } earlier ? Code(earlier.ToString()) : null);
        Row(table, "Repeated by", run.NextRun is { } next ? Code(next.ToString()) : null);
        Row(table, "Schedule", run.ScheduleId is { } schedule ? $"{Inline(schedule)}{(run.DueAt is { } due ? $", due {Instant(due)}" : "")}" : null);
        Row(table, "Labels", string.Join(", ", run.Labels.Select(l => Inline($"{l.Key}={l.Value}"))));
        Row(table, "Tenant", Inline(run.Tenant));
        Row(table, "Project", Inline(run.Project));
        Row(table, "Owner", Inline(definition?.Owner));
        Row(table, "Taken over", run.Recoveries > 0 ? string.Create(CultureInfo.InvariantCulture, $"{run.Recoveries} {(run.Recoveries == 1 ? "time" : "times")} after a lost worker") : null);
        table.Add("Parallelism", string.Create(CultureInfo.InvariantCulture, $"at most {run.Slots.Peak}, on average {run.Slots.Average:0.00}; busy {Duration(run.Slots.BusyMs)}"));
        Row(table, "Definition", run.DefinitionVersion is { Length: > 0 } version ? Code(version) : null);
        table.Add("Trace", Code(run.TraceId));
        table.WriteTo(text);

        if (run.Params.Count == 0) return;
        text.Append("## Parameters\n\n");
        var parameters = new MarkdownTable("Name", "Value");
        foreach (var (name, value) in run.Params.Take(MaxRows)) parameters.Add(Inline(name), Code(value.GetRawText()));
        parameters.WriteTo(text);
    }

    private static void WriteArtifacts(StringBuilder text, IReadOnlyList<Artifact> artifacts)
    {
        if (artifacts.Count == 0) return;
        text.Append("## Artifacts\n\n");
        if (artifacts.Count > MaxRows) text.Append(CultureInfo.InvariantCulture, $"{MaxRows} of {artifacts.Count} files; `orchestrator artifacts` lists all.\n\n");
        var table = new MarkdownTable("File", "Bytes");
        foreach (var artifact in artifacts.Take(MaxRows)) table.Add(Code(artifact.Path), artifact.Bytes.ToString(CultureInfo.InvariantCulture));
        table.WriteTo(text);
    }

    private static void WriteTasks(StringBuilder text, RunView run)
    {
        text.Append("## Tasks\n\n");
        IEnumerable<TaskView> tasks = run.Tasks;
        if (run.Tasks.Length > MaxRows)
        {
            tasks = run.Tasks.OrderBy(t => t.Status == TaskStatus.Completed).Take(MaxRows);
            text.Append(CultureInfo.InvariantCulture, $"{MaxRows} of {run.Tasks.Length} tasks, those that did not complete first; all of them are in `report.json`.\n\n");
        }
        var table = new MarkdownTable("Task", "Status", "Stage", "Kind", "Program", "Attempts", "Queued", "Duration", "Exit code", "Reason");
        foreach (var t in tasks)
            table.Add(Inline(t.Id.ToString()) + (t.Item is { } item ? $": {Inline(item)}" : ""), Words.Of(t.Status) + (t.Status == TaskStatus.Failed && t.Allowed ? " (allowed)" : ""), Inline(t.Stage), t.Kind ?? "", Inline(t.History.LastOrDefault()?.Executable),
                t.Attempts.ToString(CultureInfo.InvariantCulture), t.StartedAt is null ? "" : Duration(t.QueueMs), t.StartedAt is null ? "" : Duration(t.DurationMs),
                t.ExitCode?.ToString(CultureInfo.InvariantCulture) ?? "", Reason(t));
        table.WriteTo(text);
    }

    // Of a fan-out once, not for each of its children.
    private static void WriteNotes(StringBuilder text, RunView run)
    {
        var noted = run.Tasks.Where(t => (!t.Tags.IsDefaultOrEmpty || !t.Metadata.IsEmpty) && !t.Id.TrySplit(out _, out _)).Take(MaxRows).ToArray();
        if (noted.Length == 0) return;
        text.Append("## Tags and metadata\n\n");
        var table = new MarkdownTable("Task", "Tags", "Metadata");
        foreach (var t in noted)
            table.Add(Inline(t.Id.ToString()), Inline(string.Join(", ", t.Tags)), string.Join(", ", t.Metadata.Select(m => $"{Inline(m.Key)}: {Code(m.Value.GetRawText())}")));
        table.WriteTo(text);
    }

    private static string Reason(TaskView task)
    {
        if (task.ReusedFrom is { } earlier) return $"kept from {Code(earlier.ToString())}";
        var blocked = task.BlockedBy.Take(5).Select(id => Inline(id.ToString())).ToArray();
        return blocked.Length == 0 ? Inline(task.Reason) : $"{Inline(task.Reason)}: {string.Join(", ", blocked)}{(task.BlockedBy.Length > 5 ? ", …" : "")}";
    }

    private static void WriteErrors(StringBuilder text, RunView run, Func<AttemptView, string?> logTail)
    {
        var failed = run.Tasks.Where(t => t is { Status: TaskStatus.Failed, FailedItems: null }).ToArray();
        if (failed.Length == 0) return;
        text.Append("## Errors\n\n");
        foreach (var task in failed.OrderBy(t => t.EndedAt).Take(MaxErrors))
        {
            text.Append(CultureInfo.InvariantCulture, $"### {Inline(task.Id.ToString())}{(task.Item is { } item ? $": {Inline(item)}" : "")}{(task.Allowed ? " (allowed)" : "")}\n\n{Inline(task.Reason)}: {Inline(task.Error, 2000)}\n\n");
            if (task.History.LastOrDefault() is not { LogRef: { } log } attempt) continue;
            text.Append(logTail(attempt) is { Length: > 0 } tail ? $"The end of {Code(log)}:\n\n{Fenced(tail)}\n" : $"{Code(log)} is empty or missing.\n\n");
        }
        if (failed.Length > MaxErrors) text.Append(CultureInfo.InvariantCulture, $"… and {failed.Length - MaxErrors} more, in `report.json`.\n\n");
    }

    private static void WriteAttempts(StringBuilder text, RunView run)
    {
        var repeated = run.Tasks.Where(t => t.History.Length > 1).SelectMany(t => t.History, (task, attempt) => (task, attempt)).ToArray();
        if (repeated.Length == 0) return;
        text.Append("## Attempts of tasks that were repeated\n\n");
        var table = new MarkdownTable("Task", "Attempt", "Started", "Duration", "Outcome", "Exit code", "Error", "Then waited");
        foreach (var (task, a) in repeated.Take(MaxRows))
            table.Add(Inline(task.Id.ToString()), a.Number.ToString(CultureInfo.InvariantCulture), Instant(a.StartedAt), Duration(a.DurationMs), Words.Of(a.Outcome),
                a.ExitCode?.ToString(CultureInfo.InvariantCulture) ?? "", Inline(a.Error), a.RetryDelayMs is { } wait ? Duration(wait) : "");
        table.WriteTo(text);
        if (repeated.Length > MaxRows) text.Append(CultureInfo.InvariantCulture, $"… and {repeated.Length - MaxRows} more, in `report.json`.\n\n");
    }

    private static void WriteStages(StringBuilder text, RunView run)
    {
        if (run.Stages.Length == 0) return;
        text.Append("## Stages\n\n");
        var table = new MarkdownTable("Stage", "Status", "Duration", "Reason");
        foreach (var s in run.Stages.Take(MaxRows)) table.Add(Inline(s.Name), Words.Of(s.Status), Duration(s.DurationMs), Inline(s.Reason));
        table.WriteTo(text);
    }

    private static void WriteCriticalPath(StringBuilder text, RunView run)
    {
        if (run.CriticalPath.Tasks.Length == 0) return;
        var path = run.CriticalPath.Tasks;
        text.Append("## Critical path\n\n")
            .AppendJoin(" → ", path.Take(LongestPath).Select(id => Inline(id.ToString())))
            .Append(path.Length > LongestPath ? " → …" : "")
            .Append(CultureInfo.InvariantCulture, $": {Duration(run.CriticalPath.DurationMs)} over {path.Length} tasks.\n");
    }

    private static void Row(MarkdownTable table, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value)) table.Add(name, value);
    }
}
