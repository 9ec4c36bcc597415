using System.Globalization;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Files;

namespace Orchestrator.Engine.Journal.Jsonl;

/// <summary>The names of things below a data directory, in one place, and the disk they are on. Creates nothing.</summary>
internal sealed class RunPaths(string dataDirectory)
{
    /// <summary>The data directory, absolute.</summary>
    public string Root { get; } = Path.GetFullPath(dataDirectory);

    /// <summary>What writes below it.</summary>
    internal Disk Disk { get; init; } = Disk.Real;

    /// <summary>Write-ahead segments, a folder per writer.</summary>
    public string Journal => Path.Combine(Root, "journal");

    /// <summary>Every definition a run was started with.</summary>
    public string Definitions => Path.Combine(Root, "definitions");

    /// <summary>Folders of runs, by date.</summary>
    public string Runs => Path.Combine(Root, "runs");

    /// <summary>Events of schedules and workers that have left the journal's segments, a folder for each stream.</summary>
    public string Streams => Path.Combine(Root, "streams");

    /// <summary>Folders of runs that are being removed.</summary>
    public string Trash => Path.Combine(Root, "trash");

    /// <summary>Bytes that were taken out of the journal: torn ends, and what a repair moved aside.</summary>
    public string Quarantine => Path.Combine(Root, "quarantine");

    /// <summary>Which runs were removed, and when.</summary>
    public string Removed => Path.Combine(Root, "removed.txt");

    /// <summary>The order in which events were told, for cursors.</summary>
    public string Feed => Path.Combine(Root, "feed");

    /// <summary><c>runs/YYYY/MM/DD/{run_id}</c>, the date being the id's own (UTC).</summary>
    public string Of(RunId run) => Path.Combine(Runs, run.Time.ToString("yyyy'/'MM'/'dd", CultureInfo.InvariantCulture), run.ToString());

    /// <summary>Archive of a finished run's events.</summary>
    public string EventsOf(RunId run) => Path.Combine(Of(run), "events.jsonl");
}
