using System.Diagnostics.Metrics;

namespace Orchestrator.Engine.Lifecycle;

/// <summary>Every name that leaves this program as telemetry. Those of <c>cicd.*</c>, <c>process.*</c> and <c>error.type</c> are OpenTelemetry's (semantic conventions 1.44).</summary>
public static class TelemetryNames
{
    public const string Source = "Orchestrator";
    /// <summary>Category of the log records of events.</summary>
    public const string LogCategory = "Orchestrator.Lifecycle";
    /// <summary>The version of the conventions that names follow.</summary>
    public const string SchemaUrl = "https://opentelemetry.io/schemas/1.44.0";
    /// <summary>Stands before the type of an event in names of log records and of moments within spans.</summary>
    public const string EventPrefix = "orchestrator.";

    /// <summary>Name of the workflow.</summary>
    public const string PipelineName = "cicd.pipeline.name";
    /// <summary>Always <c>RUN</c>.</summary>
    public const string PipelineAction = "cicd.pipeline.action.name";
    /// <summary>How the run ended: success, failure (the user's work), error (ours), timeout, cancellation or skip.</summary>
    public const string PipelineResult = "cicd.pipeline.result";
    /// <summary>Id of the run.</summary>
    public const string RunId = "cicd.pipeline.run.id";
    /// <summary>State of the run: pending, executing or finalizing.</summary>
    public const string RunState = "cicd.pipeline.run.state";
    /// <summary>Page of the run; needs <c>Orchestrator:PublicUrl</c>.</summary>
    public const string RunUrl = "cicd.pipeline.run.url.full";
    /// <summary>Id of the task; of a fan-out's child with its number, on metrics without.</summary>
    public const string TaskName = "cicd.pipeline.task.name";
    /// <summary><c>{run id}/{task id}</c>.</summary>
    public const string TaskRunId = "cicd.pipeline.task.run.id";
    /// <summary>How the task or attempt ended; values as of the run.</summary>
    public const string TaskRunResult = "cicd.pipeline.task.run.result";
    /// <summary>Page of the task; needs <c>Orchestrator:PublicUrl</c>.</summary>
    public const string TaskRunUrl = "cicd.pipeline.task.run.url.full";
    /// <summary>Instance id of the worker that owns the run, last.</summary>
    public const string WorkerId = "cicd.worker.id";
    /// <summary>available, busy or offline.</summary>
    public const string WorkerState = "cicd.worker.state";
    /// <summary>scheduler, executor, api or store.</summary>
    public const string SystemComponent = "cicd.system.component";
    /// <summary>What kind of failure: one of the closed list of failure kinds.</summary>
    public const string ErrorType = "error.type";

    /// <summary>File name of the program.</summary>
    public const string ProcessExecutable = "process.executable.name";
    /// <summary>Process id.</summary>
    public const string ProcessPid = "process.pid";
    /// <summary>Exit code; absent when a signal ended it.</summary>
    public const string ProcessExitCode = "process.exit.code";
    /// <summary>Number of the signal that ended it.</summary>
    public const string ProcessSignal = "orchestrator.process.signal";

    /// <summary>Kind of the task: run, exec, script, http, sql, container, workflow, wait, approval, delegate, noop, foreach, matrix.</summary>
    public const string TaskType = "orchestrator.task.type";
    /// <summary>Number of the attempt, from 1.</summary>
    public const string AttemptNumber = "orchestrator.task.attempt.number";
    /// <summary>Most attempts the task may make.</summary>
    public const string AttemptMax = "orchestrator.task.attempt.max";
    /// <summary>Attempts the task made.</summary>
    public const string Attempts = "orchestrator.task.attempts";
    /// <summary><c>handler</c> for tasks that run once the outcome is fixed.</summary>
    public const string TaskRole = "orchestrator.task.role";
    /// <summary>Why the task was skipped: condition, dependency_failed, dependency_skipped, disabled, configured.</summary>
    public const string SkipReason = "orchestrator.task.skip.reason";
    /// <summary>Why it was cancelled: fail_fast, run_cancelled, run_timeout, superseded.</summary>
    public const string CancelReason = "orchestrator.cancel.reason";
    /// <summary>True when the failure was allowed and the run goes on as if the task had completed.</summary>
    public const string FailureAllowed = "orchestrator.task.failure.allowed";
    /// <summary>Seconds the task waited before this attempt.</summary>
    public const string RetryDelay = "orchestrator.task.attempt.delay";
    /// <summary>The declared stage.</summary>
    public const string Stage = "orchestrator.stage";
    /// <summary>Tenant of the run.</summary>
    public const string Tenant = "orchestrator.tenant";
    /// <summary>Project of the run.</summary>
    public const string Project = "orchestrator.project";
    /// <summary>The schedule that started the run.</summary>
    public const string ScheduleId = "orchestrator.schedule.id";
    /// <summary>What asked for the run: manual, schedule, api, retry, workflow.</summary>
    public const string Trigger = "orchestrator.trigger.type";
    /// <summary>SHA-256 of the definition.</summary>
    public const string DefinitionVersion = "orchestrator.definition.version";
    /// <summary>How often another worker took the run over.</summary>
    public const string RunResumes = "orchestrator.run.resumes";
    /// <summary>What is waited for: the run's queue, or <c>tasks</c> for a slot.</summary>
    public const string QueueName = "orchestrator.queue.name";
    /// <summary>What a link means: depends_on, retry_of, parent_run, trigger, backfill.</summary>
    public const string LinkType = "orchestrator.link.type";
    /// <summary>available or busy.</summary>
    public const string Slot = "orchestrator.worker.slot.state";
    /// <summary>Why it was counted.</summary>
    public const string Reason = "orchestrator.reason";
    /// <summary>How a delivery ended: delivered, failed or dead.</summary>
    public const string DeliveryResult = "orchestrator.webhook.result";
    /// <summary>True on the one series that counts all that came beyond a metric's limit of series.</summary>
    public const string Overflow = "otel.metric.overflow";

    /// <summary>Number of the event in its stream.</summary>
    public const string EventSeq = "orchestrator.event.seq";
    /// <summary>Id of the event, the same whenever it is read.</summary>
    public const string EventId = "orchestrator.event.id";
    /// <summary>Type of the event.</summary>
    public const string EventType = "orchestrator.event.type";
    /// <summary>Always <c>lifecycle</c>.</summary>
    public const string EventCategory = "orchestrator.event.category";
    /// <summary>0 normal, 1 high, 2 critical.</summary>
    public const string EventPriority = "orchestrator.event.priority";
    /// <summary>Constant over a run and everything it causes.</summary>
    public const string CorrelationId = "orchestrator.correlation.id";
    /// <summary>Id of the event that caused this one.</summary>
    public const string CausationId = "orchestrator.causation.id";
    /// <summary>Which owner of the run decided it.</summary>
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
