using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Files;
using Orchestrator.Engine.Telemetry.Tracing.Scripts;

namespace Orchestrator.Engine.Executors;

/// <summary>
/// Files that live no longer than an attempt: its script, the file and the container's folder for its results, drafts of what it keeps, and spans that no
/// secret has been taken out of. Their attempt removes them; those of a worker that was killed go when its
/// runs are taken over, whatever becomes of the task.
/// </summary>
internal static partial class AttemptLeftovers
{
    private static readonly EnumerationOptions s_below = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };

    /// <summary>Removes them from a run's folder. None of its attempts may be under way here; a failure is logged, not thrown.</summary>
    /// <param name="runDirectory">The run's folder.</param>
    /// <param name="state">The run as the journal has it, lost attempts still open.</param>
    /// <param name="log">Is told what could not be removed.</param>
    public static void Remove(string runDirectory, RunState state, ILogger log)
    {
        if (state.RunningTasks.Count + state.ParkedTasks.Count == 0 || !Directory.Exists(runDirectory)) return;
        Try(log, Path.Combine(runDirectory, "scripts"), static path => Directory.Delete(path, recursive: true));
        // Beside them lie the results of tasks that have ended.
        var outputs = Path.Combine(runDirectory, "outputs");
        if (Directory.Exists(outputs))
            foreach (var path in Directory.GetFileSystemEntries(outputs))
                if (Path.GetFileName(path)[0] == '.' || path.EndsWith(".tmp", StringComparison.Ordinal)) Try(log, path, RemoveAny);
        // Tasks write there too, under whatever names.
        var artifacts = RunFolder.ArtifactsOf(runDirectory);
        if (Directory.Exists(artifacts))
            foreach (var path in Directory.GetFiles(artifacts, "*", s_below))
                if (Draft().IsMatch(path)) Try(log, path, File.Delete);
        var workflow = state.Plan.Definition;
        if (workflow.Secrets.IsEmpty && workflow.Tasks.All(t => t.SecretOutputs.IsEmpty) && workflow.Params.All(p => p.Secret is null)) return;
        foreach (var index in state.RunningTasks.Concat(state.ParkedTasks))
            Try(log, ScriptSpanFile.Of(runDirectory, state.IdOf(index), state[index].Attempt), File.Delete);
    }

    private static void RemoveAny(string path)
    {
        if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
        else File.Delete(path);
    }

    private static void Try(ILogger log, string path, Action<string> remove)
    {
        try { remove(path); }
        catch (DirectoryNotFoundException) { }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { ExecutorLog.NotRemoved(log, e, path); }
    }

    /// <summary>What a file is called until it is whole.</summary>
    [GeneratedRegex(@"\.[0-9]+-[0-9]+\.tmp$", RegexOptions.CultureInvariant)]
    private static partial Regex Draft();
}
