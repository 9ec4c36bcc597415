using System.Collections.Immutable;
using Orchestrator.Core.Schedules.Ledger;

namespace Orchestrator.Core.Schedules.Simulation;

/// <summary>
/// Plays due times to come through: which overlap, what their schedules make of that, and which runs wait since more is asked for than there is. A prediction from past lengths, where each run takes all
/// that its tasks take as long as it goes on.
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
        var due = DueTimes(schedules, from, to, most, out var hasMore);
        var play = new Play([.. schedules.Select((s, i) => new ScheduleCourse(s, i))], limits, from);
        var shortages = play.Run(due);
        return new([.. due.Select(d => Finished(d, shortages))], shortages, hasMore);
    }

    private static List<PlayedDue> DueTimes(IReadOnlyList<SimulatedSchedule> schedules, DateTimeOffset from, DateTimeOffset to, int most, out bool hasMore)
    {
        var due = new List<PlayedDue>();
        var next = new PriorityQueue<(int Index, bool IsLeftOut), (DateTimeOffset, int)>();
        for (var i = 0; i < schedules.Count; i++)
        {
            Wait(i, from);
            foreach (var at in schedules[i].Clocks?.LeftOut(from, to) ?? []) next.Enqueue((i, true), (at, i));
        }
        while (due.Count < most && next.TryDequeue(out var which, out var place))
        {
            var (at, schedule) = (place.Item1, schedules[which.Index]);
            var row = new SimulatedDue(schedule.Workflow, schedule.Schedule, at, SimulatedOutcome.Starts);
            due.Add(new(which.Index, at + (which.IsLeftOut ? TimeSpan.Zero : schedule.Times.DelayOf(at)))
            {
                Row = which.IsLeftOut ? row with { Outcome = SimulatedOutcome.LeftOut, Clock = ClockEffect.LeftOut } : row with { Clock = schedule.Clocks?.Of(at) ?? ClockEffect.None },
            });
            if (!which.IsLeftOut) Wait(which.Index, at);
        }
        hasMore = next.Count > 0;
        return due;

        void Wait(int index, DateTimeOffset after)
        {
            if (schedules[index].Times.Next(after) is { } at && at <= to) next.Enqueue((index, false), (at, index));
        }
    }

    private static SimulatedDue Finished(PlayedDue due, ImmutableArray<SimulatedShortage> shortages)
    {
        if (due.Run is not { } run) return due.Row;
        var asks = run.Group is { } group ? SimulatedRoom.LimitOf(group) : "";
        if (run.IsSuperseded) return due.Row with { Outcome = SimulatedOutcome.Superseded, ReadyAt = run.Ready, Lacks = [asks] };
        return due.Row with
        {
            ReadyAt = run.Ready, StartsAt = run.Start, EndsAt = run.End, ReplacedAt = run.CancelledAt, Lacks = run.Lacks,
            Exceeds = [.. shortages.Where(s => (run.Schedule.Takes.ContainsKey(s.Limit) || s.Limit == asks) && run.Ready >= s.From && run.Ready < s.To).Select(s => s.Limit).Distinct()],
        };
    }

    /// <summary>A due time and what becomes of it.</summary>
    private sealed record PlayedDue(int Index, DateTimeOffset At)
    {
        public required SimulatedDue Row { get; set; }

        public SimulatedRun? Run { get; set; }
    }

    /// <summary>One playing: what happens at one instant after the other. Of one instant ends come first, then due times, then who starts.</summary>
    private sealed class Play(ScheduleCourse[] courses, IReadOnlyDictionary<string, int> limits, DateTimeOffset from)
    {
        private readonly ILookup<string, ScheduleCourse> _ofWorkflow = courses.ToLookup(c => c.Schedule.Workflow);
        private readonly PriorityQueue<SimulatedRun, (DateTimeOffset, long)> _ends = new();
        private readonly HashSet<ScheduleCourse> _freed = [];
        private readonly SimulatedRoom _room = new(limits);
        private long _accepted;

        public ImmutableArray<SimulatedShortage> Run(List<PlayedDue> due)
        {
            foreach (var course in courses)
                foreach (var since in course.Schedule.Open) Resume(course, since);
            var next = new Queue<PlayedDue>(due.Where(d => d.Row.Outcome != SimulatedOutcome.LeftOut).OrderBy(d => d.At).ThenBy(d => d.Index));
            while (next.Count > 0 || _ends.Count > 0)
            {
                var at = _ends.TryPeek(out _, out var end) && !(next.TryPeek(out var first) && first.At < end.Item1) ? end.Item1 : next.Peek().At;
                while (_ends.TryPeek(out var run, out end) && end.Item1 == at)
                {
                    _ends.Dequeue();
                    if (!run.IsOver) End(run);
                }
                LetGo(at);
                while (next.TryPeek(out first) && first.At == at) Decide(next.Dequeue());
                LetGo(at);
                _room.Note(at);
            }
            return _room.Shortages();
        }

        private void Decide(PlayedDue due)
        {
            var (course, at) = (courses[due.Index], due.At);
            var schedule = course.Schedule;
            if (schedule.PausedUntil > at)
            {
                due.Row = due.Row with { Outcome = SimulatedOutcome.Paused };
                return;
            }
            if (schedule.Action != ScheduleAction.Start)
            {
                var first = Stop(_ofWorkflow[schedule.Workflow], at);
                due.Row = due.Row with { Earlier = first, Outcome = schedule.Action == ScheduleAction.Stop ? SimulatedOutcome.Stops : first is null ? SimulatedOutcome.Starts : SimulatedOutcome.Restarts };
                if (schedule.Action == ScheduleAction.Stop) return;
            }
            else
            {
                due.Row = course.Meet(due.Row);
                if (due.Row.Outcome == SimulatedOutcome.Skipped) return;
            }
            due.Run = new(course, due.Row.DueAt, schedule.Group?.NameAt(due.Row.DueAt));
            if (due.Row.Outcome == SimulatedOutcome.Queued)
            {
                course.Line.Enqueue(due.Run);
                return;
            }
            if (due.Row.Outcome == SimulatedOutcome.Replaces)
            {
                foreach (var run in course.Open.ToList()) Cancel(run, at);
                course.Unknown = null;
            }
            Accept(due.Run, at);
        }

        // One that takes longer than was expected ends nobody knows when, and takes nothing.
        private void Resume(ScheduleCourse course, DateTimeOffset since)
        {
            var run = new SimulatedRun(course, since, course.Schedule.Group?.NameAt(since)) { Number = ++_accepted, Ready = since, Start = since };
            if (course.Schedule.Expected is { } expected && since + expected > from)
            {
                course.Open.Add(run);
                _room.Take(run);
                _ends.Enqueue(run, (run.Leaves, run.Number));
                return;
            }
            run.IsOver = true;
            course.Doubt(run);
            course.Unknown = run;
        }

        private DateTimeOffset? Stop(IEnumerable<ScheduleCourse> ofWorkflow, DateTimeOffset at)
        {
            DateTimeOffset? first = null;
            foreach (var run in ofWorkflow.SelectMany(c => c.TakeOpen()).ToList())
            {
                if (first is null || run.Due < first) first = run.Due;
                if (run.IsOver) run.Cancel(at);   // nobody knows that it was
                else Cancel(run, at);
            }
            return first;
        }

        private void Accept(SimulatedRun run, DateTimeOffset at)
        {
            (run.Ready, run.Number) = (at, ++_accepted);
            run.Course.Open.Add(run);
            if (run.Schedule.Expected is null) run.Course.Unknown = run;
            foreach (var other in _room.Ask(run)) Cancel(other, at);
        }

        private void Cancel(SimulatedRun run, DateTimeOffset at)
        {
            _room.Leave(run);
            run.Cancel(at);
            run.Course.Open.Remove(run);
            _freed.Add(run.Course);
        }

        private void End(SimulatedRun run)
        {
            _room.Leave(run);
            run.IsOver = true;
            run.Course.Open.Remove(run);
            _freed.Add(run.Course);
            if (run.Schedule.Expected is null) run.Course.Doubt(run);
        }

        // Whoever may start does, and whoever waited for a run that has ended is accepted: until nothing changes any more.
        private void LetGo(DateTimeOffset at)
        {
            do
            {
                while (_freed.Count > 0)
                {
                    var course = _freed.First();
                    _freed.Remove(course);
                    if (course.Open.Count == 0 && course.Line.TryDequeue(out var waited)) Accept(waited, at);
                }
                while (_room.Next(at) is { } run)
                    if (run.IsSuperseded) Cancel(run, at);
                    else _ends.Enqueue(run, (run.Leaves, run.Number));
            }
            while (_freed.Count > 0);
        }
    }
}
