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
            ScheduleEvent entry => (entry.ScheduleId, entry.Workflow, RunOf(entry)),
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

    private static RunId? RunOf(ScheduleEvent entry) => entry switch
    {
        ScheduleStarts starts => starts.RunId,
        ScheduleDispatched dispatched => dispatched.RunId,
        ScheduleFailed failed => failed.RunId,
        _ => null,
    };
}
