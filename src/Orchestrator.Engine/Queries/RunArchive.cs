using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Runs.View;
using Orchestrator.Core.Statistics.Diffs;
using Orchestrator.Engine.Journal;

namespace Orchestrator.Engine.Queries;


/// <summary>Runs as people and the API see them, whoever carries them out.</summary>
/// <param name="store">The journal.</param>
/// <param name="index">Asked first for lists; where there is none, the journal is read.</param>
internal sealed class RunArchive(IRunStore store, Func<IRunIndex?>? index = null)
{
    private readonly IRunHistory _reader = store.Runs;
    private readonly IDefinitionStore _definitions = store.Definitions;

    public IRunStore Store => store;

    /// <summary>Runs that pass a filter, newest first.</summary>
    public async Task<IReadOnlyList<RunRow>> ListAsync(RunFilter filter, CancellationToken stop) =>
        (index?.Invoke() is { } lists ? await lists.ListAsync(filter, stop).ConfigureAwait(false) : null) ?? await ReadListAsync(filter, stop).ConfigureAwait(false);

    private Task<IReadOnlyList<RunRow>> ReadListAsync(RunFilter filter, CancellationToken stop) => Task.Run<IReadOnlyList<RunRow>>(async () =>
    {
        var rows = new List<RunRow>();
        foreach (var run in _reader.ListRunIds())
        {
            stop.ThrowIfCancellationRequested();
            if (filter.Before is { } before && run.CompareTo(before) >= 0) continue;
            if (await RowAsync(run, filter, stop).ConfigureAwait(false) is not { } row || (filter.Status ?? row.Status) != row.Status) continue;
            rows.Add(row);
            if (rows.Count == filter.Limit) break;
        }
        return rows;
    }, stop);

    /// <summary>The runs that a text is the id of, or the beginning of the id.</summary>
    public Task<IReadOnlyList<RunId>> MatchAsync(string text, CancellationToken stop) => Task.Run(() => _reader.Resolve(text).Candidates, stop);

    /// <summary>All events so far; empty when there is no such run.</summary>
    public Task<IReadOnlyList<RecordedEvent>> ReadAsync(RunId run, CancellationToken stop) => _reader.ReadEventsAsync(run, stop);

    /// <summary>The run as it is now; null when there is none.</summary>
    public async Task<RunView?> ViewAsync(RunId run, CancellationToken stop)
    {
        var events = await ReadAsync(run, stop).ConfigureAwait(false);
        return events.Count == 0 ? null : RunView.From(DefinitionOf(events), run, events) with { ReportDir = store.Files.DirectoryOf(run), Damage = _reader.DamageOf(run)?.Message };
    }

    /// <summary>The run as comparisons need it; null when there is none.</summary>
    public async Task<ComparedRun?> ComparedAsync(RunId run, CancellationToken stop)
    {
        var events = await ReadAsync(run, stop).ConfigureAwait(false);
        return events.Count == 0 ? null : ComparedRun.From(DefinitionOf(events), run, events);
    }

    /// <summary>The last run of the same workflow before one that has completed; null: none has.</summary>
    public async Task<RunId?> LastSuccessBeforeAsync(RunView run, CancellationToken stop) =>
        await ListAsync(new(RunStatus.Completed, run.Workflow, 1, Before: run.RunId), stop).ConfigureAwait(false) is [var last, ..] ? last.RunId : null;

    /// <summary>The definition a run was started with; null when it is missing or damaged.</summary>
    public WorkflowDefinition? DefinitionOf(IReadOnlyList<RecordedEvent> events) =>
        events is [{ Event: WorkflowCreated created }, ..] ? _definitions.Find(created.DefinitionVersion) is { } definition ? definition with { BaseDir = created.BaseDir } : null : null;

    /// <summary>A projection that makes envelopes of the run's events, from the first on.</summary>
    public EnvelopeProjection Envelopes(RunId run, IReadOnlyList<RecordedEvent> events) => new(
        run, DefinitionOf(events) ?? new WorkflowDefinition { Name = (events[0].Event as WorkflowCreated)?.Workflow ?? "", Tasks = [] }, EventProducer.Unknown);

    /// <summary>The run's events and those that come, until its last.</summary>
    public IAsyncEnumerable<RecordedEvent> FollowAsync(RunId run, CancellationToken stop) => _reader.FollowAsync(run, stop);

    /// <summary>Where the journal is damaged, so that runs may be missing.</summary>
    public IReadOnlyList<JournalCorruptException> Damage() => _reader.Damage();

    /// <summary>Every run that has ended.</summary>
    public IEnumerable<RunId> Finished() => _reader.Finished();

    private async Task<RunRow?> RowAsync(RunId run, RunFilter filter, CancellationToken stop)
    {
        if (_reader.FirstEvent(run) is not { Event: WorkflowCreated created } first || !filter.Takes(created, first.Time)) return null;
        if (_reader.LastEvent(run) is { } last && RunRow.FromEnds(run, _reader.Head(run), last) is { } row) return row;
        var events = await _reader.ReadEventsAsync(run, stop).ConfigureAwait(false);
        return events.Count == 0 ? null : RunRow.From(RunView.From(DefinitionOf(events), run, events)) with { Damage = _reader.DamageOf(run)?.Message };
    }
}
