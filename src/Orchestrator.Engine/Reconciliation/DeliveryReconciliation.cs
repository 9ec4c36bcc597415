using System.Globalization;
using System.Text.Json;
using Orchestrator.Core.Reconciliation;
using Orchestrator.Engine.Lifecycle.Delivery;

namespace Orchestrator.Engine.Reconciliation;

/// <summary>Holds the account of every delivering sink against itself: what it took from the journal was delivered, given up, or lost, and nothing else.</summary>
public static class DeliveryReconciliation
{
    private const string Check = "deliveries";

    /// <summary>How many sinks there are, and whose account does not add up.</summary>
    public static (int Sinks, IReadOnlyList<Difference> Differences) Of(RunPaths paths)
    {
        var files = new LaneFiles(paths);
        var found = new List<Difference>();
        var names = files.Sinks().ToList();
        foreach (var name in names)
            try
            {
                if (files.Read(name) is not { } state) continue;
                var ended = state.Delivered + state.Dead + state.Dropped;
                if (ended != state.Emitted) found.Add(new(Check, name, "delivered + dead + dropped", Number(state.Emitted), Number(ended)));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
            {
                found.Add(new(Check, name, "its account", "readable", e.Message));
            }
        return (names.Count, found);
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
