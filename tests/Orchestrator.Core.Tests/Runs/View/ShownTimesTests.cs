using FsCheck;
using FsCheck.Fluent;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Runs.View;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Runs.View;

/// <summary>Every time that is shown is the time of an event, never one that was worked out from a duration: the clock may have been set in between.</summary>
public sealed class ShownTimesTests
{
    [Fact]
    public void Times_of_views_and_rows_are_those_of_the_events_however_the_clock_is_set() =>
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
        {
            var random = new Random(seed);
            var bench = RunProperties.Play(random);
            var events = Stepped(bench.Events, random);
            var view = RunView.From(bench.State.Plan.Definition, bench.Id, events);
            view.CreatedAt.ShouldBe(events[0].Time);
            view.StartedAt.ShouldBe(TimeOf<WorkflowStarted>(events));
            view.EndedAt.ShouldBe(events[^1].Time);
            foreach (var task in view.Tasks)
            {
                var own = events.Where(e => e.Event is TaskEvent t && t.Task == task.Id).ToList();
                task.StartedAt.ShouldBe(TimeOf<TaskStarted>(own), task.Id.ToString());
                task.EndedAt.ShouldBe(own.Where(e => e.Event is TaskCompleted or TaskFailed or TaskSkipped or TaskCancelled).Select(e => (DateTimeOffset?)e.Time).LastOrDefault(), task.Id.ToString());
                task.History.Select(a => a.StartedAt).ShouldBe(own.Where(e => e.Event is TaskStarted).Select(e => e.Time), task.Id.ToString());
            }
            var head = events.Take(random.Next(1, 20)).ToList();
            if (RunRow.FromEnds(bench.Id, head, events[^1]) is { } row) row.ShouldBe(RunRow.From(view));
            RunRow.FromEnds(bench.Id, events, events[^1]).ShouldBe(RunRow.From(view));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    private static DateTimeOffset? TimeOf<T>(IEnumerable<RecordedEvent> events) =>
        events.Where(e => e.Event is T).Select(e => (DateTimeOffset?)e.Time).FirstOrDefault();

    // The clock goes back and forth by days, and by microseconds at every event.
    private static List<RecordedEvent> Stepped(List<RecordedEvent> events, Random random)
    {
        var step = TimeSpan.Zero;
        return [.. events.Select(e =>
        {
            if (random.Next(10) == 0) step += TimeSpan.FromDays(random.Next(-30, 30));
            return e with { Time = e.Time + step + TimeSpan.FromMicroseconds(random.Next(1000)) };
        })];
    }
}
