namespace Orchestrator.Engine.Journal;

/// <summary>A wish that a run should end.</summary>
/// <param name="Actor">Who asks; at most <see cref="MaxActor"/> characters.</param>
/// <param name="Comment">Why, in their words; at most <see cref="MaxComment"/> characters. Null: nothing was said.</param>
public sealed record CancelAsk(string Actor, string? Comment = null)
{
    /// <summary>Longest name of who asks, in characters.</summary>
    public const int MaxActor = 200;

    /// <summary>Longest comment, in characters.</summary>
    public const int MaxComment = 500;
}
