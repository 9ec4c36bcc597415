using System.Collections.Immutable;
using System.Text.Json;

namespace Orchestrator.Core.Runs;

/// <summary>The children of a task's fan-out. They are consecutive in the run's tasks.</summary>
internal sealed class FanOutState(int first, ImmutableArray<JsonElement> items, int inFlight)
{
    public int First { get; } = first;

    public ImmutableArray<JsonElement> Items { get; } = items;

    public int Count => Items.Length;

    /// <summary>Number of the child that is released next.</summary>
    public int Next { get; set; } = inFlight;

    /// <summary>How its children ended so far.</summary>
    public RunCounts Counts { get; set; } = new(items.Length, 0, 0, 0, 0, 0);

    /// <summary>Children that failed, with leave or without.</summary>
    public int Failed => Counts.Failed + Counts.FailedAllowed;

    /// <summary>Why the last child that was cancelled was.</summary>
    public CancelReason? CancelledBy { get; set; }

    public string? FirstError { get; set; }

    public FailureKind FirstErrorKind { get; set; }
}
