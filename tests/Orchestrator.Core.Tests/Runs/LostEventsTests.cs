using Orchestrator.Core.Runs;
using Orchestrator.Core.Runs.Replay;
using Orchestrator.Core.Tests.Runs.Replay;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Runs;

public sealed class LostEventsTests
{
    [Fact]
    public void Each_lost_event_has_one_in_its_place_and_a_replay_agrees()
    {
        var bench = GoldenRuns.All["chain"]();
        var plan = bench.State.Plan;
        foreach (var step in RunReplay.Of(plan, bench.Events).Steps.SkipLast(1))
        {
            var left = bench.Events.Take((int)step.LastSeq).ToList();
            var state = new RunState(new(plan.Definition));
            foreach (var e in left) state.Apply(e, 0);
            var status = state.Status;
            var turn = new Turn(state, left[0].Stream, new(new(left[^1].Time, double.NaN), 0));
            turn.Take(new RunInput.EventsLost(step.LastSeq + 3));
            var filled = turn.Events.OfType<RecordedEvent>().Where(e => e.Event is WorkflowEventsLost).ToList();
            filled.Select(e => e.Seq).ShouldBe([step.LastSeq + 1, step.LastSeq + 2, step.LastSeq + 3]);
            filled.ShouldAllBe(e => e.Event.Equals(new WorkflowEventsLost(step.LastSeq + 1, step.LastSeq + 3)));
            state.Status.ShouldBe(status);
            RunReplay.Of(new(plan.Definition), [.. left, .. filled]).Difference?.ToString().ShouldBeNull();
        }
    }
}
