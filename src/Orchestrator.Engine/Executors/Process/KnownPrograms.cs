using System.Collections.Concurrent;
using Orchestrator.Engine.Posix;

namespace Orchestrator.Engine.Executors.Process;

/// <summary>As shells do, looks for a program once and then expects it where it was: the search is ten system calls of every task.</summary>
internal sealed class KnownPrograms
{
    private const int Remembered = 1_000;
    private readonly ConcurrentDictionary<(string Program, string Path), string> _found = new();

    /// <summary>Absolute path of a program; null when no folder of the path has an executable file of that name.</summary>
    public string? Find(string program, string? path, string directory)
    {
        if (path is not null && _found.TryGetValue((program, path), out var known) && FileCalls.Access(known, FileCalls.Executable) == 0) return known;
        // Where a folder of the path is relative, the answer depends on where the task starts.
        if (path is null || program.Contains('/') || !path.Split(':').All(folder => folder.StartsWith('/'))) return ProgramSearch.Find(program, path, directory);
        if (ProgramSearch.Find(program, path, directory) is not { } found) return null;
        if (_found.Count >= Remembered) _found.Clear();
        return _found[(program, path)] = found;
    }
}
