using Orchestrator.Core.Definitions;
using Orchestrator.Core.Expressions;

namespace Orchestrator.Core.Planning;

/// <summary>The texts of a task's action, compiled, and how they fill an invocation. Each kind has a file of its own.</summary>
internal abstract record ActionTemplates
{
    public static ActionTemplates Of(TaskAction action) => action switch
    {
        RunAction run => RunTemplates.Of(run),
        ScriptAction script => ScriptTemplates.Of(script),
        ExecAction exec => ExecTemplates.Of(exec),
        DelegateAction call => DelegateTemplates.Of(call),
        HttpAction http => HttpTemplates.Of(http),
        ContainerAction container => ContainerTemplates.Of(container),
        SqlAction sql => new SqlTemplates(sql),
        WorkflowAction child => ChildTemplates.Of(child),
        WaitAction { Poll: { } poll } => PollTemplates.Of(poll),
        WaitAction wait => WaitTemplates.Of(wait),
        ApprovalAction approval => ApprovalTemplates.Of(approval),
        SwitchAction choice => new SwitchTemplates(WorkflowTemplates.Compile(choice.Value, "switch.value")),
        _ => PlainTemplates.Nothing,
    };

    public abstract IEnumerable<ExpressionReference> References { get; }

    public abstract TaskInvocation Render(ExpressionScope scope);
}
