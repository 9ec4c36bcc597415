using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Journal;

/// <summary>Files of one run, written and not yet in force.</summary>
/// <param name="Run">The run.</param>
/// <param name="Names">Relative to the run's directory, in the order in which they come into force.</param>
public sealed record StagedFiles(RunId Run, IReadOnlyList<string> Names);

/// <summary>
/// Files of runs: reports, logs, results, artifacts, notes of scripts. A file has the id of its run and a name with '/' (see
/// <see cref="Orchestrator.Engine.Files.RunFolder"/>); no name leads out of the run's directory. Only regular files
/// are read: a task can put anything in its directory.
/// </summary>
public interface IRunFiles
{
    /// <summary>The directory on this machine in which the run's tasks work; absolute. It may not exist yet.</summary>
    string DirectoryOf(RunId run);

    /// <summary>Whether there is a file of that name.</summary>
    bool Exists(RunId run, string name);

    /// <summary>A file's content; null when there is none of that name.</summary>
    /// <exception cref="IOException">It is there and cannot be read.</exception>
    byte[]? Read(RunId run, string name);

    /// <summary>A file opened for reading; null when there is none of that name.</summary>
    FileStream? Open(RunId run, string name);

    /// <summary>Writes a file: durable when this returns, and never half.</summary>
    /// <exception cref="IOException">It cannot be written; an earlier file of that name is as it was.</exception>
    void Write(RunId run, string name, ReadOnlySpan<byte> content);

    /// <summary>Writes files of a run that no reader sees before <see cref="Publish"/>.</summary>
    /// <exception cref="IOException">They cannot be written; nothing of them is left.</exception>
    StagedFiles Stage(RunId run, IReadOnlyList<(string Name, ReadOnlyMemory<byte> Content)> files);

    /// <summary>
    /// Brings staged files into force, many by one sync. Each is there whole or not at all; a power cut may take
    /// all of a run. Gives an error for each that failed.
    /// </summary>
    IReadOnlyList<Exception?> Publish(IReadOnlyList<StagedFiles> staged);

    /// <summary>Removes all files of a run that was never accepted. What cannot be removed stays.</summary>
    void Discard(RunId run);

    /// <summary>Bytes of all files of a run.</summary>
    long SizeOf(RunId run);

    /// <summary>Runs that have a directory, newest first, and when it changed.</summary>
    IEnumerable<(RunId Run, DateTimeOffset ChangedAt)> Directories();
}
