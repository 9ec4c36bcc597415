using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;

namespace Orchestrator.Engine.Queries;

/// <summary>How long runs took: the one question that predictions ask of the past.</summary>
/// <param name="runs">The runs.</param>
internal sealed class PastLengths(IRunHistory runs)
{
    /// <summary>The median is that of so many runs, the newest.</summary>
    public const int Samples = 20;

    private const int MaxLooked = 2_000;
    private Dictionary<(string Workflow, string? Schedule), List<double>>? _found;

    /// <summary>The median length of the latest completed runs of a schedule; where it has none, of its workflow. Null: neither has any.</summary>
    public TimeSpan? Of(string workflow, string schedule)
    {
        var found = _found ??= Find();
        return Median(found.GetValueOrDefault((workflow, schedule)) ?? found.GetValueOrDefault((workflow, null)));
    }

    private static TimeSpan? Median(List<double>? lengths)
    {
        if (lengths is null) return null;
        var sorted = lengths.Order().ToList();
        return TimeSpan.FromMilliseconds((sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2);
    }

    private Dictionary<(string, string?), List<double>> Find()
    {
        var found = new Dictionary<(string, string?), List<double>>();
        foreach (var run in runs.Finished().Take(MaxLooked))
        {
            if (runs.LastEvent(run)?.Event is not WorkflowCompleted end || runs.FirstEvent(run)?.Event is not WorkflowCreated created) continue;
            Add((created.Workflow, null), end.DurationMs);
            if (created.ScheduleId is { } schedule) Add((created.Workflow, schedule), end.DurationMs);
        }
        return found;

        void Add((string, string?) key, double length)
        {
            if (!found.TryGetValue(key, out var lengths)) found[key] = lengths = [];
            if (lengths.Count < Samples) lengths.Add(length);
        }
    }
}
