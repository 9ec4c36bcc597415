using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Tests.Runs.Replay;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Runs;

public sealed class AttemptLedgerTests
{
    private static readonly DateTimeOffset At = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TaskId Id = new("a");
    private readonly AttemptLedger _ledger = new();

    public static TheoryData<string> Names => [.. GoldenRuns.All.Keys];

    [Fact]
    public void An_attempt_that_begins_and_ends_is_in_flight_between_the_two()
    {
        Take(Started(1)).ShouldBe(AttemptMove.Begins);
        _ledger.InFlight.ShouldBe(1);
        _ledger.Open.ShouldBe([(Id, 1)]);
        Take(new TaskCompleted(Id, 1)).ShouldBe(AttemptMove.Closes);
        (_ledger.InFlight, _ledger.Open.Count()).ShouldBe((0, 0));
    }

    [Fact]
    public void A_cancel_between_two_attempts_ends_none_whether_or_not_its_line_states_it()
    {
        foreach (var stated in new bool?[] { false, null })
        {
            var ledger = new AttemptLedger();
            ledger.Take(Started(1), At);
            ledger.Take(Retrying(1), At).Move.ShouldBe(AttemptMove.Closes);
            ledger.Take(new TaskCancelled(Id, 1, CancelReason.RunCancelled) { ClosesAttempt = stated }, At).Move.ShouldBe(AttemptMove.None);
        }
    }

    [Fact]
    public void The_end_of_an_attempt_that_never_began_is_told_from_one_that_did()
    {
        Take(new TaskFailed(Id, 1) { Error = "e", Kind = FailureKind.Error }).ShouldBe(AttemptMove.ClosesUnbegun);
        Take(Started(1)).ShouldBe(AttemptMove.Begins);
        Take(new TaskCompleted(Id, 2)).ShouldBe(AttemptMove.ClosesUnbegun);
    }

    [Fact]
    public void Beginnings_and_ends_that_come_twice_or_too_early_are_told()
    {
        Take(Started(1));
        Take(Started(1)).ShouldBe(AttemptMove.BeginsTwice);
        Take(Started(2)).ShouldBe(AttemptMove.BeginsTooEarly);
        Take(Retrying(2)).ShouldBe(AttemptMove.Closes);
        Take(Retrying(2)).ShouldBe(AttemptMove.ClosesTwice);
        _ledger.InFlight.ShouldBe(0);
    }

    [Fact]
    public void A_wait_holds_no_slot_and_only_a_poll_is_carried_out()
    {
        var started = _ledger.Take(new TaskStarted(Id, 1, 1, "wait"), At);
        started.HasRunner.ShouldBeFalse();
        Take(new TaskWaiting(Id, 1, WaitKind.Poll));
        (_ledger.InFlight, _ledger.Open.Count()).ShouldBe((0, 1));
        _ledger.Take(new TaskCompleted(Id, 1), At).HasRunner.ShouldBeTrue();
        AttemptLedger.HasRunner("exec").ShouldBeTrue();
        foreach (var nobody in (string[])["foreach", "matrix", "approval", "wait"]) AttemptLedger.HasRunner(nobody).ShouldBeFalse();
    }

    [Fact]
    public void A_loss_that_is_repeated_is_counted()
    {
        Take(Started(1));
        _ledger.Take(Retrying(1) with { Loss = LossCause.WorkerGone }, At).Task!.Losses.ShouldBe(1);
        Take(Started(2));
        _ledger.Take(Retrying(2), At).Task!.Losses.ShouldBe(1);
    }

    [Theory, MemberData(nameof(Names))]
    public void It_agrees_with_the_state_of_every_golden_run_after_every_event(string name)
    {
        var bench = GoldenRuns.All[name]();
        var state = new RunState(bench.State.Plan);
        foreach (var recorded in bench.Events)
        {
            state.Apply(recorded);
            if (recorded.Event is not TaskEvent e) continue;
            _ledger.Take(e, recorded.Time).Move.ShouldBeOneOf(AttemptMove.None, AttemptMove.Begins, AttemptMove.Closes);
            _ledger.InFlight.ShouldBe(state.RunningTasks.Count);
            _ledger.Open.Select(o => o.Task).Order().ShouldBe(state.RunningTasks.Concat(state.ParkedTasks).Select(state.IdOf).Order());
        }
        _ledger.InFlight.ShouldBe(0);
    }

    private AttemptMove Take(TaskEvent e) => _ledger.Take(e, At).Move;

    private static TaskStarted Started(int attempt) => new(Id, attempt, 3, "exec");

    private static TaskRetrying Retrying(int attempt) => new(Id, attempt) { NextAttempt = attempt + 1, DelayMs = 0, RetryAt = At, Error = "e", ErrorType = FailureKind.Error };
}
