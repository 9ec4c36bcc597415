using System.Text;
using Orchestrator.Core.Runs;
using Orchestrator.Engine;

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
        Directory.CreateDirectory(paths.Of(run));
        var draft = File + ".new";
        System.IO.File.WriteAllText(draft, actor, Encoding.UTF8);
        System.IO.File.Move(draft, File, overwrite: true);
    }

    /// <summary>Takes the request back, for example because it has been carried out.</summary>
    public void Remove()
    {
        if (System.IO.File.Exists(File)) System.IO.File.Delete(File);   // a run without files may not even have a folder yet
    }

    /// <summary>Who asks; null when nobody does.</summary>
    public string? Read()
    {
        try
        {
            var actor = System.IO.File.ReadAllText(File);
            return actor.Length is > 0 and <= LongestActor ? actor : "unknown";
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException) { return null; }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { return "unknown"; }   // it is there, and that is the request
    }

    /// <summary>Waits until somebody asks and returns who.</summary>
    public async Task<string> WaitAsync(TimeProvider clock, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        do
        {
            if (Read() is { } actor) return actor;
        }
        while (await timer.WaitForNextTickAsync(stop));
        throw new OperationCanceledException(stop);
    }
}
