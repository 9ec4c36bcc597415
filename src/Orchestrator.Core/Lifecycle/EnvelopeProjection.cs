using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Lifecycle;

/// <summary>
/// Turns the events of one run, handed over in order, into envelopes. It remembers what later envelopes need: what is
/// constant for the run, who owns it, and which event caused which. One per run; not for use by two threads at once.
/// </summary>
public sealed class EnvelopeProjection
{
    private readonly RunId _run;
    private readonly RecentIds _ids;
    private readonly CausationChain _causes;
    private readonly SpanChoice _spans;
    private readonly ModuleNames _modules = new();
    private EventProducer _producer;
    private string? _source;
    private WorkflowCreated? _created;
    private int _epoch;

    /// <summary>A projection at the beginning of a run's stream.</summary>
    /// <param name="run">The run.</param>
    /// <param name="definition">The definition it runs.</param>
    /// <param name="producer">This process; <see cref="EventProducer.Unknown"/> for a reader of old events.</param>
    public EnvelopeProjection(RunId run, WorkflowDefinition definition, EventProducer producer)
    {
        _run = run;
        _ids = new(StreamId.Run(run));
        _producer = producer;
        Plan = new StagePlan(definition);
        _causes = new CausationChain(Plan);
        _spans = new SpanChoice(run, Plan);
    }

    /// <summary>Which stage each task belongs to.</summary>
    public StagePlan Plan { get; }

    /// <summary>The run's constant facts, once its first event was seen.</summary>
    public WorkflowCreated? Created => _created;

    /// <summary>The run's trace id, known with its first event.</summary>
    public string TraceId => _spans.TraceId;

    /// <summary>Takes an event into account without making an envelope of it.</summary>
    public void Remember(RecordedEvent recorded) => Remember(recorded, TrailOf(recorded.Event));

    /// <summary>The envelope of the run's next event.</summary>
    public LifecycleEnvelope Next(RecordedEvent recorded)
    {
        var e = recorded.Event;
        var task = e as TaskEvent;
        var trail = TrailOf(e);
        // The cause is looked up before the event becomes a possible cause itself.
        var cause = e is WorkflowCreated created ? created.CausationId : _causes.CauseOf(e, trail) is { } seq ? _ids.TextOf(seq) : null;
        Remember(recorded, trail);

        var workflow = _created?.Workflow ?? Plan.Workflow;
        _source ??= "orchestrator." + workflow;
        return new()
        {
            EventId = _ids.Of(recorded.Seq),
            Seq = recorded.Seq,
            Type = e.Type,
            Time = recorded.Time,
            Source = _source,
            Priority = EventTable.Priority(e.Type),
            Severity = EventTable.Severity(e),
            CorrelationId = _created?.CorrelationId ?? _run.ToString(),
            CausationId = cause,
            RunId = _run,
            Workflow = workflow,
            DefinitionVersion = _created?.DefinitionVersion,
            Stage = trail is null ? (e as StageEvent)?.StageName : trail.IsHandler ? null : trail.Stage.Name,
            Task = task?.Task,
            Module = trail is null || _modules.AreNone ? null : trail.Module(_modules, task!.Task),
            Attempt = task is { Attempt: > 0 } ? task.Attempt : null,
            TenantId = _created?.TenantId,
            ProjectId = _created?.ProjectId,
            ScheduleId = _created?.ScheduleId,
            OwnerEpoch = _epoch,
            Trace = _spans.Of(e, trail),
            Producer = _producer,
            Data = e,
        };
    }

    private TaskTrail? TrailOf(JournalEvent e) => e is TaskEvent task ? _causes.TrailOf(task.Task) : null;

    private void Remember(RecordedEvent recorded, TaskTrail? trail)
    {
        switch (recorded.Event)
        {
            case WorkflowCreated created:
                _created = created;
                _producer = _producer.As("", created.Worker);
                _spans.Begin(created.Trace);
                break;
            case WorkflowStarted started:
                _epoch = started.OwnerEpoch;
                _producer = _producer.As(started.InstanceId, started.Worker);
                break;
            case WorkflowRecovered recovered:
                _epoch = recovered.OwnerEpoch;
                _producer = _producer.As(recovered.InstanceId, recovered.Worker);
                break;
        }
        _modules.Remember(recorded.Event);
        _causes.Remember(recorded, trail);
    }
}
