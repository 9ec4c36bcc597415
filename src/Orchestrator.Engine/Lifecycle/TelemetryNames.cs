using System.Diagnostics.Metrics;

namespace Orchestrator.Engine.Lifecycle;

/// <summary>Every name that leaves this program as telemetry. Those of <c>cicd.*</c>, <c>process.*</c> and <c>error.type</c> are OpenTelemetry's (semantic conventions 1.44).</summary>
public static class TelemetryNames
{
    public const string Source = "Orchestrator";
    public const string LogCategory = "Orchestrator.Lifecycle";
    public const string SchemaUrl = "https://opentelemetry.io/schemas/1.44.0";
    public const string EventPrefix = "orchestrator.";

    public const string PipelineName = "cicd.pipeline.name";
    public const string PipelineAction = "cicd.pipeline.action.name";
    public const string PipelineResult = "cicd.pipeline.result";
    public const string RunId = "cicd.pipeline.run.id";
    public const string RunState = "cicd.pipeline.run.state";
    public const string RunUrl = "cicd.pipeline.run.url.full";
    public const string TaskName = "cicd.pipeline.task.name";
    public const string TaskRunId = "cicd.pipeline.task.run.id";
    public const string TaskRunResult = "cicd.pipeline.task.run.result";
    public const string TaskRunUrl = "cicd.pipeline.task.run.url.full";
    public const string WorkerId = "cicd.worker.id";
    public const string WorkerState = "cicd.worker.state";
    public const string SystemComponent = "cicd.system.component";
    public const string ErrorType = "error.type";

    public const string ProcessExecutable = "process.executable.name";
    public const string ProcessPid = "process.pid";
    public const string ProcessExitCode = "process.exit.code";
    public const string ProcessSignal = "orchestrator.process.signal";

    public const string TaskType = "orchestrator.task.type";
    public const string AttemptNumber = "orchestrator.task.attempt.number";
    public const string AttemptMax = "orchestrator.task.attempt.max";
    public const string Attempts = "orchestrator.task.attempts";
    public const string TaskRole = "orchestrator.task.role";
    public const string SkipReason = "orchestrator.task.skip.reason";
    public const string CancelReason = "orchestrator.cancel.reason";
    public const string FailureAllowed = "orchestrator.task.failure.allowed";
    public const string RetryDelay = "orchestrator.task.attempt.delay";
    public const string Stage = "orchestrator.stage";
    public const string Tenant = "orchestrator.tenant";
    public const string Project = "orchestrator.project";
    public const string ScheduleId = "orchestrator.schedule.id";
    public const string Trigger = "orchestrator.trigger.type";
    public const string DefinitionVersion = "orchestrator.definition.version";
    public const string RunResumes = "orchestrator.run.resumes";
    public const string QueueName = "orchestrator.queue.name";
    public const string LinkType = "orchestrator.link.type";
    public const string Slot = "orchestrator.worker.slot.state";
    public const string Reason = "orchestrator.reason";
    public const string DeliveryResult = "orchestrator.webhook.result";
    public const string Overflow = "otel.metric.overflow";

    public const string EventSeq = "orchestrator.event.seq";
    public const string EventId = "orchestrator.event.id";
    public const string EventType = "orchestrator.event.type";
    public const string EventCategory = "orchestrator.event.category";
    public const string EventPriority = "orchestrator.event.priority";
    public const string CorrelationId = "orchestrator.correlation.id";
    public const string CausationId = "orchestrator.causation.id";
    public const string OwnerEpoch = "orchestrator.owner.epoch";

    public const string RunDuration = "cicd.pipeline.run.duration";
    public const string RunsActive = "cicd.pipeline.run.active";
    public const string RunErrors = "cicd.pipeline.run.errors";
    public const string SystemErrors = "cicd.system.errors";
    public const string Workers = "cicd.worker.count";
    public const string TaskDuration = "orchestrator.task.duration";
    public const string AttemptDuration = "orchestrator.task.attempt.duration";
    public const string TasksActive = "orchestrator.task.active";
    public const string TasksQueued = "orchestrator.task.queued";
    public const string TaskRetries = "orchestrator.task.retries";
    public const string QueueWait = "orchestrator.queue.wait.duration";
    public const string OldestPending = "orchestrator.run.oldest_pending.age";
    public const string LastSuccess = "orchestrator.run.last_success.time";
    public const string RunsResumed = "orchestrator.run.resumed";
    public const string ScheduleLag = "orchestrator.schedule.lag";
    public const string ScheduleMisfires = "orchestrator.schedule.misfires";
    public const string DelegatesAbandoned = "orchestrator.delegate.abandoned";
    public const string WorkerSlots = "orchestrator.worker.slots";
    public const string Dropped = "orchestrator.telemetry.dropped";
    public const string WebhookDeliveries = "orchestrator.webhook.deliveries";

    /// <summary>A meter of ours; those of one process are one to a collector.</summary>
    internal static Meter Meter() => new(new MeterOptions(Source)
    {
        Version = typeof(TelemetryNames).Assembly.GetName().Version?.ToString(3),
        TelemetrySchemaUrl = SchemaUrl,
    });
}
