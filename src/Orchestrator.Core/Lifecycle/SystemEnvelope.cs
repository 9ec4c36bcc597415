using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Lifecycle;

/// <summary>Envelopes of events that belong to no run: schedules, workers, definitions.</summary>
public static class SystemEnvelope
{
    /// <summary>The envelope of an event of a schedule's or worker's stream.</summary>
    /// <param name="recorded">The event.</param>
    /// <param name="producer">Who tells of it, where the event does not say it itself.</param>
    /// <param name="installation">Id of the installation, which enters the event's id; null: it has none.</param>
    public static LifecycleEnvelope Of(RecordedEvent recorded, EventProducer producer, string? installation)
    {
        var e = recorded.Event;
        var (schedule, workflow, run) = e switch
        {
            ScheduleEvent entry => (entry.ScheduleId, entry.Workflow, RunOf(entry)),
            TriggerEvent entry => (null, entry.Workflow, RunOf(entry)),
            BackfillEvent entry => (null, entry.Workflow, (entry as BackfillItemEvent)?.RunId),
            WebhookEvent told => (null, told.Workflow, told.RunId),
            _ => ((string?)null, (string?)null, null),
        };
        return new()
        {
            EventId = EventIds.OfSystem(recorded.Stream, recorded.Seq, installation),
            Seq = recorded.Seq,
            Type = e.Type,
            Time = recorded.Time,
            Source = schedule is not null ? "scheduler." + schedule : e is TriggerEvent trigger ? "trigger." + trigger.TriggerId : "orchestrator",
            Priority = EventTable.Priority(e.Type),
            Severity = EventTable.Severity(e),
            CorrelationId = e switch
            {
                WebhookEvent webhook => webhook.CorrelationId,
                TriggerReceived received => received.CorrelationId,
                TriggerFired fired => fired.CorrelationId ?? run?.ToString(),
                BackfillCreated { CorrelationId: { } given } => given,
                BackfillEvent backfill => backfill.BackfillId,
                _ => run?.ToString(),
            },
            CausationId = e switch
            {
                WebhookEvent webhook => webhook.EventId.ToString(),
                TriggerReceived received => received.CausationId,
                TriggerFired fired => fired.CausationId,
                _ => null,
            },
            RunId = run,
            Workflow = workflow,
            ScheduleId = schedule,
            Producer = producer,
            Data = e,
        };
    }

    private static RunId? RunOf(TriggerEvent entry) => entry switch
    {
        TriggerFired fired => fired.RunId,
        TriggerDispatched dispatched => dispatched.RunId,
        TriggerFailed failed => failed.RunId,
        TriggerDuplicate again => again.RunId,
        _ => null,
    };

    private static RunId? RunOf(ScheduleEvent entry) => entry switch
    {
        ScheduleStarts starts => starts.RunId,
        ScheduleDispatched dispatched => dispatched.RunId,
        ScheduleFailed failed => failed.RunId,
        ScheduleRunRequested requested => requested.RunId,
        ScheduleRunStarted started => started.RunId,
        _ => null,
    };
}
