using System.Collections;
using System.Globalization;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Telemetry.Logging;

/// <summary>
/// What a log record of an event carries: the envelope's members under dotted names, and a sentence. There is no
/// message template, because templates with dots in their holes are not rendered by every provider.
/// </summary>
internal sealed class EnvelopeState : IReadOnlyList<KeyValuePair<string, object?>>
{
    private readonly List<KeyValuePair<string, object?>> _members = new(20);
    private readonly LifecycleEnvelope _envelope;

    public EnvelopeState(LifecycleEnvelope e)
    {
        _envelope = e;
        Add(TelemetryNames.EventCategory, "lifecycle");
        Add(TelemetryNames.EventType, e.Type);
        Add(TelemetryNames.EventId, e.EventId.ToString());
        Add(TelemetryNames.EventSeq, e.Seq);
        Add(TelemetryNames.EventPriority, e.Priority);
        Add(TelemetryNames.PipelineName, e.Workflow);
        Add(TelemetryNames.RunId, e.RunId?.ToString());
        Add(TelemetryNames.TaskName, e.Task?.ToString());
        if (e.Attempt is { } attempt) Add(TelemetryNames.AttemptNumber, attempt);
        Add(TelemetryNames.Stage, e.Stage);
        Add(TelemetryNames.CorrelationId, e.CorrelationId);
        Add(TelemetryNames.CausationId, e.CausationId);
        Add(TelemetryNames.Tenant, e.TenantId);
        Add(TelemetryNames.Project, e.ProjectId);
        Add(TelemetryNames.ScheduleId, e.ScheduleId);
        Add(TelemetryNames.DefinitionVersion, e.DefinitionVersion);
        if (e.OwnerEpoch > 0) Add(TelemetryNames.OwnerEpoch, e.OwnerEpoch);
        Add(TelemetryNames.ErrorType, Outcomes.ErrorType(e.Data));
        Add(TelemetryNames.ExceptionType, (e.Data as AttemptClosed)?.ExceptionType);
    }

    /// <summary>When the event was decided.</summary>
    public DateTime Time => _envelope.Time.UtcDateTime;

    public int Count => _members.Count;

    public KeyValuePair<string, object?> this[int index] => _members[index];

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => _members.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>For people: what happened, to what, and why.</summary>
    public override string ToString()
    {
        var e = _envelope;
        var subject = string.Join(' ', new[] { e.Workflow, e.RunId?.ToString(), e.Task?.ToString() ?? (e.Data as StageEvent)?.StageName }.Where(s => s is not null));
        var attempt = e.Attempt is { } n ? string.Create(CultureInfo.InvariantCulture, $" attempt {n}") : "";
        return Outcomes.Why(e.Data) is { } why ? $"{e.Type} {subject}{attempt}: {why}" : $"{e.Type} {subject}{attempt}";
    }

    private void Add(string name, object? value)
    {
        if (value is not null) _members.Add(new(name, value));
    }
}
