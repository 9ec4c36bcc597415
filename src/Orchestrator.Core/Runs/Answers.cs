using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Serialization;

namespace Orchestrator.Core.Runs;

/// <summary>Why an answer or event was not taken.</summary>
/// <param name="Code">not_found, not_open, not_waiting, not_allowed, answered, invalid_values or internal_error.</param>
/// <param name="Message">One sentence.</param>
public sealed record AnswerRefusal(string Code, string Message);

/// <summary>Judges what comes to a run from outside before it becomes an input.</summary>
public static class Answers
{
    /// <summary>The code of a refusal whose cause is what was sent, not the run.</summary>
    public const string InvalidValues = "invalid_values";

    /// <summary>The code of a refusal whose cause is a fault of the program's own.</summary>
    public const string InternalError = "internal_error";

    /// <summary>Why an input would change nothing; null when it will.</summary>
    public static AnswerRefusal? Refuse(RunState state, RunInput input) => input switch
    {
        _ when Unfit(input) is { } why => why,
        _ when state.IsTerminal => new("not_open", $"Run {state.Id} is {Words.Of(state.Status)}."),
        RunInput.Approve a => RefuseAnswer(state, a.Task, a.By, approves: true),
        RunInput.Reject r => RefuseAnswer(state, r.Task, r.By, approves: false),
        RunInput.Signal s when !state.ParkedTasks.Any(i => state[i].Wait is { Kind: WaitKind.Event } wait && wait.EventName == s.Event) =>
            new("not_waiting", $"No task of run {state.Id} is waiting for event '{s.Event}'."),
        _ => null,
    };

    /// <summary>Values and texts that no journal can keep.</summary>
    private static AnswerRefusal? Unfit(RunInput input) => input switch
    {
        RunInput.Approve a => Unfit(("by", a.By), ("comment", a.Comment)) ?? Unfit("field", a.Values),
        RunInput.Reject r => Unfit(("by", r.By), ("comment", r.Comment)),
        RunInput.Signal s => Unfit(("event", s.Event)) ?? Unfit("value", s.Data),
        _ => null,
    };

    private static AnswerRefusal? Unfit(params ReadOnlySpan<(string Name, string? Text)> texts)
    {
        foreach (var (name, text) in texts)
            if (JsonBounds.Fault(text) is { } fault) return new(InvalidValues, fault.Of($"'{name}'"));
        return null;
    }

    private static AnswerRefusal? Unfit(string what, ImmutableSortedDictionary<string, JsonElement> values) =>
        JsonBounds.Fault(values) is { } found ? new(InvalidValues, found.Fault.Of($"{what} '{found.Name}'")) : null;

    private static AnswerRefusal? RefuseAnswer(RunState state, TaskId task, string by, bool approves)
    {
        if (!state.TryIndexOf(task, out var index)) return new("not_found", $"Run {state.Id} has no task '{task}'.");
        if (state[index].Wait is not { Question: { } question } wait)
            return new("not_waiting", $"Task '{task}' of run {state.Id} is not waiting for an answer: it is {Words.Of(state[index].Status)}.");
        if (!question.Approvers.IsEmpty && !question.Approvers.Contains(by))
            return new("not_allowed", $"'{by}' may not answer task '{task}'; these may: {string.Join(", ", question.Approvers)}.");
        return approves && wait.ApprovedBy.Contains(by) ? new("answered", $"'{by}' has already approved task '{task}'; approvals still needed: {question.Required - wait.ApprovedBy.Length}.") : null;
    }
}
