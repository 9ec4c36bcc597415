using Orchestrator.Engine.Files;

namespace Orchestrator.Engine.Executors.Artifacts;

/// <summary>A file kept with a run.</summary>
/// <param name="Path">Relative to the run's folder of artifacts, with '/'.</param>
/// <param name="Bytes">Its size.</param>
public sealed record Artifact(string Path, long Bytes);

/// <summary>The files kept with a run.</summary>
public static class Artifacts
{
    /// <summary>Sorted by path, at most <paramref name="most"/>; empty when there are none. Links are not among them.</summary>
    public static IReadOnlyList<Artifact> Of(string runDirectory, int most = 10_000)
    {
        var root = new DirectoryInfo(RunFolder.ArtifactsOf(runDirectory));
        if (!root.Exists) return [];
        try
        {
            return [.. root.EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = true })
                .Where(f => !f.Name.EndsWith(".tmp", StringComparison.Ordinal))
                .Take(most).Select(f => new Artifact(System.IO.Path.GetRelativePath(root.FullName, f.FullName), f.Length)).OrderBy(a => a.Path, StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>The absolute path of an artifact; null when there is none of that name, or the name leads out of the folder.</summary>
    public static string? Find(string runDirectory, string path) =>
        ArtifactPath.Find(RunFolder.ArtifactsOf(runDirectory), path) is { } file && File.Exists(file) ? file : null;

    /// <summary>
    /// An artifact opened for reading; null when there is no regular file of that name. A task can put
    /// anything into the folder: a FIFO would never answer.
    /// </summary>
    public static FileStream? Open(string runDirectory, string path) =>
        ArtifactPath.Find(RunFolder.ArtifactsOf(runDirectory), path) is { } file ? Files.RegularFile.TryOpenStream(file) : null;
}
