using System.Collections.Immutable;
using Orchestrator.Core.Definitions;

namespace Orchestrator.Core.Runs;

/// <summary>The gates of a task whose dependencies are terminal, in order: run_when, then if. The slot comes after them.</summary>
public static class Gates
{
    private const int MaxBlockers = 100;

    /// <summary>The outcomes of a task's dependencies.</summary>
    public readonly record struct Upstream(int Total, int Succeeded, int Failed, int Skipped, int Cancelled);

    /// <summary>
    /// Whether <paramref name="rule"/> allows a task to start, given the outcomes of its dependencies. Without dependencies every rule does, except
    /// one_failed and one_success: these need a dependency.
    /// </summary>
    public static bool Opens(RunWhen rule, Upstream up) => rule switch
    {
        RunWhen.AllSuccess => up.Succeeded == up.Total,
        RunWhen.NoneFailed => up.Failed == 0 && up.Cancelled == 0,
        RunWhen.NoneSkipped => up.Skipped == 0,
        RunWhen.OneSuccess => up.Succeeded > 0 || up.Total == 0,
        RunWhen.OneFailed => up.Failed > 0,
        RunWhen.AllDone => true,
        _ => throw new ArgumentOutOfRangeException(nameof(rule)),
    };

    /// <summary>The event that a closed gate means, or null when the task may start.</summary>
    internal static TaskEvent? Check(RunState state, int index)
    {
        var definition = state.DefinitionOf(index);
        var isChild = state[index].Parent >= 0;
        if (!isChild && !state.Plan.IsHandler(index))
        {
            if (!Opens(definition.RunWhen, UpstreamOf(state, index)))
                return new TaskSkipped(definition.Id, ReasonOf(state, index)) { BlockedBy = Blockers(state, index) };
            if (!definition.Enabled) return new TaskSkipped(definition.Id, SkipReason.Disabled);
            if (IsPassedOver(state, index, definition.Id)) return new TaskSkipped(definition.Id, SkipReason.Condition);
        }
        else if (!definition.Enabled) return new TaskSkipped(definition.Id, SkipReason.Disabled);
        return definition.If is null ? null : CheckCondition(state, index, definition, isChild);
    }

    /// <summary>Whether a switch before it chose others.</summary>
    private static bool IsPassedOver(RunState state, int index, TaskId id)
    {
        foreach (var need in state.Plan.Graph.DependenciesOf(index))
            if (state.DefinitionOf(need).Action is SwitchAction choice && state[need].Status == TaskStatus.Completed
                && Planning.SwitchChoice.PassedOver(choice, state[need].Outputs, id)) return true;
        return false;
    }

    /// <summary>A condition about an item is asked for each child of a fan-out, any other once, for its task.</summary>
    private static TaskEvent? CheckCondition(RunState state, int index, Definitions.TaskDefinition definition, bool isChild)
    {
        try
        {
            var templates = state.TemplatesOf(index);
            if ((isChild || definition.FanOut is not null) && templates.ConditionNamesItem != isChild) return null;
            return templates.EvaluateIf(Scopes.For(state, index)) == false ? new TaskSkipped(definition.Id, SkipReason.Condition) : null;
        }
        catch (Expressions.ExpressionException e)
        {
            return new TaskFailed(definition.Id, 0)
            {
                Error = $"The condition of task '{definition.Id}' cannot be evaluated: {e.Message}",
                Kind = FailureKind.ConditionError,
                Allowed = Failing.IsAllowed(state, index),
            };
        }
    }

    /// <summary>A failure before it is the reason, also when it comes through tasks that were skipped for it.</summary>
    internal static SkipReason ReasonOf(RunState state, int index)
    {
        foreach (var need in state.Plan.Graph.DependenciesOf(index))
            if (state[need] is { Status: TaskStatus.Failed, FailureAllowed: false } or { Status: TaskStatus.Cancelled } or { Skip: SkipReason.DependencyFailed })
                return SkipReason.DependencyFailed;
        return SkipReason.DependencySkipped;
    }

    internal static ImmutableArray<TaskId> Blockers(RunState state, int index)
    {
        var blockers = ImmutableArray.CreateBuilder<TaskId>();
        foreach (var need in state.Plan.Graph.DependenciesOf(index))
            if (state[need].IsTerminal && !state[need].CountsAsSuccess && blockers.Count < MaxBlockers) blockers.Add(state.IdOf(need));
        return blockers.ToImmutable();
    }

    internal static Upstream UpstreamOf(RunState state, int index)
    {
        var needs = state.Plan.Graph.DependenciesOf(index);
        int succeeded = 0, failed = 0, skipped = 0, cancelled = 0;
        foreach (var need in needs)
        {
            var task = state[need];
            if (task.CountsAsSuccess) succeeded++;
            else if (task.Status == TaskStatus.Failed) failed++;
            else if (task.Status == TaskStatus.Skipped) skipped++;
            else cancelled++;
        }
        return new(needs.Length, succeeded, failed, skipped, cancelled);
    }
}
