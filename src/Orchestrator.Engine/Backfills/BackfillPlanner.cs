using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Schedules.Backfills;
using Orchestrator.Core.Schedules.Ledger;
using Orchestrator.Engine.Scheduling;

namespace Orchestrator.Engine.Backfills;

/// <summary>Makes a plan of a request, with every item checked: what is planned can run.</summary>
public static class BackfillPlanner
{
    private const int MaxReason = 1000;

    /// <summary>Makes the plan; the problems say why there is none.</summary>
    /// <param name="workflow">The definition in force.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="now">The instant.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="problems">What is wrong, a sentence each.</param>
    public static bool TryPlan(
        WorkflowDefinition workflow, BackfillRequest request, DateTimeOffset now, [NotNullWhen(true)] out BackfillPlan? plan, out IReadOnlyList<string> problems)
    {
        plan = null;
        if (request.Parallelism is < 1 or > BackfillPlan.MaxParallelism) return Fail($"parallelism must be 1 to {BackfillPlan.MaxParallelism}, was {request.Parallelism}.", out problems);
        if (request.Reason is { Length: > MaxReason }) return Fail($"reason has at most {MaxReason} characters.", out problems);
        if (!TryItems(workflow, request, now, out var schedule, out var items, out var error)) return Fail(error, out problems);
        var made = new BackfillPlan
        {
            Workflow = workflow.Name, Items = items.In(request.Order), Order = request.Order, Parallelism = request.Parallelism, ScheduleId = schedule?.Id, Param = request.Param,
            BaseDir = workflow.BaseDir, Params = request.Params.ToImmutableSortedDictionary(StringComparer.Ordinal), Actor = request.Actor, Reason = request.Reason,
            CorrelationId = request.CorrelationId, Trace = request.Trace,
        };
        foreach (var key in made.Items.Keys)
        {
            var bound = BackfillParameters.Bind(workflow, made.ScheduleId, made.Param, made.Params, key, now);
            if (bound.IsValid) continue;
            // The others have the same trouble, or wait for this one.
            problems = [.. bound.Problems.Select(p => $"{key}: {p.Message} {p.Remedy}".TrimEnd())];
            return false;
        }
        plan = made;
        problems = [];
        return true;
    }

    private static bool TryItems(
        WorkflowDefinition workflow, BackfillRequest request, DateTimeOffset now,
        out ScheduleDefinition? schedule, [NotNullWhen(true)] out BackfillItems? items, [NotNullWhen(false)] out string? error)
    {
        (schedule, items) = (null, null);
        if (request.Param is { } name)
        {
            if (request.Schedule is not null) error = "A backfill goes over the due times of a schedule or over a date parameter, not both.";
            else if (workflow.Params.FirstOrDefault(p => p.Name == name) is not { } parameter)
                error = $"{workflow.Name} has no parameter '{name}'. {Suggest.DidYouMean(name, workflow.Params.Select(p => p.Name))}".TrimEnd();
            else if (parameter.Type != ParameterType.Date) error = $"Parameter '{name}' is of type {Words.Of(parameter.Type)}; a backfill goes over a parameter of type date.";
            else if (request.Params.ContainsKey(name)) error = $"Parameter '{name}' takes its values from the range; leave out the value.";
            else return BackfillRange.TryDates(request.From, request.To, request.Step ?? TimeSpan.FromDays(1), out items, out error);
            return false;
        }
        if (request.Step is not null) error = "step belongs to a range of a date parameter: the due times of a schedule have their own interval.";
        else if (!TrySchedule(workflow, request.Schedule, out schedule, out error)) { }
        else if (ArmedSchedule.TryCreate(workflow, schedule!, new(), out var armed, out error, out _))
        {
            var zones = new ScheduleZones();
            return zones.TryFind(schedule!.Timezone, out var zone, out error) && BackfillRange.TryDueTimes(armed.Times, zone, request.From, request.To, now, out items, out error);
        }
        error ??= "The schedule cannot be used.";
        return false;
    }

    private static bool TrySchedule(WorkflowDefinition workflow, string? id, out ScheduleDefinition? schedule, out string? error)
    {
        error = null;
        schedule = id is null ? workflow.Schedules is [var only] ? only : null : workflow.Schedules.FirstOrDefault(s => s.Id == id);
        if (schedule is { Action: ScheduleAction.Stop }) error = $"Schedule '{schedule.Id}' stops runs: it starts none.";
        if (schedule is not null) return error is null;
        var ids = workflow.Schedules.Select(s => s.Id).ToList();
        error = ids.Count == 0 ? $"{workflow.Name} has no schedule: name a parameter of type date that the range is for."
            : id is null ? $"{workflow.Name} has {ids.Count} schedules: name one of {string.Join(", ", ids)}."
            : $"{workflow.Name} has no schedule '{id}'. {Suggest.DidYouMean(id, ids)}".TrimEnd();
        return false;
    }

    private static bool Fail(string problem, out IReadOnlyList<string> problems)
    {
        problems = [problem];
        return false;
    }
}
