using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Expressions;
using Orchestrator.Core.Planning;

namespace Orchestrator.Core.Triggers;

/// <summary>What a trigger makes of a delivery: the parameters of its run. Compiled once for a definition.</summary>
public sealed class TriggerBinding
{
    private readonly WorkflowDefinition _workflow;
    private readonly TriggerDefinition _trigger;
    private readonly IReadOnlyDictionary<string, string> _env;
    private readonly ImmutableArray<(string Name, JsonTemplate Value)> _params;
    private readonly Template? _deliveryId;

    /// <summary>Compiles the texts of a trigger.</summary>
    /// <exception cref="ExpressionException">One of them is none; the reader has refused it before.</exception>
    public TriggerBinding(WorkflowDefinition workflow, TriggerDefinition trigger)
    {
        (_workflow, _trigger) = (workflow, trigger);
        _env = workflow.Env.Where(v => !Template.MayHaveHoles(v.Value)).ToDictionary(StringComparer.Ordinal);
        _params = [.. trigger.Params.Select(p => (p.Key, JsonTemplate.Compile(p.Value, $"params.{p.Key} of trigger {trigger.Id}")))];
        _deliveryId = trigger.DeliveryId is { } text ? WorkflowTemplates.Compile(text, $"delivery_id of trigger {trigger.Id}") : null;
    }

    /// <summary>The parameters of the run that deliveries start, or why there are none.</summary>
    /// <param name="facts">What <c>trigger</c> is.</param>
    /// <param name="now">The instant that defaults may use.</param>
    public TriggerParameters Bind(JsonElement facts, DateTimeOffset now)
    {
        var given = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        var scope = Scope(facts, now);
        foreach (var (name, value) in _params)
        {
            try { given[name] = value.Render(scope); }
            catch (ExpressionException e) { return new(ImmutableSortedDictionary<string, JsonElement>.Empty, $"Parameter '{name}' has no value: {e.Message}"); }
        }
        var bound = ParameterBinder.Bind(_workflow, given, now, schedule: null);
        return bound.IsValid ? new(bound.Values, null) : new(ImmutableSortedDictionary<string, JsonElement>.Empty, string.Join(' ', bound.Problems.Select(p => p.Message)));
    }

    /// <summary>The delivery's id by the trigger's own rule; null: it has none.</summary>
    /// <exception cref="ExpressionException">The rule gives no usable id.</exception>
    public string? DeliveryId(JsonElement facts, DateTimeOffset now)
    {
        if (_deliveryId is not { } template) return null;
        var id = template.Render(Scope(facts, now), TemplateMode.Text);
        return id.Length is > 0 and <= MaxDeliveryId && !id.Any(char.IsControl) ? id
            : throw new ExpressionException($"The delivery_id of trigger '{_trigger.Id}' has 1 to {MaxDeliveryId} characters and no control characters.");
    }

    /// <summary>Most characters of a delivery's id.</summary>
    public const int MaxDeliveryId = 200;

    private ExpressionScope Scope(JsonElement facts, DateTimeOffset now) =>
        new() { Run = new("", _workflow.Name, _workflow.Tenant, now, Words.Of(TriggerKind.Trigger)), Env = _env, Trigger = facts };
}
