using System.Diagnostics;
using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Telemetry.Tracing.Scripts;

namespace Orchestrator.Engine.Telemetry.Tracing;

/// <summary>
/// Follows one run and makes each span when the event that ends it comes: the acceptance at once, waits, stages, tasks
/// and lost attempts on the way, the run last, as their root. Every parent it names is a span that is made, or the caller's.
/// </summary>
internal sealed class RunSpans
{
    private readonly RunId _run;
    private readonly RecordedEvent _created;
    private readonly WorkflowDefinition _definition;
    private readonly StagePlan _stages;
    private readonly TaskSpans _tasks;
    private readonly Dictionary<string, DateTimeOffset> _openStages = new(StringComparer.Ordinal);
    private readonly HashSet<string> _endedStages = new(StringComparer.Ordinal);
    private readonly List<ActivityEvent> _moments = [];
    private readonly string? _caller;
    private string _queue = "default";
    private string? _worker;
    private int _resumes;
    private bool _started;

    /// <param name="runDirectory">Folder of the run, where its scripts leave spans; null: they are not looked for.</param>
    public RunSpans(RunId run, WorkflowDefinition definition, RecordedEvent created, string? runDirectory = null)
    {
        (_run, _definition, _created) = (run, definition, created);
        var inbound = Created.Trace;
        if (TraceContexts.TryRead(inbound, out var caller)) _caller = caller.SpanId.ToHexString();
        Trace = RunTrace.Of(run, Created);
        _stages = new StagePlan(definition);
        _tasks = new TaskSpans(run, definition, _stages, Trace, new ScriptSpans(run, runDirectory, !definition.Secrets.IsEmpty));
    }

    public RunTrace Trace { get; }

    public bool Sampled => Trace.Sampled;

    private WorkflowCreated Created => (WorkflowCreated)_created.Event;

    private string RunSpan => TraceIds.SpanId(_run, TraceIds.Run);

    /// <summary>Takes the next event in; <paramref name="export"/> gets the spans it completes, null for events of another process.</summary>
    public void Next(RecordedEvent recorded, Action<SpanFacts>? export, SpanLinks urls)
    {
        switch (recorded.Event)
        {
            case WorkflowCreated:
                export?.Invoke(Enqueue());
                break;
            case WorkflowQueued queued:
                _queue = queued.Queue;
                break;
            case WorkflowStarted started:
                _worker = started.InstanceId;
                _started = true;
                export?.Invoke(Waited(recorded.Time));
                break;
            case WorkflowRecovered recovered:
                _worker = recovered.InstanceId;
                _resumes++;
                _moments.Note(recovered.Type, recorded.Time, (TelemetryNames.WorkerId, recovered.InstanceId), (TelemetryNames.OwnerEpoch, recovered.OwnerEpoch));
                break;
            case WorkflowPaused or WorkflowResumed or WorkflowCancelRequested:
                _moments.Note(recorded.Event.Type, recorded.Time);
                break;
            case StageStarted stage:
                _openStages.TryAdd(stage.StageName, recorded.Time);
                break;
            case StageEvent stage:
                EndStage(stage, recorded.Time, export);
                break;
            case TaskEvent:
                _tasks.Next(recorded, export, urls);
                break;
            case WorkflowEnded ended:
                foreach (var stage in _openStages.Keys.Where(s => !_endedStages.Contains(s)).ToArray())
                    EndStage(new StageSkipped(stage, ended.Reason), recorded.Time, export);   // its tasks' spans name it as parent
                if (!_started) export?.Invoke(Waited(recorded.Time));   // it waited and never began
                export?.Invoke(Ended(ended, recorded.Time, urls));
                break;
        }
    }

    private SpanFacts Enqueue() =>
        Named(new SpanFacts("enqueue " + Created.Workflow, ActivityKind.Producer, TraceIds.SpanId(_run, TraceIds.Enqueue), RunSpan, _created.Time, _created.Time) { Links = Links() })
            .With(TelemetryNames.Trigger, Words.Of(Created.Trigger));

    private SpanFacts Waited(DateTimeOffset started) =>
        Named(new SpanFacts("queue " + Created.Workflow, ActivityKind.Internal, TraceIds.SpanId(_run, TraceIds.Queue), RunSpan, _created.Time, started))
            .With(TelemetryNames.QueueName, _queue);

    private SpanFacts Ended(WorkflowEnded ended, DateTimeOffset at, SpanLinks urls)
    {
        var span = new SpanFacts("RUN " + Created.Workflow, ActivityKind.Server, RunSpan, _caller, _created.Time, at)
        {
            Error = (ended as WorkflowFailed)?.Error,
            Moments = _moments,
            Links = Links(),
        };
        return Named(span)
            .With(TelemetryNames.PipelineAction, "RUN")
            .With(TelemetryNames.PipelineResult, Outcomes.Of(ended))
            .With(TelemetryNames.ErrorType, Outcomes.ErrorType(ended))
            .With(TelemetryNames.CancelReason, ended is WorkflowCancelled cancelled ? Words.Of(cancelled.CancelReason) : null)
            .With(TelemetryNames.RunUrl, urls.Of(_run))
            .With(TelemetryNames.Trigger, Words.Of(Created.Trigger))
            .With(TelemetryNames.DefinitionVersion, Created.DefinitionVersion)
            .With(TelemetryNames.WorkerId, _worker)
            .With(TelemetryNames.ParentRun, Created.ParentRunId?.ToString())
            .With(TelemetryNames.RetryOf, Created.RetryOf?.ToString())
            .With(TelemetryNames.RunResumes, _resumes)
            .With(TelemetryNames.Resumed, _resumes > 0 ? true : null);
    }

    /// <summary>
    /// What the run has to do with elsewhere. Runs accepted by earlier versions do not name the run they
    /// repeat: they share its parent, so its trace is known.
    /// </summary>
    private List<ActivityLink>? Links()
    {
        var given = Created.Links.IsDefault ? [] : Created.Links;
        if (Created.RetryOf is { } earlier && !given.Any(l => l.Type == "retry_of"))
            given = given.Insert(0, new("retry_of", TraceContexts.OfRun(earlier, Created.Trace).TraceParent));
        List<ActivityLink>? links = null;
        foreach (var link in given)
            if (TraceContexts.TryRead(new(link.TraceParent), out var elsewhere)) (links ??= []).Add(Link(link.Type, elsewhere));
        return links;
    }

    private static ActivityLink Link(string type, ActivityContext to) => new(to, new ActivityTagsCollection { [TelemetryNames.LinkType] = type });

    private void EndStage(StageEvent stage, DateTimeOffset at, Action<SpanFacts>? export)
    {
        if (!_endedStages.Add(stage.StageName) || export is null || !_stages.IsDeclared(stage.StageName)) return;
        var start = _openStages.TryGetValue(stage.StageName, out var seen) ? seen : at - Took(stage);
        var span = new SpanFacts("stage " + stage.StageName, ActivityKind.Internal, TraceIds.SpanId(_run, TraceIds.Stage, stage.StageName), RunSpan, start, at)
        {
            Error = stage is StageFailed { ErrorType: not null } failed ? failed.Error : null,
        };
        export(Named(span).With(TelemetryNames.Stage, stage.StageName).With(TelemetryNames.ErrorType, Outcomes.ErrorType(stage)));
    }

    private static TimeSpan Took(StageEvent stage) => stage switch
    {
        StageCompleted completed => TimeSpan.FromMilliseconds(completed.DurationMs),
        StageFailed failed => TimeSpan.FromMilliseconds(failed.DurationMs),
        _ => TimeSpan.Zero,
    };

    private SpanFacts Named(SpanFacts span) => span
        .With(TelemetryNames.PipelineName, _definition.Name)
        .With(TelemetryNames.RunId, _run.ToString())
        .With(TelemetryNames.Tenant, Created.TenantId)
        .With(TelemetryNames.Project, Created.ProjectId)
        .With(TelemetryNames.ScheduleId, Created.ScheduleId);
}
