using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Triggers;

/// <summary>The end of a run as a delivery to triggers of other workflows.</summary>
public static class RunEndFacts
{
    /// <summary>So many runs may start each other by triggers; one more is refused as a loop.</summary>
    public const int MaxDepth = 16;

    /// <summary>Whether a trigger waits for this end.</summary>
    public static bool Fits(TriggerDefinition trigger, WorkflowCreated created, WorkflowEnded end) =>
        trigger is { Enabled: true, Workflow: { } rule } && rule.Name == created.Workflow && rule.Fits(end.StatusTo);

    /// <summary>The delivery: the same whenever the end is looked at.</summary>
    /// <param name="trigger">The trigger.</param>
    /// <param name="run">The run.</param>
    /// <param name="created">How it began.</param>
    /// <param name="ended">Its last event.</param>
    public static Delivery Delivery(TriggerDefinition trigger, RunId run, WorkflowCreated created, RecordedEvent ended) =>
        new($"run:{run}", TriggerSource.Workflow, Facts(trigger, run, created, ended))
        {
            CorrelationId = created.CorrelationId ?? run.ToString(),
            CausationId = EventIds.Of(ended.Stream, ended.Seq).ToString(),
            Via = TraceContexts.OfRun(run, created.Trace, created.Sampled),
            Depth = created.Depth + 1,
            Chain = TriggerChain.After(created),
        };

    private static JsonElement Facts(TriggerDefinition trigger, RunId run, WorkflowCreated created, RecordedEvent ended)
    {
        var end = (WorkflowEnded)ended.Event;
        return TriggerFacts.Of(TriggerSource.Workflow, trigger.Id, $"run:{run}", ended.Time, json =>
        {
            json.WriteStartObject("run");
            json.WriteString("id", run.ToString());
            json.WriteString("workflow", created.Workflow);
            json.WriteString("status", Words.Of(end.StatusTo));
            json.WriteString("error", (end as WorkflowFailed)?.Error);
            json.WriteNumber("duration_ms", end.DurationMs);
            Values(json, "params", created.Params);
            Values(json, "outputs", (end as WorkflowCompleted)?.WorkflowResult ?? ImmutableSortedDictionary<string, JsonElement>.Empty);
            json.WriteEndObject();
        });
    }

    private static void Values(Utf8JsonWriter json, string name, ImmutableSortedDictionary<string, JsonElement> values)
    {
        json.WriteStartObject(name);
        foreach (var (key, value) in values)
        {
            json.WritePropertyName(key);
            value.WriteTo(json);
        }
        json.WriteEndObject();
    }
}
