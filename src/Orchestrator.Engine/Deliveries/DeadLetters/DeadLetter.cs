using Orchestrator.Engine.Deliveries.Lanes;
namespace Orchestrator.Engine.Deliveries.DeadLetters;

/// <summary>An event that could not be delivered, as a line of its sink's file.</summary>
internal sealed record DeadLetter
{
    public required Guid EventId { get; init; }

    public required string Sink { get; init; }

    public required string Type { get; init; }

    public required DateTimeOffset At { get; init; }

    public required int Attempts { get; init; }

    public required string Error { get; init; }

    public int? HttpStatus { get; init; }

    public required string Host { get; init; }

    public required string Stream { get; init; }

    public long Seq { get; init; }

    public long Position { get; init; }

    public string? CorrelationId { get; init; }

    public string? RunId { get; init; }

    public string? Workflow { get; init; }

    public string? Definition { get; init; }

    /// <summary>What was to be sent.</summary>
    public required string Body { get; init; }

    public OutboxMessage ToMessage() => new(EventId, Position, new(Stream), Seq, Type, CorrelationId, RunId is null ? null : Core.Runs.RunId.Parse(RunId), Workflow, Definition, Body);
}

/// <summary>The outcomes of dead letters that are gone.</summary>
internal sealed record DeadLetterAccount
{
    /// <summary>Sent again and taken.</summary>
    public long Replayed { get; init; }

    /// <summary>Removed by a user.</summary>
    public long Discarded { get; init; }

    /// <summary>Removed because there were too many.</summary>
    public long Pruned { get; init; }

    public long Gone => Replayed + Discarded + Pruned;
}

/// <summary>First line of a sink's file, where anything is gone from it.</summary>
internal sealed record DeadLetterFileHead
{
    public required DeadLetterAccount Account { get; init; }
}

/// <summary>Why a dead letter goes.</summary>
internal enum DeadLetterFate
{
    Replayed,
    Discarded,
}

/// <summary>The whole account of a sink: emitted = delivered + dead + dropped, at every instant.</summary>
/// <param name="Emitted">Events wanted so far.</param>
/// <param name="Delivered">Taken by the other side, at once or when they were sent again.</param>
/// <param name="Dead">Dead letters that wait.</param>
/// <param name="Dropped">Lost: gone before they were delivered, discarded, or too many dead letters.</param>
/// <param name="Replayed">Of those delivered, the dead letters that were sent again.</param>
/// <param name="Discarded">Of those dropped, the dead letters that users removed.</param>
internal sealed record SinkAccount(long Emitted, long Delivered, long Dead, long Dropped, long Replayed, long Discarded, long Missed)
{
    /// <param name="state">Read first: letters that came later are not counted yet.</param>
    /// <param name="letters">All that are there.</param>
    /// <param name="gone">The outcomes of letters that are gone.</param>
    public static SinkAccount Of(LaneState state, IReadOnlyList<DeadLetter> letters, DeadLetterAccount gone) => Of(state, gone, letters.Count(l => l.Position <= state.Position));

    /// <summary>The same where the letters are counted already.</summary>
    public static SinkAccount Of(LaneState state, DeadLetterAccount gone, long dead) =>
        new(state.Emitted, state.Delivered + gone.Replayed, dead, state.Dropped + gone.Discarded + gone.Pruned, gone.Replayed, gone.Discarded, state.Missed);
}
