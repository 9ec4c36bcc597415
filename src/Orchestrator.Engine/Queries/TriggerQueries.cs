using System.Globalization;
using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Triggers;
using Orchestrator.Engine.Journal;

namespace Orchestrator.Engine.Queries;

/// <summary>What people and programs ask about triggers: those of the definitions, and what their ledgers have.</summary>
internal static class TriggerQueries
{
    /// <summary>Triggers by workflow and id, with the outcomes of their deliveries as far as entries are kept.</summary>
    /// <param name="workflow">Only those of this workflow; null: all.</param>
    public static IReadOnlyList<TriggerRow> List(IEnumerable<WorkflowDefinition> definitions, IRunHistory runs, string? workflow) =>
    [
        .. from definition in definitions.OrderBy(d => d.Name, StringComparer.Ordinal)
           where (workflow ?? definition.Name) == definition.Name
           from trigger in definition.Triggers.OrderBy(t => t.Id, StringComparer.Ordinal)
           select Row(definition.Name, trigger, runs.ReadSystem(StreamId.Trigger(definition.Name, trigger.Id))),
    ];

    /// <summary>A page of entries of a trigger's ledger, newest first.</summary>
    /// <param name="before">The entries before this one; null: the newest.</param>
    public static DeliveryPage History(IRunHistory runs, string workflow, string trigger, int most, long? before)
    {
        var entries = runs.ReadSystemLast(StreamId.Trigger(workflow, trigger), most + 1, before);
        var page = entries.Reverse().Take(most).Select(Row).ToList();
        return new(page, entries.Count > most ? page[^1].Seq.ToString(CultureInfo.InvariantCulture) : null);
    }

    private static TriggerRow Row(string workflow, TriggerDefinition trigger, IReadOnlyList<RecordedEvent> entries)
    {
        var audit = new TriggerAudit();
        RecordedEvent? last = null;
        foreach (var entry in entries)
        {
            audit.Take(entry);
            if (entry.Event is TriggerFired) last = entry;
        }
        return new()
        {
            Workflow = workflow, Trigger = trigger.Id, Kind = Words.Of(trigger.Source), Enabled = trigger.Enabled,
            Received = audit.Received, Fired = audit.Fired, Duplicates = audit.Duplicates, Rejected = audit.Rejected, Debounced = audit.Debounced,
            Pending = audit.State.Pending.Count, Held = audit.State.Held.Count, LastFiredAt = last?.Time, LastRunId = (last?.Event as TriggerFired)?.RunId,
        };
    }

    private static DeliveryRow Row(RecordedEvent recorded)
    {
        var row = new DeliveryRow { Seq = recorded.Seq, Time = recorded.Time, Type = recorded.Event.Type };
        return recorded.Event switch
        {
            TriggerReceived e => row with { DeliveryId = e.DeliveryId },
            TriggerFired e => row with { DeliveryId = e.Deliveries is [var only] ? only : null, Count = e.Deliveries.Length, RunId = e.RunId },
            TriggerDispatched e => row with { RunId = e.RunId },
            TriggerFailed e => row with { RunId = e.RunId, Error = e.Error },
            TriggerDuplicate e => row with { DeliveryId = e.DeliveryId, RunId = e.RunId },
            TriggerRejected e => row with { DeliveryId = e.DeliveryId, Reason = e.Reason, Error = e.Error, Count = e.Count ?? 1 },
            TriggerDebounced e => row with { DeliveryId = e.DeliveryId, Reason = e.By },
            _ => row,
        };
    }
}
