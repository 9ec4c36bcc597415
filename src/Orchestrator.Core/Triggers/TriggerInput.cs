using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Triggers;

/// <summary>Something that may start a run, once it has passed the checks of its trigger.</summary>
/// <param name="Id">What makes it the same delivery when it comes again.</param>
/// <param name="Source">Where it came from.</param>
/// <param name="Facts">What <c>trigger</c> is in expressions.</param>
public sealed record Delivery(string Id, TriggerSource Source, JsonElement Facts)
{
    /// <summary>The caller's correlation id.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>Event id of what caused it, where that is an event of ours.</summary>
    public string? CausationId { get; init; }

    /// <summary>The caller's trace context.</summary>
    public TraceStamp? Trace { get; init; }

    /// <summary>The span that took the caller's request.</summary>
    public TraceStamp? Via { get; init; }

    /// <summary>How many runs started each other by triggers before this one.</summary>
    public int Depth { get; init; }

    /// <summary>Workflows whose runs led to it by triggers; default where there are none.</summary>
    public ImmutableArray<string> Chain { get; init; }
}

/// <summary>What can happen to a trigger.</summary>
public abstract record TriggerInput
{
    private TriggerInput() { }

    /// <summary>A delivery passed the checks.</summary>
    public sealed record Deliver(Delivery Delivery) : TriggerInput;

    /// <summary>Deliveries did not pass a check.</summary>
    /// <param name="Reason">Which; see <see cref="RejectReasons"/>.</param>
    public sealed record Reject(string Reason) : TriggerInput
    {
        /// <summary>The delivery, where it is one and known.</summary>
        public string? DeliveryId { get; init; }

        /// <summary>What is wrong, for people.</summary>
        public string? Error { get; init; }

        /// <summary>How many.</summary>
        public int Count { get; init; } = 1;

        /// <summary>When the first of several came.</summary>
        public DateTimeOffset? Since { get; init; }
    }

    /// <summary>Time passed.</summary>
    public sealed record Tick : TriggerInput;

    /// <summary>The trigger is switched off, or its definition is gone: what waits for other deliveries is refused.</summary>
    public sealed record Close : TriggerInput;

    /// <summary>A run was accepted, now or earlier.</summary>
    public sealed record Accepted(RunId Run) : TriggerInput;

    /// <summary>A run was refused for ever.</summary>
    public sealed record Refused(RunId Run, string Error) : TriggerInput;
}

/// <summary>What a decision follows from besides state and input.</summary>
/// <param name="Workflow">Name of the workflow.</param>
/// <param name="TriggerId">Id of the trigger.</param>
/// <param name="Installation">Id of the installation: it enters the ids of runs. Asked for only where a run starts.</param>
/// <param name="Now">The instant.</param>
public sealed record TriggerContext(string Workflow, string TriggerId, Func<string> Installation, DateTimeOffset Now)
{
    /// <summary>When deliveries start runs.</summary>
    public TriggerPolicy Policy { get; init; } = TriggerPolicy.Each;

    /// <summary>The parameters of a run that a delivery starts, or why it has none. Pure.</summary>
    public Func<JsonElement, TriggerParameters> Bind { get; init; } = static _ => new(ImmutableSortedDictionary<string, JsonElement>.Empty, null);

    /// <summary>The trigger, <c>workflow/id</c>.</summary>
    public string Key => $"{Workflow}/{TriggerId}";
}

/// <summary>The parameters of a run that a delivery starts.</summary>
/// <param name="Values">One value per declared parameter.</param>
/// <param name="Error">Why there are none; null: there are.</param>
public sealed record TriggerParameters(ImmutableSortedDictionary<string, JsonElement> Values, string? Error);
