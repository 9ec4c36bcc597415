using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Expressions;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Serialization;

namespace Orchestrator.Core.Triggers.Events;

/// <summary>Events of this program as triggers see them.</summary>
public static class OwnEvents
{
    /// <summary>Whether an event can start runs: what triggers do cannot, because it would be an event again.</summary>
    public static bool CanStart(string type) => !type.StartsWith("trigger.", StringComparison.Ordinal);

    /// <summary>What an event is about: the task, or the run.</summary>
    internal static string? SubjectOf(LifecycleEnvelope envelope) => envelope.Task?.ToString() ?? envelope.RunId?.ToString();

    /// <summary>The event in the shape that posted ones have. Its subject is the task, or the run; besides, it has <c>run_id</c>, <c>workflow</c> and <c>task</c>.</summary>
    public static CloudEvent Of(LifecycleEnvelope envelope)
    {
        var more = ImmutableSortedDictionary.CreateBuilder<string, JsonElement>(StringComparer.Ordinal);
        Add("run_id", envelope.RunId?.ToString());
        Add("workflow", envelope.Workflow);
        Add("task", envelope.Task?.ToString());
        Add("severity", Words.Of(envelope.Severity));
        return new(envelope.EventId.ToString(), envelope.Source, envelope.Type)
        {
            Subject = SubjectOf(envelope), Time = Roots.Instant(envelope.Time), DataContentType = "application/json", Data = Payload(envelope.Data),
            Extensions = more.ToImmutable(),
        };

        void Add(string name, string? value)
        {
            if (value is not null) more[name] = JsonSerializer.SerializeToElement(value, TextJson.Default.String);
        }
    }

    /// <summary>The delivery: the same whenever the event is looked at.</summary>
    /// <param name="trigger">The trigger.</param>
    /// <param name="envelope">The event.</param>
    /// <param name="created">How the run that it is about began; null: it is about none, or the run is gone.</param>
    public static Delivery Delivery(TriggerDefinition trigger, LifecycleEnvelope envelope, WorkflowCreated? created)
    {
        var id = $"event:{envelope.EventId}";
        return new(id, TriggerSource.Event, Of(envelope).ToFacts(trigger.Id, id, envelope.Time))
        {
            CorrelationId = envelope.CorrelationId,
            CausationId = envelope.EventId.ToString(),
            Via = created is not null && envelope.RunId is { } run ? TraceContexts.OfRun(run, created.Trace, created.Sampled) : null,
            Depth = created is null ? 0 : created.Depth + 1,
            Chain = created is null ? default : TriggerChain.After(created),
        };
    }

    private static JsonElement Payload(JournalEvent e)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes)) EventPayload.Write(json, e);
        return JsonBounds.Parse(bytes.WrittenSpan);
    }
}
