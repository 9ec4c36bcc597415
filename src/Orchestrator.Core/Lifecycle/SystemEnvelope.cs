using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Lifecycle;

/// <summary>Envelopes of events that belong to no run: schedules, workers, definitions.</summary>
public static class SystemEnvelope
{
    /// <summary>The envelope of an event of a schedule's or worker's stream.</summary>
    public static LifecycleEnvelope Of(RecordedEvent recorded, EventProducer producer)
    {
        var e = recorded.Event;
        var (schedule, workflow, run) = e switch
        {
            ScheduleFired fired => (fired.ScheduleId, fired.Workflow, (RunId?)fired.RunId),
            ScheduleSkipped skipped => (skipped.ScheduleId, skipped.Workflow, null),
            WebhookEvent told => (null, told.Workflow, told.RunId),
            _ => ((string?)null, (string?)null, null),
        };
        return new()
        {
            EventId = EventIds.Of(recorded.Stream, recorded.Seq),
            Seq = recorded.Seq,
            Type = e.Type,
            Time = recorded.Time,
            Source = schedule is null ? "orchestrator" : "scheduler." + schedule,
            Priority = EventTable.Priority(e.Type),
            Severity = EventTable.Severity(e),
            CorrelationId = e is WebhookEvent webhook ? webhook.CorrelationId : run?.ToString(),
            CausationId = (e as WebhookEvent)?.EventId.ToString(),
            RunId = run,
            Workflow = workflow,
            ScheduleId = schedule,
            Producer = producer,
            Data = e,
        };
    }
}
