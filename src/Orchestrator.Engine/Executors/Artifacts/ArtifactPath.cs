using Orchestrator.Core;
using Orchestrator.Engine.Executors.Results;
using Orchestrator.Engine.Files;
using Orchestrator.Engine.Secrets;

namespace Orchestrator.Engine.Executors.Artifacts;

/// <summary>Names below a run's folder of artifacts. None leads out of it, not even through a link.</summary>
internal static class ArtifactPath
{
    /// <summary>The absolute path of an artifact to be written, its folder made.</summary>
    /// <exception cref="OutputProblemException">The name leads out of the folder, is none, or holds a secret.</exception>
    public static string Resolve(Disk disk, string runDirectory, string relative, IReadOnlyList<string>? secrets = null, string? judged = null)
    {
        if (SecretPatterns.Of(secrets ?? [], SecretForms.ShortestDistinctive) is { } patterns && patterns.FoundIn(judged ?? relative))
            throw new OutputProblemException(FailureKind.SecretInOutput, ArtifactNames.Problem);
        var root = RunFolder.ArtifactsOf(runDirectory);
        if (Find(root, relative) is not { } path)
            throw new OutputProblemException(FailureKind.Error, $"'{relative}' cannot be the name of an artifact: it must lead to a file below the run's folder of artifacts.");
        DurableFolder.Create(disk, Path.GetDirectoryName(path)!, RunFolder.RootOf(runDirectory));
        return path;
    }

    /// <summary>The absolute path of a name; null when it would leave <paramref name="root"/>.</summary>
    public static string? Find(string root, string relative)
    {
        if (relative.Length is 0 or > 4096 || relative.Contains('\0', StringComparison.Ordinal) || Path.IsPathRooted(relative) || relative.EndsWith('/')) return null;
        var path = Path.GetFullPath(relative, root);
        if (!path.StartsWith(root + Path.DirectorySeparatorChar, StringComparison.Ordinal)) return null;
        // A task can put a link into the folder; its target is never touched.
        for (var at = path; at.Length > root.Length; at = Path.GetDirectoryName(at)!)
            if (new FileInfo(at) is { LinkTarget: not null }) return null;
        return path;
    }
}
