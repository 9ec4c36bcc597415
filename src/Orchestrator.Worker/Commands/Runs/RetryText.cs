using Orchestrator.Engine.Running;
using Orchestrator.Worker.Commands.Output;

namespace Orchestrator.Worker.Commands.Runs;

/// <summary>What a retry would do, for people.</summary>
internal static class RetryText
{
    public static void Write(CommandContext around, RetryPreview preview)
    {
        var plan = preview.Plan;
        var table = new TextTable("task", "in the new run", "why");
        foreach (var step in plan.Steps) table.Add(step.Task.ToString(), step.Runs ? "runs" : "kept", step.Kept?.ReusedFrom is { } from ? $"result of run {from}" : step.Reason);
        table.Write(around);
        if (plan.Dropped.Length > 0) around.Out.WriteLine($"No longer in the workflow, so left out: {string.Join(", ", plan.Dropped)}.");
        if (preview.DroppedParams.Length > 0) around.Out.WriteLine($"Parameters the workflow no longer has, so left out: {string.Join(", ", preview.DroppedParams)}.");
        around.Out.WriteLine($"{plan.Running} of {plan.Steps.Length} {(plan.Steps.Length == 1 ? "task" : "tasks")} of {plan.Definition.Name} {(plan.Running == 1 ? "runs" : "run")} again; it repeats run {plan.Earlier}.");
    }
}
