using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Reconciliation;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Runs.Replay;
using Orchestrator.Core.Runs.View;
using Orchestrator.Core.Serialization;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Reports;
using Orchestrator.Engine.Running;

namespace Orchestrator.Engine.Reconciliation;

/// <summary>Holds a run's journal against itself, a replay of its decisions, its row in the list, and its report.</summary>
/// <param name="store">Where runs are kept.</param>
/// <param name="reportDue">Whether a run that ended then must have a report: its writer may need a moment.</param>
public sealed class RunReconciliation(IRunStore store, Func<DateTimeOffset, bool> reportDue)
{
    // The folder is where the data directory stands now; artifacts and files beside it are not the report's to tell.
    private static readonly FrozenSet<string> NotTold = FrozenSet.Create(StringComparer.Ordinal, "report_dir");
    private readonly PlanCache _plans = new();

    /// <summary>What differs; empty when all views tell the same.</summary>
    public IReadOnlyList<Difference> Check(RunId run, IReadOnlyList<RecordedEvent> events)
    {
        var found = new List<Difference>(RunInvariants.Of(run, events));
        if (events is not [{ Event: WorkflowCreated created }, ..]) return found;
        var definition = store.Definitions.Find(created.DefinitionVersion) is { } stored ? stored with { BaseDir = created.BaseDir } : null;
        if (definition is null) found.Add(new("replay", run.ToString(), "its definition", created.DefinitionVersion, "missing or damaged"));
        else Replay(run, created.DefinitionVersion, definition, events, found);
        if (events[^1] is not { Event: WorkflowEnded } end) return found;

        var view = RunView.From(definition, run, events);
        List(run, events, end, view, found);
        Report(run, definition, view, end.Time, found);
        return found;
    }

    private void Replay(RunId run, string version, WorkflowDefinition definition, IReadOnlyList<RecordedEvent> events, List<Difference> found)
    {
        RecordedEvent[] whole;
        try { whole = [.. events.Select(e => OutputFiles.Hydrate(e, store.Files, run))]; }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            found.Add(new("replay", run.ToString(), "results in files", "readable", e.Message));
            return;
        }
        if (RunReplay.Of(_plans.Of(version, definition), whole).Difference is { } difference)
            found.Add(new("replay", run.ToString(), $"event {difference.Seq}", difference.Found?.Event.Type ?? "nothing", difference.ToString()));
    }

    private static void List(RunId run, IReadOnlyList<RecordedEvent> events, RecordedEvent end, RunView view, List<Difference> found)
    {
        if (RunRow.FromEnds(run, [.. events.Take(16)], end) is not { } row) return;
        var full = RunRow.From(view);
        if (row.Status != full.Status) found.Add(new("list", run.ToString(), "status", Words.Of(full.Status), Words.Of(row.Status)));
        if (row.StartedAt != full.StartedAt)
            found.Add(new("list", run.ToString(), "started_at", Text(full.StartedAt), Text(row.StartedAt)));
        if (row.TasksDone != full.TasksDone || row.TasksTotal != full.TasksTotal)
            found.Add(new("list", run.ToString(), "tasks", $"{full.TasksDone}/{full.TasksTotal}", $"{row.TasksDone}/{row.TasksTotal}"));
    }

    private static string Text(DateTimeOffset? at) => at is { } time ? time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture) : "nothing";

    private void Report(RunId run, WorkflowDefinition? definition, RunView view, DateTimeOffset ended, List<Difference> found)
    {
        if (!store.Files.Exists(run, ReportWriter.JsonName))
        {
            if (ReportWriter.IsDue(definition, view.Status) && reportDue(ended)) found.Add(new("report", run.ToString(), ReportWriter.JsonName, "there", "missing: `serve` writes it at its start"));
            return;
        }
        try
        {
            using var stored = JsonDocument.Parse(store.Files.Read(run, ReportWriter.JsonName) ?? throw new IOException("It is not a regular file."), JsonBounds.Documents);
            using var fresh = JsonDocument.Parse(RunViewJson.Full(OutputFiles.Complete(view, store.Files)), JsonBounds.Documents);
            foreach (var (place, expected, was) in JsonComparison.Of(fresh.RootElement, stored.RootElement, NotTold))
                found.Add(new("report", run.ToString(), place, expected, was));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            found.Add(new("report", run.ToString(), ReportWriter.JsonName, "readable", e.Message));
        }
    }
}
