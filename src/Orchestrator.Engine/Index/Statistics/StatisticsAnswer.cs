using Orchestrator.Core.Statistics;

namespace Orchestrator.Engine.Index.Statistics;

/// <summary>Everything that `stats` shows of a window.</summary>
internal sealed record StatisticsAnswer
{
    public required StatisticsScope Scope { get; init; }

    public required StatisticsGrouping By { get; init; }

    /// <summary>All runs of the window together.</summary>
    public required RunFigures All { get; init; }

    /// <summary>Runs by group; empty where tasks are grouped.</summary>
    public IReadOnlyList<RunFigures> Runs { get; init; } = [];

    /// <summary>Tasks by group; where runs are grouped, by task.</summary>
    public required IReadOnlyList<TaskFigures> Tasks { get; init; }

    /// <summary>How many runs ended in each stretch, and how long a stretch is.</summary>
    public required IReadOnlyList<ActivityBucket> Activity { get; init; }

    public required TimeSpan Width { get; init; }

    /// <summary>Failed runs by what is to blame.</summary>
    public required IReadOnlyList<ErrorFigures> Errors { get; init; }

    /// <summary>The workflows of the window as they stand now.</summary>
    public required IReadOnlyList<WorkflowStanding> Standings { get; init; }

    /// <summary>Tasks that failed, those that failed most often first.</summary>
    public IEnumerable<TaskFigures> FailsMost => Tasks.Where(t => t.Failed > 0).OrderByDescending(t => t.Failed).ThenBy(t => t.Group, StringComparer.Ordinal);

    /// <summary>Tasks that took longer than expected, most often first.</summary>
    public IEnumerable<TaskFigures> OverExpected => Tasks.Where(t => t.OverExpected > 0).OrderByDescending(t => t.OverExpected).ThenBy(t => t.Group, StringComparer.Ordinal);

    /// <summary>Asks all of it.</summary>
    /// <param name="database">The index.</param>
    /// <param name="scope">Of what.</param>
    /// <param name="by">In which groups.</param>
    /// <param name="stop">Ends it.</param>
    public static StatisticsAnswer Of(IndexDatabase database, StatisticsScope scope, StatisticsGrouping by, CancellationToken stop)
    {
        var ask = new StatisticsQueries(database, stop);
        var width = TimeBuckets.WidthFor(scope.To - scope.From);
        var byWorkflow = by.Word == "workflow" ? by : StatisticsGrouping.Find("workflow")!;
        var workflows = ask.Runs(scope, byWorkflow);
        return new()
        {
            Scope = scope, By = by, All = ask.AllRuns(scope),
            Runs = by.IsOfTasks ? [] : by == byWorkflow ? workflows : ask.Runs(scope, by),
            Tasks = ask.Tasks(scope, by.IsOfTasks ? by : StatisticsGrouping.Find("task")!),
            Activity = ask.Activity(scope, width), Width = width, Errors = ask.Errors(scope),
            Standings = [.. workflows.Select(w => ask.Standing(w.Group))],
        };
    }
}
