using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Expressions;

namespace Orchestrator.Core.Runs;

/// <summary>A task that becomes many: its items are worked out once, its children are tasks of their own, and it ends with the last of them.</summary>
internal static class FanningOut
{
    /// <summary>Works out the items. The task starts and waits for its children without a slot.</summary>
    public static void Begin(Turn turn, int index)
    {
        var state = turn.State;
        var task = state.DefinitionOf(index);
        Starting.Start(turn, index, task.FanOut!.IsMatrix ? "matrix" : "foreach");
        try
        {
            var templates = state.TemplatesOf(index);
            var items = templates.Items(Scopes.For(state, templates.ItemReferences.Concat(templates.References)));
            turn.Emit(new TaskExpanded(task.Id, state[index].Attempt, JsonText.Parse(JsonText.Bytes(json =>
            {
                json.WriteStartArray();
                foreach (var item in items) item.WriteTo(json);
                json.WriteEndArray();
            }))));
        }
        catch (ExpressionException e)
        {
            var failed = new TaskOutcome.Failed(FailureKind.ConditionError, $"The items cannot be worked out: {e.Message}", Retryable: false);
            Failing.Fail(turn, index, new AttemptEnd(turn.Now, 0, null, null).Failed(task, state[index], failed));
        }
    }

    /// <summary>The last child is terminal: the task ends as they did.</summary>
    public static void Close(Turn turn, int index)
    {
        var state = turn.State;
        var (task, definition, fanOut) = (state[index], state.DefinitionOf(index), state[index].FanOut!);
        var end = new AttemptEnd(turn.Now, turn.Now.Since(task.AttemptStartedAt), null, null) { Resumed = turn.Now.IsResumedSince(task.AttemptStartedAt) };
        if (fanOut.Failed > 0 && definition.FanOut!.OnFailure != ItemFailure.Ignore)
            Failing.Fail(turn, index, end.Failed(definition, task, new(fanOut.FirstErrorKind, string.Create(CultureInfo.InvariantCulture,
                $"{fanOut.Failed} of {fanOut.Count} items failed, first {fanOut.FirstError}"))) with { FailedItems = fanOut.Failed });
        else if (fanOut.CancelledBy is { } reason)
            turn.Emit(end.Cancelled(definition.Id, task, reason));
        else
            turn.Emit(end.Completed(definition.Id, task, new()));
    }

    /// <summary>A child failed for good and the others are to stop: those that have not started never will.</summary>
    public static void StopOthers(Turn turn, int child)
    {
        var fanOut = turn.State[turn.State[child].Parent].FanOut!;
        for (var i = fanOut.First; i < fanOut.First + fanOut.Count; i++)
            if (turn.State[i].Status is TaskStatus.Pending or TaskStatus.Retrying)
                turn.Emit(new AttemptEnd(turn.Now, 0, null, null).Cancelled(turn.State.IdOf(i), turn.State[i], CancelReason.FailFast));
    }

    /// <summary>The children's results in the order of the items, null for those that have none, and how they ended.</summary>
    public static ImmutableSortedDictionary<string, JsonElement> Results(FanOutState fanOut, Func<int, TaskState> taskAt)
    {
        var list = JsonSerializer.SerializeToElement(Enumerable.Range(fanOut.First, fanOut.Count)
            .Select(taskAt).Select(child => child.Status == TaskStatus.Completed || !child.Outputs.IsEmpty ? child.Outputs : null).ToArray(), FanOutJson.Default.ImmutableSortedDictionaryStringJsonElementArray);
        var results = ImmutableSortedDictionary.CreateBuilder<string, JsonElement>(StringComparer.Ordinal);
        results["results"] = list;
        foreach (var (name, n) in new[] { ("count", fanOut.Count), ("completed", fanOut.Counts.Completed), ("failed", fanOut.Failed), ("skipped", fanOut.Counts.Skipped) })
            results[name] = JsonSerializer.SerializeToElement(n, FanOutJson.Default.Int32);
        return results.ToImmutable();
    }
}
