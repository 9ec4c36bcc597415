using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Running;

namespace Orchestrator.Engine.Triggers;

/// <summary>A run that a trigger starts: already in the trigger's ledger when it is handed over.</summary>
/// <param name="Definition">What to run.</param>
/// <param name="TriggerId">The trigger.</param>
/// <param name="Run">Id, parameters and cause; submitting it again is harmless.</param>
/// <param name="CausationId">Id of the event that says so in the trigger's ledger: the cause of the run.</param>
public sealed record TriggeredRun(WorkflowDefinition Definition, string TriggerId, PendingTriggerRun Run, string CausationId)
{
    /// <summary>What to ask the engine for. Parameters are checked again: the definition may have changed since the trigger fired.</summary>
    public RunRequest Request => new()
    {
        RunId = Run.RunId, Definition = Definition, Params = RunParameters.Given(Run.Params),
        Origin = new RunOrigin.Trigger(TriggerId, Run.Depth ?? 0)
        {
            Chain = Run.Chain, CorrelationId = Run.CorrelationId, CausationId = CausationId, Trace = Run.Trace, Via = Run.Via, Links = Run.Links.IsDefault ? [] : Run.Links,
        },
    };
}

/// <summary>What triggers ask of the engine.</summary>
/// <param name="Dispatch">
/// Submits a run; false when a run of its id existed already. It may be called again for the same run. A <see cref="RunRefusedException"/> is final, anything
/// else is tried again.
/// </param>
public sealed record TriggerActions(Func<TriggeredRun, CancellationToken, Task<bool>> Dispatch);

/// <summary>Deliveries of a trigger that wait to start their run together, or as the last of a burst.</summary>
/// <param name="Workflow">Name of the workflow.</param>
/// <param name="Trigger">Id of the trigger.</param>
/// <param name="Count">How many.</param>
/// <param name="Until">When they start it at the latest, if no other comes.</param>
internal sealed record HeldDeliveries(string Workflow, string Trigger, int Count, DateTimeOffset Until);

/// <summary>Limits of triggers.</summary>
public sealed class TriggerOptions
{
    /// <summary>Pause before a ledger entry or a dispatch that failed is tried again. It is tried until it succeeds.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Time between two looks at what nobody asks for again.</summary>
    public TimeSpan WatchEvery { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Time between two looks at the clock: one that was set is noticed within it.</summary>
    public TimeSpan ClockEvery { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Refusals of one kind within it are one entry.</summary>
    public TimeSpan TallyTime { get; set; } = TimeSpan.FromSeconds(1);
}

/// <summary>What a delivery has led to.</summary>
public abstract record DeliveryAnswer
{
    private DeliveryAnswer() { }

    /// <summary>It started a run.</summary>
    public sealed record Fired(RunId Run) : DeliveryAnswer;

    /// <summary>It came before.</summary>
    /// <param name="Run">The run it started then; null: it waits, or a later one took its place.</param>
    public sealed record Duplicate(RunId? Run) : DeliveryAnswer;

    /// <summary>It waits for others.</summary>
    /// <param name="Until">When they start their run at the latest.</param>
    public sealed record Held(DateTimeOffset Until) : DeliveryAnswer;

    /// <summary>It was refused.</summary>
    /// <param name="Reason">See <see cref="Core.Triggers.RejectReasons"/>.</param>
    /// <param name="Error">Why, for people.</param>
    public sealed record Rejected(string Reason, string? Error) : DeliveryAnswer;
}
