namespace Orchestrator.Core.Triggers;

/// <summary>When deliveries start runs: each at once, the last of a burst, or many together.</summary>
public abstract record TriggerPolicy
{
    private TriggerPolicy() { }

    /// <summary>Each delivery starts a run at once (the default).</summary>
    public static TriggerPolicy Each { get; } = new AtOnce();

    /// <summary>When the deliveries that wait are to start their run; null: they need not wait.</summary>
    /// <param name="state">What waits.</param>
    public abstract DateTimeOffset? FireAt(TriggerState state);

    /// <summary>Each delivery starts a run at once.</summary>
    public sealed record AtOnce : TriggerPolicy
    {
        /// <inheritdoc/>
        public override DateTimeOffset? FireAt(TriggerState state) => null;
    }

    /// <summary>The last delivery starts the run once no other has come for a time.</summary>
    /// <param name="Quiet">That time.</param>
    /// <param name="Longest">A burst that goes on starts a run at the latest then; null: it may go on for ever.</param>
    public sealed record Debounce(TimeSpan Quiet, TimeSpan? Longest) : TriggerPolicy
    {
        /// <inheritdoc/>
        public override DateTimeOffset? FireAt(TriggerState state)
        {
            if (state.Held is not [.., var last]) return null;
            var quiet = last.ReceivedAt + Quiet;
            return Longest is { } longest && state.HeldSince is { } since && since + longest < quiet ? since + longest : quiet;
        }
    }

    /// <summary>Deliveries start one run together.</summary>
    /// <param name="Max">At most so many.</param>
    /// <param name="Within">The first of them waits at most so long.</param>
    public sealed record Batch(int Max, TimeSpan Within) : TriggerPolicy
    {
        /// <inheritdoc/>
        public override DateTimeOffset? FireAt(TriggerState state)
        {
            if (state.Held is not [var first, ..]) return null;
            return state.Held.Count >= Max ? first.ReceivedAt : first.ReceivedAt + Within;
        }
    }

    /// <summary>What waits starts its run before it takes more room.</summary>
    public const long MaxHeldBytes = 900 << 10;
}
