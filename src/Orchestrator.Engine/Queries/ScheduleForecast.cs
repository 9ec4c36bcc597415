using System.Collections.Immutable;
using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules.Ledger;
using Orchestrator.Core.Schedules.Simulation;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Running;

namespace Orchestrator.Engine.Queries;

/// <summary>Plays the due times to come through, with the lengths of past runs.</summary>
/// <param name="queries">The schedules.</param>
/// <param name="store">Past and open runs.</param>
/// <param name="limits">How much there is of places (<c>runs</c>), slots (<c>slots</c>) and pools (<c>pool NAME</c>).</param>
internal sealed class ScheduleForecast(ScheduleQueries queries, IRunStore store, IReadOnlyDictionary<string, int> limits)
{
    private const string Places = "runs", Slots = "slots";
    private static readonly string s_tenant = new WorkflowDefinition { Name = "", Tasks = [] }.Tenant;

    /// <summary>The limits of a worker.</summary>
    public static IReadOnlyDictionary<string, int> LimitsOf(int places, int slots, IReadOnlyDictionary<string, int> pools)
    {
        var limits = new SortedDictionary<string, int>(StringComparer.Ordinal) { [Places] = places, [Slots] = slots };
        foreach (var (name, size) in pools) limits[Pool(name)] = size;
        return limits;
    }

    /// <summary>Simulates a range: all schedules take part, the chosen ones are reported.</summary>
    /// <param name="choice">Which schedules are reported.</param>
    /// <param name="from">Due times after it.</param>
    /// <param name="to">Due times up to it.</param>
    /// <param name="most">At most this many due times are reported.</param>
    public SimulationPage Of(ScheduleChoice choice, DateTimeOffset from, DateTimeOffset to, int most)
    {
        var known = queries.Known(new()).Where(k => k is { Times: not null, Zone: not null, Standing: ScheduleStanding.Active or ScheduleStanding.Paused }).ToDictionary(k => (k.Workflow.Name, k.Schedule.Id));
        var (lengths, open) = (new PastLengths(store.Runs), OpenRuns());
        var all = known.Values.Select(k => Simulated(k, lengths, open)).ToList();
        bool IsChosen(string workflow, string schedule) => choice.Has(known[(workflow, schedule)].Workflow, known[(workflow, schedule)].Schedule);
        var chosen = all.Where(s => IsChosen(s.Workflow, s.Schedule)).ToList();
        var result = ScheduleSimulation.Of(all, limits, from, to);
        var isAlone = result.HasMore && chosen.Count < all.Count;
        if (isAlone) result = ScheduleSimulation.Of(chosen, limits, from, to);
        var told = result.Due.Where(d => IsChosen(d.Workflow, d.Schedule)).ToList();
        return new(
            from, to, [.. told.Take(most).Select(d => Row(known[(d.Workflow, d.Schedule)], all, d))], result.HasMore || told.Count > most,
            [.. result.Shortages.Select(s => new ShortageRow(s.Limit, s.Size, s.Most, s.From, s.To))],
            [.. chosen.Where(s => s.Expected is null && s.Action != ScheduleAction.Stop && told.Any(d => (d.Workflow, d.Schedule) == (s.Workflow, s.Schedule))).Select(s => $"{s.Workflow}/{s.Schedule}")], isAlone);
    }

    private static string Pool(string name) => $"pool {name}";

    private SimulatedSchedule Simulated(KnownSchedule known, PastLengths lengths, ILookup<(string, string), DateTimeOffset> open)
    {
        var (workflow, schedule) = (known.Workflow, known.Schedule);
        var key = $"{workflow.Name}/{schedule.Id}";
        var takes = ImmutableSortedDictionary.CreateBuilder<string, int>(StringComparer.Ordinal);
        takes[Places] = takes[Slots] = 1;
        foreach (var task in workflow.Tasks)
            if (task.Pool is { } pool && limits.ContainsKey(Pool(pool))) takes[Pool(pool)] = 1;
        return new(workflow.Name, schedule.Id, known.Times!)
        {
            Overlap = schedule.Overlap, Action = schedule.Action, Expected = lengths.Of(workflow.Name, schedule.Id), Takes = takes.ToImmutable(), Open = [.. open[(workflow.Name, schedule.Id)].Order()],
            PausedUntil = known.Pause is { } pause ? pause.Until ?? DateTimeOffset.MaxValue : null, Clocks = new ClockEffects(known.Terms!, known.Zone!, key, known.Times!),
            Group = GroupOf(workflow, schedule), Priority = workflow.Priority, Rank = workflow.Rank,
        };
    }

    // The groups of one tenant are not those of another. A name that the run's own id is part of, or that cannot be worked out, is that of no other run.
    private static SimulatedGroup? GroupOf(WorkflowDefinition workflow, ScheduleDefinition schedule) => workflow.Concurrency is not { } concurrency ? null : new(due =>
    {
        var bound = RunParameters.Given(schedule.Params).Bind(workflow, due, new(schedule.Id, due));
        if (!bound.IsValid) return null;
        var created = new WorkflowCreated { Workflow = workflow.Name, DefinitionVersion = "", Trigger = TriggerKind.Schedule, ScheduleId = schedule.Id, DueAt = due, Params = bound.Values };
        try
        {
            return Acceptance.GroupOf(workflow, created, RunId.ForSchedule("", $"{workflow.Name}/{schedule.Id}", due), due) is { } name ? workflow.Tenant == s_tenant ? name : $"{name} of {workflow.Tenant}" : null;
        }
        catch (RunRefusedException) { return null; }
    }, Math.Max(1, concurrency.Max), concurrency.OnConflict);

    private ILookup<(string, string), DateTimeOffset> OpenRuns() => store.Unfinished.ListUnfinished().Select(store.Runs.FirstEvent)
        .Where(e => e?.Event is WorkflowCreated { ScheduleId: not null, Trigger: not TriggerKind.Backfill })
        .ToLookup(e => (((WorkflowCreated)e!.Event).Workflow, ((WorkflowCreated)e.Event).ScheduleId!), e => e!.Time);

    private static SimulatedRow Row(KnownSchedule known, List<SimulatedSchedule> all, SimulatedDue due) => new()
    {
        Workflow = due.Workflow, Schedule = due.Schedule, DueAt = due.DueAt, Local = ScheduleQueries.Local(known.Zone!, due.DueAt), Timezone = known.Schedule.Timezone, Outcome = due.Outcome,
        StartsAt = due.StartsAt, EndsAt = due.EndsAt, ExpectedMs = all.First(s => (s.Workflow, s.Schedule) == (due.Workflow, due.Schedule)).Expected?.TotalMilliseconds,
        EarlierAt = due.Earlier, MayOverlap = due.MayOverlap, ReplacedAt = due.ReplacedAt, Clock = due.Clock,
        ClockChange = ScheduleQueries.Change(known.Zone!, due.DueAt), Exceeds = due.Exceeds, WaitsFor = due.Lacks, WaitsMs = due.Lacks.IsEmpty ? null : (due.StartsAt - due.ReadyAt)?.TotalMilliseconds,
    };
}
