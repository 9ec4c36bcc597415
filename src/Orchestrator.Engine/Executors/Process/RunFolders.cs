using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Orchestrator.Engine.Executors.Process;

/// <summary>Makes a run's folders at its first process, and remembers it: a run of 5,000 tasks asks the file system once.</summary>
internal sealed class RunFolders
{
    private const int Remembered = 10_000;
    private readonly ConcurrentDictionary<string, bool> _known = new(StringComparer.Ordinal);

    public void Ensure(string runDirectory)
    {
        if (_known.ContainsKey(runDirectory)) return;
        Create(runDirectory);
        if (_known.Count >= Remembered) _known.Clear();
        _known[runDirectory] = true;
    }

    /// <summary>Makes them again after somebody removed them; false when they are all there.</summary>
    public static bool Restore(string runDirectory)
    {
        if (Directory.Exists(Path.Combine(runDirectory, "logs"))) return false;
        Create(runDirectory);
        return true;
    }

    /// <summary>Removes a file of ours if it is there; a failure is told, not thrown.</summary>
    public static void Remove(string path, ILogger log)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            ExecutorLog.NotRemoved(log, e, path);
        }
    }

    private static void Create(string runDirectory)
    {
        Directory.CreateDirectory(Path.Combine(runDirectory, "logs"));
        Directory.CreateDirectory(Path.Combine(runDirectory, "outputs"));
        Directory.CreateDirectory(RunPaths.ArtifactsOf(runDirectory));
    }
}
