namespace Orchestrator.Core.Statistics.Compatibility;

/// <summary>
/// All four summaries of logs of any length in bounded memory: what is under way, the latest runs, and a number for each task that
/// succeeded. Events of a run are added in order, as its log has them; those of different runs in any.
/// </summary>
/// <param name="now">End of the window.</param>
/// <param name="windowHours">Its length.</param>
/// <param name="dags">Runs to list.</param>
public sealed class DagLogFold(DateTimeOffset now, int windowHours = DagLogAnalytics.DefaultWindowHours, int dags = DagLogAnalytics.DefaultDags)
{
    private readonly TaskCounting _tasks = new(new(now, windowHours));
    private readonly DagListing _dags = new(dags);
    private readonly ScheduleCounting _schedules = new();
    private readonly TenantCounting _tenants = new(new(now, windowHours));

    /// <summary>Adds an event of the task log or of the state log.</summary>
    public void Add(DagLogEvent e)
    {
        _tasks.Add(e);
        _dags.Add(e);
        _schedules.Add(e);
        _tenants.Add(e);
    }

    /// <summary>The summaries of what was added so far.</summary>
    public DagLogSummary Result() => new(_tasks.Result(), _dags.Result(), _schedules.Result(), _tenants.Result());
}
