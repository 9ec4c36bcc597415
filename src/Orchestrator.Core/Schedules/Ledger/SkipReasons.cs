namespace Orchestrator.Core.Schedules.Ledger;

/// <summary>Why due times pass without a run: words, so that later versions may add some.</summary>
public static class SkipReasons
{
    /// <summary>Missed: the service was down, the machine slept or its clock was set.</summary>
    public const string Misfire = "misfire";

    /// <summary>Missed, and a later one is caught up in its place.</summary>
    public const string Superseded = "superseded";

    /// <summary>Missed before the catch-up's window.</summary>
    public const string Window = "window";

    /// <summary>Missed, and the catch-up has as many as it may have.</summary>
    public const string Max = "max";

    /// <summary>Due while the schedule was paused.</summary>
    public const string Paused = "paused";

    /// <summary>Due while all schedules were paused.</summary>
    public const string Maintenance = "maintenance";

    /// <summary>Waiting when the schedule was disabled or removed.</summary>
    public const string Disabled = "disabled";

    /// <summary>Too many due times wait for their runs to be accepted.</summary>
    public const string Backlog = "backlog";
}
