using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Explanations;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;

namespace Orchestrator.Engine.Queries;

/// <summary>A definition by its name, as it is now.</summary>
/// <param name="Workflow">The definition; null: there is none that can be used.</param>
/// <param name="Problem">Why it cannot be used; null: it can, or there is none.</param>
public readonly record struct DefinitionNow(WorkflowDefinition? Workflow, string? Problem = null);

/// <summary>
/// Answers `why` for what a person writes: a workflow, <c>workflow/schedule</c>, a run, <c>run/task</c>.
/// Workflows and schedules go before runs whose id begins so.
/// </summary>
/// <param name="store">Where runs are kept.</param>
/// <param name="limits">Limits of the worker, as configured now.</param>
/// <param name="clock">The clock.</param>
/// <param name="definitions">The definition of a name.</param>
/// <param name="isServed">Whether a service has the data directory now.</param>
public sealed class WhyQuestions(IRunStore store, WorkerLimits limits, TimeProvider clock, Func<string, DefinitionNow> definitions, Func<bool> isServed)
{
    /// <summary>Beginning of an id that is short enough to be a word.</summary>
    public const int ShortestPrefix = 4;

    private readonly RunExplanations _runs = new(store, limits, clock);

    /// <summary>Explains a subject.</summary>
    /// <param name="subject">What it is called.</param>
    /// <param name="at">The instant; null: now.</param>
    /// <param name="stop">Cancels the reading.</param>
    public async Task<ExplanationResult> AskAsync(string subject, DateTimeOffset? at, CancellationToken stop)
    {
        var (name, part) = subject.Split('/', 2) is [var left, var right] ? (left, right) : (subject, null);
        if (RunId.TryParse(name, out var whole)) return await RunAsync(whole, part, at, stop).ConfigureAwait(false);
        var schedules = new ScheduleExplanations(store, _runs, clock, isServed);
        var now = definitions(name);
        var ids = (now.Workflow?.Schedules.Select(s => s.Id) ?? []).Concat(schedules.LedgersOf(name)).Distinct(StringComparer.Ordinal).ToList();
        var isWorkflow = now is not { Workflow: null, Problem: null } || ids.Count > 0;
        if (part is null ? isWorkflow : ids.Contains(part))
            return part is null ? await schedules.WorkflowAsync(name, now.Workflow, now.Problem, at, stop).ConfigureAwait(false)
                : await schedules.ScheduleAsync(name, part, now.Workflow, at, stop).ConfigureAwait(false);
        if (IsPrefix(name))
        {
            var lookup = store.Runs.Resolve(name);
            if (lookup.Found is { } run) return await RunAsync(run, part, at, stop).ConfigureAwait(false);
            if (lookup.IsAmbiguous) return new(null, $"Several runs begin with '{name}': {string.Join(", ", lookup.Candidates.Take(5))}. Give more of the id.") { IsAmbiguous = true };
        }
        if (part is null) return await ForgottenAsync(schedules, name, at, stop).ConfigureAwait(false);
        return new(null, !isWorkflow ? $"There is no workflow and no run '{name}'."
            : ids.Count == 0 ? $"Workflow '{name}' has no schedules." : $"Workflow '{name}' has no schedule '{part}'. {Guess(part, ids)}");
    }

    // A definition that is gone leaves runs; without those the name means nothing.
    private async Task<ExplanationResult> ForgottenAsync(ScheduleExplanations schedules, string name, DateTimeOffset? at, CancellationToken stop) =>
        await schedules.WorkflowAsync(name, null, null, at, stop).ConfigureAwait(false) is { Found: not null } found ? found : new(null, $"There is no workflow and no run '{name}'.");

    private async Task<ExplanationResult> RunAsync(RunId run, string? task, DateTimeOffset? at, CancellationToken stop) =>
        task is not null && !TaskId.IsValid(task) ? new(null, $"'{task}' is not a task. A task is named RUN/TASK.")
            : await _runs.ExplainAsync(run, task is null ? null : new TaskId(task), at, stop).ConfigureAwait(false);

    private static bool IsPrefix(string text) => text.Length >= ShortestPrefix && text.All(c => char.IsAsciiHexDigit(c) || c == '-');

    private static string Guess(string wrong, List<string> known) => Suggest.DidYouMean(wrong, known) is { Length: > 0 } guess ? guess : $"It has {string.Join(", ", known.Take(10))}.";
}
