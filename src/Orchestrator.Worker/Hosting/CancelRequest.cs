using System.Text;
using Orchestrator.Core.Runs;
using Orchestrator.Engine;
using Orchestrator.Engine.Files;

namespace Orchestrator.Worker.Hosting;

/// <summary>
/// How one process asks another to cancel a run it owns: a file in the run's folder whose content is who asks. The owner looks for
/// it every half second. It outlives the owner: a run resumed later is cancelled first thing, which is what its author wanted.
/// </summary>
internal sealed class CancelRequest(RunPaths paths, RunId run)
{
    private const int LongestActor = 200;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private string File => Path.Combine(paths.Of(run), "cancel.request");

    /// <summary>Leaves the request; a second one changes nothing.</summary>
    public void Leave(string actor)
    {
        DurableFolder.Create(paths.Disk, paths.Of(run), paths.Root);
        WholeFile.Write(paths.Disk, File, Encoding.UTF8.GetBytes(actor));
    }

    /// <summary>Takes the request back, for example because it has been carried out.</summary>
    public void Remove()
    {
        if (System.IO.File.Exists(File)) paths.Disk.Delete(File);   // a run without files may not even have a folder yet
    }

    /// <summary>Who asks; null when nobody does.</summary>
    public string? Read()
    {
        if (!System.IO.File.Exists(File)) return null;   // nearly always, and an exception for it would be dear
        try
        {
            var actor = RegularFile.TryReadText(File, most: 4 * LongestActor) ?? "";
            return actor.Length is > 0 and <= LongestActor ? actor : "unknown";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { return "unknown"; }   // it is there, and that is the request
    }

    /// <summary>Waits until somebody asks and returns who; null once <paramref name="stop"/> fires.</summary>
    public async Task<string?> WaitAsync(TimeProvider clock, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        // Disposing the timer ends the wait with false. A token would end it with an exception, which every run would pay for.
        using var ending = stop.UnsafeRegister(static t => ((PeriodicTimer)t!).Dispose(), timer);
        do
        {
            if (Read() is { } actor) return actor;
        }
        while (await timer.WaitForNextTickAsync(CancellationToken.None));
        return null;
    }
}
