using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Expressions;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Explanations;

/// <summary>The gates of a task up to the slot, in the order the run asks them, each with what it looks at.</summary>
internal static class TaskGates
{
    private const int MaxFacts = 100;
    private const string Secret = "(secret)";

    public static IEnumerable<Gate> Of(ExplainedRun run, int index)
    {
        var state = run.State;
        var (task, node) = (state[index], state.Tasks.NodeOf(index));
        var definition = state.DefinitionOf(index);
        var isChild = task.Parent >= 0;
        yield return OfRun(state);
        if (state.Plan.IsHandler(node)) yield return Handler(state, node);
        else if (!isChild)
        {
            yield return Dependencies(state, index);
            yield return RunWhen(state, index, definition);
        }
        yield return new("enabled", definition.Enabled ? "true" : "false", definition.Enabled, definition.Enabled ? "The task is enabled." : "The definition has `enabled: false`.");
        if (!isChild && !state.Plan.IsHandler(node) && Switch(state, index, definition.Id) is { } choice) yield return choice;
        if (Condition(state, index, definition, isChild) is { } condition) yield return condition;
    }

    /// <summary>Whether all dependencies have ended.</summary>
    public static bool AreDependenciesOver(RunState state, int index)
    {
        if (state.Plan.IsHandler(state.Tasks.NodeOf(index)) || state[index].Parent >= 0) return true;
        foreach (var need in state.Plan.Graph.DependenciesOf(index))
            if (!state[need].IsTerminal) return false;
        return true;
    }

    private static Gate OfRun(RunState state)
    {
        var word = Words.Of(state.Status);
        return state.Status is RunStatus.Pending or RunStatus.Queued
            ? new("run", word, false, $"The run is {word}: no task starts before the run does.")
            : new("run", word, true, $"The run started at {Said.Time(state.StartedAt.Utc)}.");
    }

    private static Gate Handler(RunState state, int node)
    {
        var when = state.Plan.IsFinally(node) ? "finally" : state.Plan.Definition.Handlers is { } all && all.OnSuccess.Any(h => h.Id == state.Plan[node].Id) ? "on_success"
            : state.Plan.Definition.Handlers!.OnFailure.Any(h => h.Id == state.Plan[node].Id) ? "on_failure" : "on_cancel";
        if (state.Outcome is not { } outcome) return new("handler", when, false, $"It is a handler of {when}: handlers start when every task has ended.");
        var isMeant = state.Plan.HandlersOf(outcome).Contains(node);
        if (!isMeant) return new("handler", when, false, $"It is a handler of {when}, and the run's outcome is {Words.Of(outcome)}.");
        var before = state.Handlers.TakeWhile(h => h != node).Where(h => !state[h].IsTerminal).Select(h => state.IdOf(h).ToString()).ToList();
        return before.Count == 0 || state[node].IsTerminal ? new("handler", when, true, $"The run's outcome is {Words.Of(outcome)}.")
            : new("handler", when, false, $"Handlers run one after another; {Said.Names(before)} {(before.Count == 1 ? "goes" : "go")} before it.");
    }

    private static Gate Dependencies(RunState state, int index)
    {
        var needs = state.Plan.Graph.DependenciesOf(index);
        if (needs.Length == 0) return new("dependencies", "none", true, "It depends on no task.");
        var facts = ImmutableArray.CreateBuilder<GateFact>();
        var open = new List<string>();
        foreach (var need in needs)
        {
            if (facts.Count < MaxFacts) facts.Add(new(state.IdOf(need).ToString(), StatusOf(state[need])));
            if (!state[need].IsTerminal) open.Add($"{state.IdOf(need)} ({Words.Of(state[need].Status)})");
        }
        var value = string.Create(CultureInfo.InvariantCulture, $"{needs.Length - open.Count} of {needs.Length} ended");
        return new("dependencies", value, open.Count == 0, open.Count == 0
            ? needs.Length == 1 ? "Its dependency has ended." : $"All {needs.Length} dependencies have ended." : $"It waits for {Said.Names(open)}.") { Facts = facts.ToImmutable() };
    }

    private static Gate RunWhen(RunState state, int index, TaskDefinition definition)
    {
        var rule = Words.Of(definition.RunWhen);
        if (!AreDependenciesOver(state, index)) return new("run_when", rule, null, $"{rule} is checked when all dependencies have ended.");
        var up = Gates.UpstreamOf(state, index);
        if (up.Total == 0) return new("run_when", rule, Gates.Opens(definition.RunWhen, up), $"{rule}, and there are no dependencies.");
        var blockers = Gates.Blockers(state, index).Select(b => $"{b} ({StatusOf(state.Of(b))})").ToList();
        var found = string.Create(CultureInfo.InvariantCulture, $"{up.Succeeded} of {up.Total} succeeded, {up.Failed} failed, {up.Skipped} skipped, {up.Cancelled} cancelled");
        var opens = Gates.Opens(definition.RunWhen, up);
        return new("run_when", rule, opens, opens || blockers.Count == 0 ? $"{rule}: {found}." : $"{rule}: {found}. Not successful: {Said.Names(blockers)}.")
        {
            Facts = [new("succeeded", Number(up.Succeeded)), new("failed", Number(up.Failed)), new("skipped", Number(up.Skipped)), new("cancelled", Number(up.Cancelled))],
        };
    }

    private static Gate? Switch(RunState state, int index, TaskId id)
    {
        foreach (var need in state.Plan.Graph.DependenciesOf(index))
        {
            if (state.DefinitionOf(need).Action is not SwitchAction choice || !choice.Choices.Contains(id)) continue;
            var switchId = state.IdOf(need);
            if (state[need].Status != TaskStatus.Completed) return new("switch", switchId.ToString(), null, $"The switch {switchId} has not chosen yet.");
            var isChosen = !SwitchChoice.PassedOver(choice, state[need].Outputs, id);
            if (!isChosen) return new("switch", switchId.ToString(), false, $"The switch {switchId} chose other tasks.") { Facts = Chosen(state[need]) };
            return new("switch", switchId.ToString(), true, $"The switch {switchId} chose this task.") { Facts = Chosen(state[need]) };
        }
        return null;
    }

    private static ImmutableArray<GateFact> Chosen(TaskState task) => [.. task.Outputs.Take(MaxFacts).Select(o => new GateFact(o.Key, Said.Short(o.Value.GetRawText())))];

    private static Gate? Condition(RunState state, int index, TaskDefinition definition, bool isChild)
    {
        if (definition.If is not { } text) return null;
        var value = Said.Short(text);
        var templates = state.TemplatesOf(index);
        try
        {
            if ((isChild || definition.FanOut is not null) && templates.ConditionNamesItem != isChild)
                return new("condition", value, null, isChild ? "The condition was evaluated once, for the whole fan-out." : "The condition is about the item: it is evaluated for each child.");
            if (!AreDependenciesOver(state, index) || state.Status is RunStatus.Pending or RunStatus.Queued) return new("condition", value, null, "The condition is evaluated when all dependencies have ended.");
            var scope = Scopes.For(state, index);
            var facts = Operands(state, templates, scope);
            try
            {
                var holds = templates.EvaluateIf(scope) == true;
                return new("condition", value, holds, $"The condition is {(holds ? "true" : "false")}{Listed(facts)}.") { Facts = facts };
            }
            catch (ExpressionException e) { return new("condition", value, false, $"The condition cannot be evaluated: {Said.Ended(e.Message)}") { Facts = facts }; }
        }
        catch (ExpressionException e) { return new("condition", value, false, $"The condition cannot be evaluated: {Said.Ended(e.Message)}"); }
    }

    // A secret, and what may be made of one, is never shown.
    private static ImmutableArray<GateFact> Operands(RunState state, TaskTemplates templates, ExpressionScope scope)
    {
        var secret = state.Plan.Definition.Params.Where(p => p.Type == ParameterType.Secret).Select(p => p.Name).ToHashSet(StringComparer.Ordinal);
        var hidesEnv = templates.ConditionReferences.Any(r => r.Root == "secrets" || r.Root == "params" && secret.Contains(r.Name));
        return [.. templates.ConditionOperands(scope).Take(MaxFacts).Select(o => new GateFact(o.Text, IsSecret(o.Text) ? Secret : o.Value is { } known ? Shown(known) : $"({o.Error})"))];

        bool IsSecret(string text) => text.StartsWith("secrets.", StringComparison.Ordinal) || hidesEnv && text.StartsWith("env.", StringComparison.Ordinal)
            || text.StartsWith("params.", StringComparison.Ordinal) && secret.Any(name => text == $"params.{name}" || text.StartsWith($"params.{name}.", StringComparison.Ordinal) || text.StartsWith($"params.{name}[", StringComparison.Ordinal));
    }

    private static string Shown(ExpressionValue value)
    {
        try { return Said.Short(value.ToJson().GetRawText()); }
        catch (ExpressionException e) { return $"({e.Message})"; }
    }

    private static string Listed(ImmutableArray<GateFact> facts) => facts.IsEmpty ? "" : $": {string.Join(", ", facts.Take(3).Select(f => $"{f.Name} is {f.Value}"))}{(facts.Length > 3 ? ", ..." : "")}";

    internal static string StatusOf(TaskState task) => task switch
    {
        { FailureAllowed: true } => "failed, allowed",
        { Skip: { } reason } => $"skipped: {Words.Of(reason)}",
        { Status: TaskStatus.Failed, Failure: { } kind } => $"failed: {Words.Of(kind)}",
        _ => Words.Of(task.Status),
    };

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
