using System.Collections.Immutable;
using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Schedules.Backfills;

/// <summary>An item whose run has not ended.</summary>
/// <param name="Number">Its number, from 1.</param>
/// <param name="Key">Its due time or date.</param>
/// <param name="RunId">Its run.</param>
/// <param name="Seq">Seq of the event that starts it: the run's cause.</param>
/// <param name="IsAccepted">Whether its run is known to be accepted.</param>
public sealed record OpenItem(int Number, string Key, RunId RunId, long Seq, bool IsAccepted);

/// <summary>An item that has come to its end.</summary>
/// <param name="RunId">Its run.</param>
/// <param name="Outcome">How.</param>
/// <param name="WasAccepted">Whether its run was accepted.</param>
/// <param name="Error">Why its run was refused.</param>
/// <param name="LastRunId">The last of the runs that repeated its run.</param>
public sealed record EndedItem(RunId RunId, BackfillOutcome Outcome, bool WasAccepted, string? Error, RunId? LastRunId);

/// <summary>A backfill as its events tell it: the fold of its stream. Never changes; <see cref="Apply"/> gives the next.</summary>
public sealed record BackfillState
{
    /// <summary>A backfill before its first event.</summary>
    public static BackfillState Empty { get; } = new();

    /// <summary>Seq of the last event.</summary>
    public long Version { get; private init; }

    /// <summary>What it is to do; null: nothing is known of it.</summary>
    public BackfillCreated? Created { get; private init; }

    /// <summary>When it was asked for.</summary>
    public DateTimeOffset CreatedAt { get; private init; }

    /// <summary>Its items in the order of execution.</summary>
    public ImmutableArray<string> Items { get; private init; } = [];

    /// <summary>How many items have started; they start in order.</summary>
    public int Started { get; private init; }

    /// <summary>Items whose run has not ended, by number.</summary>
    public ImmutableSortedDictionary<int, OpenItem> Open { get; private init; } = ImmutableSortedDictionary<int, OpenItem>.Empty;

    /// <summary>Items that have come to their end, by number.</summary>
    public ImmutableSortedDictionary<int, EndedItem> Ended { get; private init; } = ImmutableSortedDictionary<int, EndedItem>.Empty;

    /// <summary>Who cancelled it, and why; null: nobody did.</summary>
    public BackfillCancelRequested? Cancel { get; private init; }

    /// <summary>How it ended; null: it has not.</summary>
    public BackfillFinished? Finished { get; private init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? FinishedAt { get; private init; }

    // Counts of what has ended, so that no turn goes through all items.
    private ImmutableArray<int> Counts { get; init; } = [.. new int[Words.All<BackfillOutcome>().Count]];

    /// <summary>Its state in one word.</summary>
    public BackfillStatus Status => Finished?.Status ?? (Cancel is null ? BackfillStatus.Running : BackfillStatus.Cancelling);

    /// <summary>Items that have not started.</summary>
    public int NotStarted => Items.Length - Started;

    /// <summary>How many items have ended so.</summary>
    public int CountOf(BackfillOutcome outcome) => Counts[(int)outcome];

    /// <summary>The open item of a run; null: it has none.</summary>
    public OpenItem? OpenItemOf(RunId run)
    {
        foreach (var item in Open.Values)
            if (item.RunId == run) return item;
        return null;
    }

    /// <summary>The state after one more event.</summary>
    public BackfillState Apply(RecordedEvent recorded)
    {
        var next = this with { Version = recorded.Seq };
        return recorded.Event switch
        {
            BackfillCreated e => next with { Created = e, CreatedAt = recorded.Time },
            BackfillPlanned e => next with { Items = Items.AddRange(e.Items) },
            BackfillItemStarted e => next with { Started = Math.Max(Started, e.Item), Open = Open.SetItem(e.Item, new(e.Item, e.Key, e.RunId, recorded.Seq, IsAccepted: false)) },
            BackfillItemDispatched e when Open.GetValueOrDefault(e.Item) is { } item => next with { Open = Open.SetItem(e.Item, item with { IsAccepted = true }) },
            BackfillItemEnded e when Open.GetValueOrDefault(e.Item) is { } item => next with
            {
                Open = Open.Remove(e.Item),
                Ended = Ended.SetItem(e.Item, new(e.RunId, e.Outcome, item.IsAccepted, e.Error, e.LastRunId)),
                Counts = Counts.SetItem((int)e.Outcome, Counts[(int)e.Outcome] + 1),
            },
            BackfillCancelRequested e => next with { Cancel = e },
            BackfillFinished e => next with { Finished = e, FinishedAt = recorded.Time },
            _ => next,
        };
    }
}
