using System.Collections.Immutable;
using Orchestrator.Core.Schedules.Ledger;

namespace Orchestrator.Core.Schedules.Simulation;

/// <summary>
/// Plays due times to come through: which overlap, what their schedules make of that, and where more is asked for than there is. A prediction from past lengths. Starts are
/// those of an installation with room for all; what lacks room is said beside them.
/// </summary>
public static class ScheduleSimulation
{
    /// <summary>At most so many due times are played through.</summary>
    public const int MaxDue = 10_000;

    /// <summary>Plays a range.</summary>
    /// <param name="schedules">The schedules that are played.</param>
    /// <param name="limits">How much there is of what runs take.</param>
    /// <param name="from">Due times after it (strictly). Open runs are open then.</param>
    /// <param name="to">Due times up to it.</param>
    /// <param name="most">At most so many due times.</param>
    public static SimulationResult Of(IReadOnlyList<SimulatedSchedule> schedules, IReadOnlyDictionary<string, int> limits, DateTimeOffset from, DateTimeOffset to, int most = MaxDue)
    {
        var courses = schedules.Select(s => new Course(s, from)).ToList();
        var ofWorkflow = courses.ToLookup(c => c.Workflow);
        var due = new List<(SimulatedDue Due, SimulatedSchedule Schedule, Predicted? Run)>();
        var waiting = new PriorityQueue<(int Index, bool IsLeftOut), (DateTimeOffset, int)>();
        for (var i = 0; i < schedules.Count; i++)
        {
            Wait(i, from);
            foreach (var at in schedules[i].Clocks?.LeftOut(from, to) ?? []) waiting.Enqueue((i, true), (at, i));
        }
        while (due.Count < most && waiting.TryDequeue(out var next, out var place))
        {
            var (at, schedule) = (place.Item1, schedules[next.Index]);
            if (next.IsLeftOut)
            {
                due.Add((new(schedule.Workflow, schedule.Schedule, at, SimulatedOutcome.LeftOut) { Clock = ClockEffect.LeftOut }, schedule, null));
                continue;
            }
            var (decided, run) = courses[next.Index].Decide(at, ofWorkflow[schedule.Workflow]);
            due.Add((decided with { Clock = schedule.Clocks?.Of(at) ?? ClockEffect.None }, schedule, run));
            Wait(next.Index, at);
        }
        var shortages = Shortages.Of([.. courses.SelectMany(c => c.All)], limits);
        return new([.. due.Select(d => Finished(d.Due, d.Run, shortages))], shortages, waiting.Count > 0);

        void Wait(int index, DateTimeOffset after)
        {
            if (schedules[index].Times.Next(after) is { } at && at <= to) waiting.Enqueue((index, false), (at, index));
        }
    }

    // A later due time may have cut it short since it was decided.
    private static SimulatedDue Finished(SimulatedDue due, Predicted? run, ImmutableArray<SimulatedShortage> shortages) => run is null ? due : due with
    {
        EndsAt = run.ReplacedAt ?? run.End,
        ReplacedAt = run.ReplacedAt,
        Exceeds = [.. shortages.Where(s => run.Takes.ContainsKey(s.Limit) && run.Start >= s.From && run.Start < s.To).Select(s => s.Limit).Distinct()],
    };

    /// <summary>The runs of one schedule.</summary>
    private sealed class Course
    {
        private readonly SimulatedSchedule _schedule;
        private readonly List<Predicted> _open = [];
        private Predicted? _unknown;   // the last that may still be open though nobody knows

        public Course(SimulatedSchedule schedule, DateTimeOffset from)
        {
            _schedule = schedule;
            // One that takes longer than was expected ends nobody knows when.
            foreach (var since in schedule.Open) Add(new(since, since, schedule.Expected is { } expected && since + expected > from ? since + expected : null, schedule.Takes));
        }

        public string Workflow => _schedule.Workflow;

        /// <summary>All that were started.</summary>
        public List<Predicted> All { get; } = [];

        public (SimulatedDue Due, Predicted? Run) Decide(DateTimeOffset at, IEnumerable<Course> ofWorkflow)
        {
            var due = new SimulatedDue(_schedule.Workflow, _schedule.Schedule, at, SimulatedOutcome.Starts);
            var start = at + _schedule.Times.DelayOf(at);
            if (_schedule.PausedUntil > start) return (due with { Outcome = SimulatedOutcome.Paused }, null);
            if (_schedule.Action != ScheduleAction.Start)
            {
                var first = ofWorkflow.Select(c => c.Cut(start)).Min();
                due = due with { Earlier = first, Outcome = _schedule.Action == ScheduleAction.Stop ? SimulatedOutcome.Stops : first is null ? SimulatedOutcome.Starts : SimulatedOutcome.Restarts };
                return _schedule.Action == ScheduleAction.Stop ? (due, null) : Start(due, start);
            }
            _open.RemoveAll(r => !r.IsOpenAt(start));
            if (_open is not [var earliest, ..]) return Start(due with { MayOverlap = _unknown is not null, Earlier = _unknown?.Due }, start);
            due = due with { Earlier = earliest.Due };
            switch (_schedule.Overlap)
            {
                case OverlapRule.Skip: return (due with { Outcome = SimulatedOutcome.Skipped }, null);
                case OverlapRule.Replace:
                    foreach (var run in _open) run.ReplacedAt = start;
                    _unknown = null;
                    return Start(due with { Outcome = SimulatedOutcome.Replaces }, start);
                case OverlapRule.Queue: return Start(due with { Outcome = SimulatedOutcome.Queued }, _open.Max(r => r.Ends));
                default: return Start(due, start);
            }
        }

        // The due time of the first run that is cut short; null: none is.
        private DateTimeOffset? Cut(DateTimeOffset at)
        {
            var open = _open.Where(r => r.IsOpenAt(at) || r.End is null).ToList();
            foreach (var run in open) run.ReplacedAt = at > run.Start ? at : run.Start;
            _open.Clear();
            _unknown = null;
            return open is [var first, ..] ? first.Due : null;
        }

        private (SimulatedDue, Predicted) Start(SimulatedDue due, DateTimeOffset start)
        {
            var run = new Predicted(due.DueAt, start, start + _schedule.Expected, _schedule.Takes);
            Add(run);
            return (due with { StartsAt = start }, run);
        }

        private void Add(Predicted run)
        {
            All.Add(run);
            _open.Add(run);
            if (run.End is null) _unknown = run;
        }
    }
}

/// <summary>A run as it is predicted.</summary>
internal sealed record Predicted(DateTimeOffset Due, DateTimeOffset Start, DateTimeOffset? End, ImmutableSortedDictionary<string, int> Takes)
{
    // What is not known takes a moment at least.
    private static readonly TimeSpan s_moment = TimeSpan.FromSeconds(1);

    public DateTimeOffset? ReplacedAt { get; set; }

    /// <summary>When it has ended for sure, as far as that is known.</summary>
    public DateTimeOffset Ends => ReplacedAt ?? (End > Start ? End.Value : Start + s_moment);

    // Within its first moment one of unknown length is open; later nobody knows.
    public bool IsOpenAt(DateTimeOffset at) => at < Ends;
}
