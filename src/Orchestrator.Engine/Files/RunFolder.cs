using System.Globalization;
using Orchestrator.Core.Definitions;

namespace Orchestrator.Engine.Files;

/// <summary>Names of a run's files, relative to its directory, and what follows from that directory.</summary>
public static class RunFolder
{
    /// <summary>Folder of the files kept with a run.</summary>
    public const string Artifacts = "artifacts";

    /// <summary>Artifacts of a run, given its directory.</summary>
    public static string ArtifactsOf(string runDirectory) => Path.Combine(runDirectory, Artifacts);

    /// <summary>Log of an attempt.</summary>
    public static string LogRef(TaskId task, int attempt) => string.Create(CultureInfo.InvariantCulture, $"logs/{task}.{attempt}.log");

    /// <summary>Standard output of an attempt that keeps its streams apart.</summary>
    public static string OutRef(TaskId task, int attempt) => string.Create(CultureInfo.InvariantCulture, $"logs/{task}.{attempt}.out");

    /// <summary>Standard error of an attempt that keeps its streams apart.</summary>
    public static string ErrorRef(TaskId task, int attempt) => string.Create(CultureInfo.InvariantCulture, $"logs/{task}.{attempt}.err");

    /// <summary>Scratch folder of a run ($ORCHESTRATOR_RUN_DIR), given its directory.</summary>
    public static string ScratchOf(string runDirectory) => Path.Combine(runDirectory, "scratch");

    /// <summary>Results too large for an event.</summary>
    public static string OutputsRef(TaskId task) => $"outputs/{task}.json";

    /// <summary>The data directory, given a run's directory.</summary>
    internal static string RootOf(string runDirectory)
    {
        const int levels = 5;   // runs/YYYY/MM/DD/{run_id}
        var at = runDirectory;
        for (var i = 0; i < levels; i++) at = Path.GetDirectoryName(at) ?? "/";
        return at;
    }

    /// <summary>The absolute path of a name; null when it leads out of the run's directory.</summary>
    internal static string? Find(string runDirectory, string name)
    {
        var root = Path.GetFullPath(runDirectory) + Path.DirectorySeparatorChar;
        var path = Path.GetFullPath(Path.Combine(root, name));
        return path.StartsWith(root, StringComparison.Ordinal) && path.Length > root.Length ? path : null;
    }
}
