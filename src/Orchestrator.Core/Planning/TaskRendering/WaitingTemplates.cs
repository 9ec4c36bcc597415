using System.Collections.Immutable;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Expressions;

namespace Orchestrator.Core.Planning;

/// <summary>The texts of a wait for time.</summary>
internal sealed record WaitTemplates(Template? For, Template? Until) : ActionTemplates
{
    public static ActionTemplates Of(WaitAction wait) => new WaitTemplates(
        wait.For is { } duration ? WorkflowTemplates.Compile(duration, "wait.for") : null,
        wait.Until is { } instant ? WorkflowTemplates.Compile(instant, "wait.until") : null);

    public override IEnumerable<ExpressionReference> References => [.. For?.References ?? [], .. Until?.References ?? []];

    public override TaskInvocation Render(ExpressionScope scope) => new()
    {
        WaitFor = For?.Render(scope, TemplateMode.Text),
        WaitUntil = Until?.Render(scope, TemplateMode.Text),
    };
}

/// <summary>The question of an approval.</summary>
internal sealed record ApprovalTemplates(Template Prompt) : ActionTemplates
{
    public static ActionTemplates Of(ApprovalAction approval) => new ApprovalTemplates(WorkflowTemplates.Compile(approval.Prompt, "approval.prompt"));

    public override IEnumerable<ExpressionReference> References => Prompt.References;

    public override TaskInvocation Render(ExpressionScope scope) => new() { Prompt = Prompt.Render(scope, TemplateMode.Text) };
}

/// <summary>Name and parameters of a child run.</summary>
internal sealed record ChildTemplates(Template Name, ImmutableArray<KeyValuePair<string, JsonTemplate>> Params) : ActionTemplates
{
    public static ActionTemplates Of(WorkflowAction child) => new ChildTemplates(
        WorkflowTemplates.Compile(child.Name, "workflow.name"),
        [.. child.Params.Select(p => KeyValuePair.Create(p.Key, JsonTemplate.Compile(p.Value, "workflow.params." + p.Key)))]);

    public override IEnumerable<ExpressionReference> References => Name.References.Concat(Params.SelectMany(p => p.Value.References));

    public override TaskInvocation Render(ExpressionScope scope) => new()
    {
        Child = new(Name.Render(scope, TemplateMode.Text),
            Params.ToImmutableSortedDictionary(p => p.Key, p => p.Value.Render(scope), StringComparer.Ordinal)),
    };
}

/// <summary>The check of a poll and what must be true of its results.</summary>
internal sealed record PollTemplates(PollDefinition Rule, ActionTemplates Check, Expression? Condition) : ActionTemplates
{
    public static ActionTemplates Of(PollDefinition poll)
    {
        if (poll.Condition is null) return new PollTemplates(poll, ActionTemplates.Of(poll.Check), null);
        return Expression.TryParseCondition(poll.Condition, out var condition, out var error)
            ? new PollTemplates(poll, ActionTemplates.Of(poll.Check), condition)
            : throw new ExpressionException($"wait.poll.if, character {error.Offset + 1}: {error.Message}");
    }

    public override IEnumerable<ExpressionReference> References => Check.References.Concat(Condition?.References ?? []);

    public override TaskInvocation Render(ExpressionScope scope) =>
        new() { Poll = new(Rule, Check.Render(scope), Condition is null ? null : outputs => Condition.EvaluateCondition(scope with { Outputs = outputs })) };
}
