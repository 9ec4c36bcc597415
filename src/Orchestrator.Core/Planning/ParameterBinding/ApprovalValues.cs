using System.Text.Json;
using Orchestrator.Core.Definitions;

namespace Orchestrator.Core.Planning;

/// <summary>Checks the values entered for an approval against its fields, which are typed like parameters.</summary>
public static class ApprovalValues
{
    /// <summary>Binds JSON values; every problem is reported at once.</summary>
    public static BoundParameters Bind(ApprovalAction approval, IReadOnlyDictionary<string, JsonElement> given, DateTimeOffset now) =>
        ParameterBinder.Bind(Form(approval), given, now, schedule: null);

    /// <summary>Binds texts, as a command line gives them.</summary>
    public static BoundParameters BindText(ApprovalAction approval, IReadOnlyDictionary<string, string> given, DateTimeOffset now) =>
        ParameterBinder.BindText(Form(approval), given, now, schedule: null);

    /// <summary>The approval that a task of a workflow asks for; null when it asks for none.</summary>
    public static ApprovalAction? Of(WorkflowDefinition workflow, TaskId task)
    {
        var id = task.TrySplit(out var whole, out _) ? whole : task;
        return workflow.Tasks.FirstOrDefault(t => t.Id == id)?.Action as ApprovalAction;
    }

    private static WorkflowDefinition Form(ApprovalAction approval) => new() { Name = "", Params = approval.Fields, Tasks = [] };
}
