using System.Collections.Immutable;
using System.Text.Json;

namespace Orchestrator.Core.Runs;

/// <summary>The children of a task's fan-out. They stand one behind the other in the run's tasks.</summary>
internal sealed class FanOutState(int first, ImmutableArray<JsonElement> items, int inFlight)
{
    public int First { get; } = first;

    public ImmutableArray<JsonElement> Items { get; } = items;

    public int Count => Items.Length;

    /// <summary>Number of the child that is released next.</summary>
    public int Next { get; set; } = inFlight;

    /// <summary>Children that are not terminal.</summary>
    public int Open { get; set; } = items.Length;

    public int Completed { get; set; }

    public int Failed { get; set; }

    public int Skipped { get; set; }

    /// <summary>Children that were cancelled; the reason of the last one.</summary>
    public int Cancelled { get; set; }

    public CancelReason? CancelledBy { get; set; }

    public string? FirstError { get; set; }

    public FailureKind FirstErrorKind { get; set; }
}
