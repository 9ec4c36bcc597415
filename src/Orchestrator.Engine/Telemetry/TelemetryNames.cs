using System.Diagnostics.Metrics;

namespace Orchestrator.Engine.Telemetry;

/// <summary>
/// Every name that leaves this program as telemetry. Those of <c>cicd.*</c>, <c>process.*</c> and
/// <c>error.type</c> are OpenTelemetry's (semantic conventions 1.44).
/// </summary>
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

    /// <summary>Full name of the type of the exception that was the cause, where one was; never its text.</summary>
    public const string ExceptionType = "exception.type";

    /// <summary>Method of a request to the API.</summary>
    public const string RequestMethod = "http.request.method";
    /// <summary>The route that took the request, with names in place of ids; absent where none did.</summary>
    public const string Route = "http.route";
    /// <summary>Status of the answer.</summary>
    public const string ResponseStatus = "http.response.status_code";
    /// <summary>Path of the request, without its query.</summary>
    public const string UrlPath = "url.path";
    /// <summary>Scheme of the request.</summary>
    public const string UrlScheme = "url.scheme";

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
    /// <summary>Of a fan-out's child: its number among the items, from 0.</summary>
    public const string FanOutIndex = "orchestrator.fan_out.index";
    /// <summary>Of a fan-out's child: its item, as text; a long one is cut.</summary>
    public const string FanOutItem = "orchestrator.fan_out.item";
    /// <summary>Number of the attempt, from 1.</summary>
    public const string AttemptNumber = "orchestrator.task.attempt.number";
    /// <summary>Most attempts the task may make: those it is allowed, and one more for each that was lost with its worker.</summary>
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
    /// <summary>The trigger whose deliveries are counted.</summary>
    public const string TriggerId = "orchestrator.trigger.id";
    /// <summary>The outcome of a delivery: fired (it is part of a run), debounced, duplicate, rejected, or held (it waits; another follows).</summary>
    public const string TriggerOutcome = "orchestrator.trigger.outcome";
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
    /// <summary>What was to leave: traces, metrics or logs.</summary>
    public const string Signal = "orchestrator.telemetry.signal";
    /// <summary>Who an event was delivered to: an endpoint's name, <c>rabbitmq</c>, or <c>callback</c> for those of workflows.</summary>
    public const string SinkName = "orchestrator.sink.name";
    /// <summary>
    /// How an attempt to deliver ended: delivered, failed (another follows) or dead. Of an event: delivered, dead (its letter waits) or dropped.
    /// </summary>
    public const string DeliveryOutcome = "orchestrator.delivery.outcome";
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

    /// <summary>Seconds of processor time of the process and everything it waited for.</summary>
    public const string CpuTime = "process.cpu.time";
    /// <summary>Seconds of that outside the kernel.</summary>
    public const string CpuUserTime = "orchestrator.process.cpu.user.time";
    /// <summary>Seconds of that within the kernel.</summary>
    public const string CpuSystemTime = "orchestrator.process.cpu.system.time";
    /// <summary>
    /// Bytes of the largest resident size that any of these processes is known to have had: as the kernel tells at the end where it is above the worker's
    /// own, else as seen each second; absent where neither tells.
    /// </summary>
    public const string MemoryPeak = "orchestrator.process.memory.peak";
    /// <summary>Bytes fetched from storage; what the page cache answers is not among them.</summary>
    public const string DiskRead = "orchestrator.process.disk.read";
    /// <summary>Bytes that are to go to storage, counted when pages become dirty.</summary>
    public const string DiskWritten = "orchestrator.process.disk.write";
    /// <summary>Descendants of the process that outlived it.</summary>
    public const string ProcessesLeft = "orchestrator.process.left_behind";
    /// <summary>What a task waits for without a slot: time, event, poll, approval, workflow, items.</summary>
    public const string WaitsFor = "orchestrator.task.waits_for";
    /// <summary>The run that a task of kind workflow starts.</summary>
    public const string ChildRunId = "orchestrator.child_run.id";
    /// <summary>The run whose task started this one.</summary>
    public const string ParentRun = "orchestrator.parent_run.id";
    /// <summary>The run this one repeats.</summary>
    public const string RetryOf = "orchestrator.retry_of.run.id";
    /// <summary>The run that a result was taken over from.</summary>
    public const string ReusedFrom = "orchestrator.reused_from.run.id";
    /// <summary>True when it went on in another process than it began in: its duration is by the wall clock.</summary>
    public const string Resumed = "orchestrator.resumed";
    /// <summary>
    /// True for a span that is exported again with the same id: by the worker that took a run over, because
    /// the lost one may not have sent it, or by a rebuild.
    /// </summary>
    public const string Repeated = "orchestrator.span.repeated";
    /// <summary>Why spans of a run that was not sampled are there: <c>failed</c>.</summary>
    public const string SampledBecause = "orchestrator.sampled.because";
    /// <summary>True for a span of a script that was begun and never ended: it ends with the attempt.</summary>
    public const string Unfinished = "orchestrator.span.unfinished";

    /// <summary>Seconds of processor time of single attempts' processes.</summary>
    public const string TaskCpuTime = "orchestrator.task.cpu.time";
    /// <summary>Bytes of the largest process of single attempts, where it is known.</summary>
    public const string TaskMemoryPeak = "orchestrator.task.memory.peak";

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
    public const string SchedulesRefused = "orchestrator.schedule.refused";
    public const string ScheduleOverdue = "orchestrator.schedule.overdue";
    public const string TriggerDeliveries = "orchestrator.trigger.deliveries";
    public const string TriggerRuns = "orchestrator.trigger.runs";
    public const string EventsRejected = "orchestrator.event.rejected";
    public const string DelegatesAbandoned = "orchestrator.delegate.abandoned";
    public const string WorkerSlots = "orchestrator.worker.slots";
    public const string Dropped = "orchestrator.telemetry.dropped";
    public const string Published = "orchestrator.telemetry.published";
    public const string Made = "orchestrator.telemetry.made";
    public const string WebhookDeliveries = "orchestrator.webhook.deliveries";
    public const string DeliveredEvents = "orchestrator.delivery.events";
    public const string DeliveryBehind = "orchestrator.delivery.behind";

    /// <summary>A meter of this program; a collector sees all meters of one process as one.</summary>
    internal static Meter Meter() => new(new MeterOptions(Source)
    {
        Version = typeof(TelemetryNames).Assembly.GetName().Version?.ToString(3),
        TelemetrySchemaUrl = SchemaUrl,
    });
}
