using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Schedules.Backfills;

/// <summary>The rules of a backfill: what an input means, given what is known. Pure and total.</summary>
public static class BackfillDecisions
{
    // An event with all items of a large backfill would be too long for those who are told of it.
    private const int ItemsPerEvent = 500;

    /// <summary>The events that an input leads to, in order; to be appended in one batch.</summary>
    /// <param name="state">What is known.</param>
    /// <param name="input">What happened.</param>
    /// <param name="context">The backfill, the time, the installation.</param>
    public static IReadOnlyList<RecordedEvent> Decide(BackfillState state, BackfillInput input, BackfillContext context)
    {
        var turn = new Turn(state, context);
        if (input is BackfillInput.Create create)
        {
            if (state.Created is null) Create(turn, create.Plan);
        }
        else if (state is { Created: { } created, Finished: null }) Decide(turn, created.Workflow, input);
        if (turn.Events.Count > 0 || input is BackfillInput.Tick) Advance(turn);
        return turn.Events;
    }

    private static void Create(Turn turn, BackfillPlan plan)
    {
        turn.Add(new BackfillCreated(turn.Id, plan.Workflow, plan.Items.Keys.Length, plan.Parallelism, plan.Order, plan.Items.From, plan.Items.To, plan.Actor)
        {
            ScheduleId = plan.ScheduleId, Param = plan.Param, StepDays = plan.Items.StepDays, DefinitionVersion = plan.DefinitionVersion, BaseDir = plan.BaseDir,
            Params = plan.Params, Reason = plan.Reason, CorrelationId = plan.CorrelationId, Trace = plan.Trace,
        });
        for (var from = 0; from < plan.Items.Keys.Length; from += ItemsPerEvent)
            turn.Add(new BackfillPlanned(turn.Id, plan.Workflow, plan.Items.Keys[from..Math.Min(from + ItemsPerEvent, plan.Items.Keys.Length)]));
    }

    private static void Decide(Turn turn, string workflow, BackfillInput input)
    {
        switch (input)
        {
            case BackfillInput.Accepted e when turn.State.OpenItemOf(e.Run) is { IsAccepted: false } item:
                turn.Add(new BackfillItemDispatched(turn.Id, workflow, item.Number, e.Run));
                break;
            case BackfillInput.Refused e when turn.State.OpenItemOf(e.Run) is { } item:
                turn.Add(new BackfillItemEnded(turn.Id, workflow, item.Number, e.Run, BackfillOutcome.Refused) { Error = e.Error });
                break;
            case BackfillInput.Withdrawn e when turn.State is { Cancel: not null } && turn.State.OpenItemOf(e.Run) is { IsAccepted: false } item:
                turn.Add(new BackfillItemEnded(turn.Id, workflow, item.Number, e.Run, BackfillOutcome.Cancelled));
                break;
            case BackfillInput.Ended e when turn.State.OpenItemOf(e.Run) is { } item:
                // What has ended was accepted, whether that was heard of or not.
                if (!item.IsAccepted) turn.Add(new BackfillItemDispatched(turn.Id, workflow, item.Number, e.Run));
                turn.Add(new BackfillItemEnded(turn.Id, workflow, item.Number, e.Run, e.Outcome) { LastRunId = e.Last });
                break;
            case BackfillInput.Cancel e when turn.State.Cancel is null:
                turn.Add(new BackfillCancelRequested(turn.Id, workflow, e.Actor) { Reason = e.Reason });
                break;
        }
    }

    // What may start starts, and what has no more to do ends.
    private static void Advance(Turn turn)
    {
        if (turn.State is not { Created: { } plan, Finished: null }) return;
        while (turn.State is { Cancel: null, NotStarted: > 0 } && turn.State.Open.Count < plan.Parallelism)
        {
            var number = turn.State.Started + 1;
            var key = turn.State.Items[number - 1];
            turn.Add(new BackfillItemStarted(turn.Id, plan.Workflow, number, key, RunId.ForBackfill(turn.Context.Installation(), turn.Id, key, turn.Context.Now)));
        }
        var state = turn.State;
        if (!state.Open.IsEmpty || state is { Cancel: null, NotStarted: > 0 }) return;
        var failed = state.CountOf(BackfillOutcome.Failed) + state.CountOf(BackfillOutcome.Refused);
        var completed = state.CountOf(BackfillOutcome.Completed);
        var status = completed == state.Items.Length ? BackfillStatus.Completed : state.Cancel is not null ? BackfillStatus.Cancelled : BackfillStatus.Failed;
        turn.Add(new BackfillFinished(turn.Id, plan.Workflow, status, completed, failed, state.CountOf(BackfillOutcome.Cancelled), state.NotStarted)
        {
            Unknown = state.CountOf(BackfillOutcome.Unknown), DurationMs = Math.Max(0, (turn.Context.Now - state.CreatedAt).TotalMilliseconds),
        });
    }

    private sealed class Turn(BackfillState state, BackfillContext context)
        : EventTurn<BackfillState>(StreamId.Backfill(context.Id), state, state.Version, static (s, e) => s.Apply(e), context.Now)
    {
        public BackfillContext Context => context;

        public string Id => context.Id;
    }
}
