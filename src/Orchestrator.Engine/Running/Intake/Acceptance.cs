using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Expressions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Serialization;

namespace Orchestrator.Engine.Running;

/// <summary>What must hold for a run to be accepted, and what is worked out then because it stays constant.</summary>
internal static class Acceptance
{
    private const int LongestGroup = 200;

    /// <summary>Every pool the definition names exists here.</summary>
    /// <exception cref="RunRefusedException">One does not.</exception>
    public static void Check(WorkflowDefinition definition, IReadOnlyDictionary<string, int> pools)
    {
        foreach (var task in definition.Tasks) Check(definition, task, pools);
        if (definition.Handlers is not { } handlers) return;
        foreach (var task in handlers.All) Check(definition, task, pools);
    }

    /// <summary>What is kept of the request can be read back.</summary>
    /// <exception cref="RunRefusedException">A value cannot.</exception>
    public static void Check(WorkflowCreated created)
    {
        if (JsonBounds.Fault(created.Params) is { } value) throw Unfit(value.Fault.Of($"parameter '{value.Name}'"));
        foreach (var (what, text) in (ReadOnlySpan<(string, string?)>)[("requested_by", created.RequestedBy), ("correlation_id", created.CorrelationId), ("causation_id", created.CausationId),
            ("idempotency_key", created.IdempotencyKey), ("schedule_id", created.ScheduleId)])
            if (JsonBounds.Fault(text) is { } fault) throw Unfit(fault.Of($"'{what}'"));

        RunRefusedException Unfit(string why) => new($"{created.Workflow} cannot run: {why}");
    }

    /// <summary>Name of the run's concurrency group; null: none.</summary>
    /// <exception cref="RunRefusedException">Its expressions cannot be evaluated, or give no usable name.</exception>
    public static string? GroupOf(WorkflowDefinition definition, WorkflowCreated created, RunId id, DateTimeOffset now)
    {
        if (definition.Concurrency?.Group is not { } text) return null;
        var name = Template.MayHaveHoles(text) ? Render(definition, text, created, id, now) : text;
        if (name.Length is > 0 and <= LongestGroup && !name.AsSpan().ContainsAnyInRange('\0', '\u001f')) return name;
        throw new RunRefusedException(
            $"{definition.Name} cannot run: its concurrency.group '{text}' gives {(name.Length == 0 ? "an empty text" : $"'{name[..Math.Min(40, name.Length)]}'")}. "
            + $"A group's name has 1 to {LongestGroup} characters and none that control a terminal.");
    }

    private static void Check(WorkflowDefinition definition, TaskDefinition task, IReadOnlyDictionary<string, int> pools)
    {
        if (task.Pool is not { } pool || pools.ContainsKey(pool)) return;
        throw new RunRefusedException($"{definition.Name} cannot run here: task '{task.Id}' needs the pool '{pool}', which this worker does not have. "
            + (pools.Count == 0 ? "It has no pools" : $"It has {string.Join(", ", pools.Keys.Order(StringComparer.Ordinal))}") + $"; set its size with Orchestrator:Pools:{pool}.");
    }

    private static string Render(WorkflowDefinition definition, string text, WorkflowCreated created, RunId id, DateTimeOffset now)
    {
        try
        {
            if (!Template.TryParse(text, out var template, out var error)) throw new ExpressionException($"Character {error.Offset + 1}: {error.Message}");
            return template.Render(new()
            {
                Params = created.Params,
                Run = new(id.ToString(), definition.Name, definition.Tenant, now, Words.Of(created.Trigger)),
                Schedule = created is { ScheduleId: { } schedule, DueAt: { } due } ? new(schedule, due) : null,
            }, TemplateMode.Text);
        }
        catch (ExpressionException e)
        {
            throw new RunRefusedException($"{definition.Name} cannot run: its concurrency.group '{text}' cannot be worked out. {e.Message}", e);
        }
    }
}
