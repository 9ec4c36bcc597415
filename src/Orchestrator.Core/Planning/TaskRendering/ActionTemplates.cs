using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Expressions;

namespace Orchestrator.Core.Planning;

/// <summary>The texts of a task's action, compiled, and how they fill an invocation.</summary>
internal abstract record ActionTemplates
{
    private static readonly ActionTemplates Nothing = new Plain(new());

    private protected ActionTemplates() { }

    public static ActionTemplates Of(TaskAction action) => action switch
    {
        RunAction run => new Run(WorkflowTemplates.Compile(run.Command, "run")),
        ScriptAction script => new Script(WorkflowTemplates.Compile(script.Text, "script")),
        ExecAction { Argv: var argv } => argv.Any(Template.MayHaveHoles)
            ? new Exec([.. argv.Select((a, i) => WorkflowTemplates.Compile(a, $"exec[{i}]"))])
            : new Plain(new() { Argv = argv }),
        DelegateAction { With: { IsEmpty: false } with } =>
            new Delegate([.. with.Select(w => KeyValuePair.Create(w.Key, JsonTemplate.Compile(w.Value, "with." + w.Key)))]),
        WorkflowAction child => ChildTemplates.Of(child),
        WaitAction { Poll: { } poll } => PollTemplates.Of(poll),
        WaitAction wait => WaitTemplates.Of(wait),
        ApprovalAction approval => ApprovalTemplates.Of(approval),
        _ => Nothing,
    };

    public abstract IEnumerable<ExpressionReference> References { get; }

    public abstract TaskInvocation Render(ExpressionScope scope);

    private sealed record Plain(TaskInvocation Invocation) : ActionTemplates
    {
        public override IEnumerable<ExpressionReference> References => [];

        public override TaskInvocation Render(ExpressionScope scope) => Invocation;
    }

    private sealed record Run(Template Command) : ActionTemplates
    {
        public override IEnumerable<ExpressionReference> References => Command.References;

        public override TaskInvocation Render(ExpressionScope scope) => new() { Command = Command.Render(scope, TemplateMode.Shell) };
    }

    private sealed record Script(Template Text) : ActionTemplates
    {
        public override IEnumerable<ExpressionReference> References => Text.References;

        public override TaskInvocation Render(ExpressionScope scope) => new() { Script = Text.Render(scope, TemplateMode.Shell) };
    }

    private sealed record Exec(ImmutableArray<Template> Argv) : ActionTemplates
    {
        public override IEnumerable<ExpressionReference> References => Argv.SelectMany(a => a.References);

        public override TaskInvocation Render(ExpressionScope scope) =>
            new() { Argv = [.. Argv.Select(a => a.Render(scope, TemplateMode.Text))] };
    }

    private sealed record Delegate(ImmutableArray<KeyValuePair<string, JsonTemplate>> With) : ActionTemplates
    {
        public override IEnumerable<ExpressionReference> References => With.SelectMany(w => w.Value.References);

        public override TaskInvocation Render(ExpressionScope scope) => new()
        {
            With = With.Select(w => KeyValuePair.Create<string, JsonElement>(w.Key, w.Value.Render(scope)))
                .ToImmutableSortedDictionary(StringComparer.Ordinal),
        };
    }
}
