using Orchestrator.Core.Definitions;

namespace Orchestrator.Engine.Hosting.Options;

/// <summary>
/// <c>Orchestrator:Retention</c>: how long finished runs are kept where their workflow says nothing else. <c>Age</c> of a run, <c>Count</c> and
/// <c>Bytes</c> of all finished runs of one workflow; the first that is passed removes the oldest. <c>StreamAge</c> and <c>StreamCount</c>: of events of
/// schedules and workers. Default: no limit.
/// </summary>
internal sealed record RetentionOptions
{
    public static readonly TimeSpan LongestAge = TimeSpan.FromDays(36_500);

    /// <summary><c>Age</c>.</summary>
    public TimeSpan? Age { get; init; }

    /// <summary><c>Count</c>.</summary>
    public int? Count { get; init; }

    /// <summary><c>Bytes</c>.</summary>
    public long? Bytes { get; init; }

    /// <summary><c>StreamAge</c>.</summary>
    public TimeSpan? StreamAge { get; init; }

    /// <summary><c>StreamCount</c>.</summary>
    public int? StreamCount { get; init; }

    public RetentionDefinition ToRule() => new() { Age = Age, Count = Count, Bytes = Bytes };

    public static RetentionOptions Read(OptionsSection s, RetentionOptions fallback)
    {
        s.AllowOnly(["Age", "Bytes", "Count", "StreamAge", "StreamCount"]);
        return new()
        {
            Age = s.Text("Age") is null ? fallback.Age : s.Duration("Age", LongestAge, LongestAge),
            Count = s.Text("Count") is null ? fallback.Count : s.Whole("Count", int.MaxValue, 1, int.MaxValue),
            StreamAge = s.Text("StreamAge") is null ? fallback.StreamAge : s.Duration("StreamAge", LongestAge, LongestAge),
            StreamCount = s.Text("StreamCount") is null ? fallback.StreamCount : s.Whole("StreamCount", int.MaxValue, 1, int.MaxValue),
            Bytes = s.Text("Bytes") is null ? fallback.Bytes : s.Size("Bytes", long.MaxValue, 1, long.MaxValue),
        };
    }
}
