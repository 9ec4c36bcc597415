using System.Text.Json;
using Orchestrator.Core.Reconciliation;
using Orchestrator.Engine.Deliveries.DeadLetters;
using Orchestrator.Engine.Deliveries.Lanes;
using Orchestrator.Engine.Journal;

namespace Orchestrator.Engine.Reconciliation;

/// <summary>What was compared with the journal of deliveries.</summary>
/// <param name="Sinks">Sinks that have an account.</param>
/// <param name="Events">Events of the journal that were looked at again, as their sinks had done.</param>
/// <param name="Gone">Events of removed runs, for which it is no longer known which sinks wanted them.</param>
/// <param name="Differences">What does not agree.</param>
public sealed record DeliveriesReconciled(int Sinks, long Events, long Gone, IReadOnlyList<Difference> Differences);

/// <summary>
/// Compares the account of every delivering sink with itself, with its dead letters, and with the journal: what the journal has between two
/// positions and the subscription fits is what the sink says that it wanted between them.
/// </summary>
public sealed class DeliveryReconciliation(IRunStore store)
{
    private const string Check = "deliveries";
    private readonly List<Difference> _found = [];

    /// <summary>Looks at all sinks. Changes nothing; a `serve` may be at work.</summary>
    public async Task<DeliveriesReconciled> RunAsync(CancellationToken stop)
    {
        var folder = DeliveryLanes.FolderIn(store.State);
        var (files, dead) = (new LaneFiles(folder), new DeadLetterStore(folder));
        var accounts = new List<(string Name, LaneState State)>();
        var names = files.Sinks().ToList();
        foreach (var name in names)
            try
            {
                if (files.Read(name) is not { } state) continue;
                accounts.Add((name, state));
                var (letters, gone) = dead.ReadAll(name);   // after the cursor: letters given up since then are not counted yet
                Same(name, "delivered + given up + dropped", state.Emitted, state.Delivered + state.GivenUp + state.Dropped);
                Same(name, "dead letters that wait", state.GivenUp - gone.Gone, letters.Count(l => l.Position <= state.Position));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
            {
                _found.Add(new(Check, name, "its account", "readable", e.Message));
            }

        using var recount = new DeliveryRecount(store);
        long events = 0, lost = 0;
        foreach (var (name, state) in accounts)
        {
            if (await recount.OfAsync(name, state, stop).ConfigureAwait(false) is not { } counted) continue;
            events += counted.Looked;
            lost += counted.Gone;
            var wanted = state.Emitted - counted.Since.Emitted;
            // An event that is gone may have been wanted; one that was gone already when the sink came to it was counted then.
            var most = counted.Wanted + counted.Gone - (state.Missed - counted.Since.Missed);
            if (wanted < counted.Wanted || wanted > most)
                _found.Add(new(Check, name, $"events it wanted of positions {Difference.Number(counted.Since.Position + 1)} to {Difference.Number(state.Position)}",
                    counted.Wanted == most ? Difference.Number(most) : $"{Difference.Number(counted.Wanted)} to {Difference.Number(most)}", Difference.Number(wanted)));
        }
        return new(names.Count, events, lost, _found);
    }

    private void Same(string sink, string what, long expected, long told)
    {
        if (expected != told) _found.Add(new(Check, sink, what, Difference.Number(expected), Difference.Number(told)));
    }
}
