using System.Globalization;
using Orchestrator.Core;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Reconciliation;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules.Backfills;
using Orchestrator.Engine.Backfills;
using Orchestrator.Engine.Journal;

namespace Orchestrator.Engine.Reconciliation;

/// <summary>What the streams of backfills say.</summary>
/// <param name="Items">Items of all backfills.</param>
/// <param name="Started">Those that started a run.</param>
/// <param name="Removed">Those whose run was removed since.</param>
/// <param name="Waiting">Those whose run is not known to be accepted yet.</param>
/// <param name="Differences">What does not hold.</param>
public sealed record BackfillsReconciled(long Items, long Started, long Removed, long Waiting, IReadOnlyList<Difference> Differences);

/// <summary>Compares backfills with their runs: items start once and in order, each that was accepted has its run, and ended as the run did.</summary>
public static class BackfillReconciliation
{
    private const string Check = "backfills";

    /// <summary>Checks every backfill.</summary>
    /// <param name="runs">Reads streams and runs.</param>
    /// <param name="installation">Id of the installation, which ids of events are derived from; null: it is not known.</param>
    /// <param name="settled">What happened until then must be in the stream: a live service needs a moment. Null: no service
    /// runs, and what waits is done when one does.</param>
    /// <param name="stop">Ends it.</param>
    public static async Task<BackfillsReconciled> OfAsync(IRunHistory runs, string? installation, DateTimeOffset? settled, CancellationToken stop)
    {
        var (removed, found) = (runs.Removed(), new List<Difference>());
        long items = 0, started = 0, gone = 0, waiting = 0;
        foreach (var stream in runs.SystemStreams())
        {
            if (!stream.TryGetBackfill(out var id)) continue;
            var events = runs.ReadSystem(stream);
            var state = events.Aggregate(BackfillState.Empty, (s, e) => s.Apply(e));
            if (state.Created is null) continue;
            items += state.Items.Length;
            started += state.Started;
            found.AddRange(Stream(id, state, events));
            foreach (var e in events)
            {
                stop.ThrowIfCancellationRequested();
                if (e.Event is not BackfillItemStarted item) continue;
                // A full engine may let it wait for as long as it is full.
                if (state.Open.TryGetValue(item.Item, out var open) && !open.IsAccepted) waiting++;
                if (!WasAccepted(state, item.Item)) continue;
                if (runs.FirstEvent(item.RunId)?.Event is WorkflowCreated created)
                {
                    var cause = installation is null ? null : EventIds.OfSystem(stream, e.Seq, installation).ToString();
                    found.AddRange(await RunAsync(runs, id, state, item, created, cause, settled, stop).ConfigureAwait(false));
                }
                else if (removed.Contains(item.RunId)) gone++;
                else found.Add(new(Check, id, $"run {item.RunId} of item {item.Item}", "there, or known to be removed", "missing"));
            }
        }
        return new(items, started, gone, waiting, found);
    }

    private static IEnumerable<Difference> Stream(string id, BackfillState state, IReadOnlyList<RecordedEvent> events)
    {
        var starts = events.Select(e => e.Event).OfType<BackfillItemStarted>().ToList();
        if (state.Items.Length != state.Created!.Items) yield return new(Check, id, "its items", Number(state.Created.Items), Number(state.Items.Length));
        for (var i = 0; i < starts.Count; i++)
        {
            if (starts[i].Item != i + 1) yield return new(Check, id, $"start {i + 1}", $"item {i + 1}", $"item {starts[i].Item}");
            else if (i >= state.Items.Length || state.Items[i] != starts[i].Key) yield return new(Check, id, $"item {i + 1}", i < state.Items.Length ? state.Items[i] : "none", starts[i].Key);
        }
        if (starts.Select(s => s.RunId).Distinct().Count() != starts.Count) yield return new(Check, id, "its runs", "one for each item", "one twice");
        if (state.Finished is not { } end) yield break;
        if (!state.Open.IsEmpty) yield return new(Check, id, "open items at its end", "0", Number(state.Open.Count));
        var failed = state.CountOf(BackfillOutcome.Failed) + state.CountOf(BackfillOutcome.Refused);
        var counted = (state.CountOf(BackfillOutcome.Completed), failed, state.CountOf(BackfillOutcome.Cancelled), state.NotStarted);
        var said = (end.Completed, end.Failed, end.Cancelled, end.NotStarted);
        if (said != counted) yield return new(Check, id, "completed, failed, cancelled, not started", counted.ToString(), said.ToString());
    }

    private static async Task<IReadOnlyList<Difference>> RunAsync(
        IRunHistory runs, string id, BackfillState state, BackfillItemStarted item, WorkflowCreated created, string? cause, DateTimeOffset? settled, CancellationToken stop)
    {
        var found = new List<Difference>();
        if (created.Trigger != TriggerKind.Backfill || cause is not null && created.CausationId != cause)
            found.Add(new(Check, id, $"cause of run {item.RunId}", $"item {item.Item}, {cause}", $"{Words.Of(created.Trigger)}, {created.CausationId}"));
        var (outcome, last) = await RunChain.EndOfAsync(runs, item.RunId, stop).ConfigureAwait(false);
        if (state.Ended.TryGetValue(item.Item, out var ended))
        {
            // Of one that was removed, or never seen to end, nothing more is known.
            if (ended.Outcome != BackfillOutcome.Unknown && outcome is not BackfillOutcome.Unknown && outcome != ended.Outcome)
                found.Add(new(Check, id, $"end of item {item.Item}", outcome is { } o ? Words.Of(o) : "open", Words.Of(ended.Outcome)));
        }
        else if (settled is { } instant && outcome is not null && runs.LastEvent(last) is { } end && end.Time <= instant)
            found.Add(new(Check, id, $"end of item {item.Item}", Words.Of(outcome.Value), "open"));
        return found;
    }

    private static bool WasAccepted(BackfillState state, int item) =>
        state.Open.TryGetValue(item, out var open) ? open.IsAccepted : state.Ended.TryGetValue(item, out var ended) && ended.WasAccepted;

    private static string Number(int n) => n.ToString(CultureInfo.InvariantCulture);
}
