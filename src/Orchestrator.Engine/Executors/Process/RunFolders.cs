using System.Collections.Concurrent;
using System.ComponentModel;
using Microsoft.Extensions.Logging;
using Orchestrator.Engine.Files;
using Orchestrator.Engine.Posix;

namespace Orchestrator.Engine.Executors.Process;

/// <summary>Makes a run's folders at its first process, and remembers it: a run of 5,000 tasks asks the file system once.</summary>
internal sealed class RunFolders(Disk disk)
{
    private const int Remembered = 10_000;
    private readonly ConcurrentDictionary<string, bool> _known = new(StringComparer.Ordinal);

    /// <summary>True when this process made them: nothing of an earlier one can be in them.</summary>
    public bool Ensure(string runDirectory)
    {
        if (_known.TryGetValue(runDirectory, out var isNew)) return isNew;
        isNew = !Directory.Exists(Path.Combine(runDirectory, "outputs"));
        Create(runDirectory);
        if (_known.Count >= Remembered) _known.Clear();
        return _known.GetOrAdd(runDirectory, isNew);   // of several first processes, the one that found nothing may be the last to say so
    }

    /// <summary>Creates them again after they were removed; false when they all exist.</summary>
    public bool Restore(string runDirectory)
    {
        if (Directory.Exists(Path.Combine(runDirectory, "logs"))) return false;
        Create(runDirectory);
        return true;
    }

    /// <summary>Removes one of the program's files if it exists; a failure is logged, not thrown.</summary>
    public static void Remove(string path, ILogger log)
    {
        // Most often it is not there, and File.Delete would then look for its folder too.
        if (FileCalls.Unlink(path) != 0 && Libc.LastError is not Libc.NotFound and var error) ExecutorLog.NotRemoved(log, new Win32Exception(error), path);
    }

    /// <summary>Removes what a task has put in the place of one of the program's files; false for a regular file, or when nothing is there.</summary>
    public static bool TryRemovePlanted(string path)
    {
        using var file = FileCalls.TryOpen(path, OpenFlags.ReadOnly | OpenFlags.NonBlocking | OpenFlags.NoFollow, 0, out var error);
        return (file is null ? LogFile.IsPlanted(error) : !FileCalls.IsRegular(file)) && FileCalls.Unlink(path) == 0;
    }

    private void Create(string runDirectory)
    {
        DurableFolder.MakeOnly(disk, Path.Combine(runDirectory, "logs"));
        DurableFolder.MakeOnly(disk, Path.Combine(runDirectory, "outputs"));
        DurableFolder.MakeOnly(disk, RunFolder.ArtifactsOf(runDirectory));
        DurableFolder.MakeOnly(disk, RunFolder.ScratchOf(runDirectory));
    }
}
