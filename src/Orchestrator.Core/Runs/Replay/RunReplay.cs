using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Core.Planning;

namespace Orchestrator.Core.Runs.Replay;

/// <summary>
/// Decides a run's whole history once more: what reached the run is read from its record, input by input, and every decision is held
/// against what was recorded. Free slots are taken from the record, as are durations, which only clocks knew.
/// </summary>
public static class RunReplay
{
    /// <summary>Replays a run, finished or not.</summary>
    /// <param name="plan">The definition it was started with.</param>
    /// <param name="events">All its events in order, results that stand in files included.</param>
    /// <exception cref="ArgumentException">There are no events.</exception>
    public static ReplayResult Of(RunPlan plan, IReadOnlyList<RecordedEvent> events)
    {
        if (events.Count == 0) throw new ArgumentException("A run has at least one event.", nameof(events));
        var state = new RunState(plan);
        var record = new TurnRecord(events);
        var steps = ImmutableArray.CreateBuilder<ReplayStep>();
        while (state.Version < events.Count)
        {
            var first = state.Version + 1;
            var next = events[(int)state.Version];
            var input = InputReading.Next(state, record);
            var difference = Take(state, record, next, input);
            steps.Add(new(first, state.Version, next.Time, Describe(input)));
            if (difference is not null) return new(events.Count, steps.ToImmutable(), difference);
        }
        return new(events.Count, steps.ToImmutable(), null);
    }

    private static ReplayDifference? Take(RunState state, TurnRecord record, RecordedEvent next, RunInput input)
    {
        var before = state.Version;
        try
        {
            new Turn(state, next.Stream, new(new(next.Time, double.NaN), int.MaxValue)) { Record = record }.Take(input);
        }
        catch (TurnRecord.DifferenceException e)
        {
            return e.Difference;
        }
        catch (InvalidTransitionException)
        {
            return new(before + 1, null, next, []);   // the record begins with something that no run begins with
        }
        return state.Version > before ? null : new(before + 1, null, next, []);
    }

    private static string Describe(RunInput input) => input switch
    {
        RunInput.Create { Reused.Count: > 0 and var n } => string.Create(CultureInfo.InvariantCulture, $"accepted with {n} results of an earlier run"),
        RunInput.Create => "accepted",
        RunInput.Admit => "admitted",
        RunInput.AttemptFinished { Outcome: TaskOutcome.Interrupted } i => $"attempt {i.Attempt} of {i.Task} was interrupted",
        RunInput.AttemptFinished i => $"attempt {i.Attempt} of {i.Task} ended",
        RunInput.RetryDue i => $"attempt {i.Attempt} of {i.Task} is due",
        RunInput.WaitDue i => $"the wait of {i.Task} is over",
        RunInput.Approve i => $"{i.By} approves {i.Task}",
        RunInput.Reject i => $"{i.By} rejects {i.Task}",
        RunInput.Signal i => $"event {i.Event}",
        RunInput.Progress i => $"progress of {i.Task}",
        RunInput.Renew i => $"{i.Task} runs {i.Producer} again",
        RunInput.Renewed i => $"{i.Producer} ran again for {i.Task}",
        RunInput.SlaDue { Task: { } task } => $"the expected time of {task}",
        RunInput.SlaDue => "the expected time of the run",
        RunInput.RetryAccepted { Refusal: null } => "the next run is accepted",
        RunInput.RetryAccepted => "the next run is refused",
        RunInput.RunTimeoutDue => "the run's timeout",
        RunInput.Cancel i => $"{i.Actor} cancels",
        RunInput.Abort => "an internal error ends the run",
        RunInput.EventsLost i => string.Create(CultureInfo.InvariantCulture, $"events up to {i.UpTo} are lost"),
        RunInput.Recover => "another worker takes over",
        _ => "a slot is free",
    };
}
