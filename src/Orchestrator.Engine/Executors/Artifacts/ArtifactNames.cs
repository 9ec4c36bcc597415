using Orchestrator.Core;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Executors.Secrets;
using Orchestrator.Engine.Files;

namespace Orchestrator.Engine.Executors.Artifacts;

/// <summary>Names of artifacts are listed and shown: none may hold a secret of the task that gave it.</summary>
internal static class ArtifactNames
{
    public const string Problem = "The name of an artifact holds a secret: name the file without it.";

    /// <summary>The outcome with which an attempt ends that may have put files there itself. Those whose names hold a secret are renamed.</summary>
    public static TaskOutcome Judge(Disk disk, TaskAttempt attempt, TaskOutcome outcome)
    {
        if (SecretPatterns.Of(attempt.Secrets, SecretForms.ShortestDistinctive) is not { } secrets) return outcome;
        var found = false;
        foreach (var artifact in Artifacts.Of(attempt.RunDirectory))
        {
            if (!secrets.FoundIn(artifact.Path)) continue;
            found = true;
            Rename(disk, attempt.RunDirectory, artifact.Path, SecretMasker.Apply(secrets, artifact.Path));
        }
        return found && outcome is TaskOutcome.Succeeded
            ? new TaskOutcome.Failed(FailureKind.SecretInOutput, Problem, Retryable: false) { Process = outcome.Process, LogRef = outcome.LogRef }
            : outcome;
    }

    private static void Rename(Disk disk, string runDirectory, string from, string to)
    {
        try
        {
            var root = RunFolder.ArtifactsOf(runDirectory);
            var place = Path.Combine(root, to);
            DurableFolder.Create(disk, Path.GetDirectoryName(place)!, RunFolder.RootOf(runDirectory));
            disk.Rename(Path.Combine(root, from), place);
            for (var folder = Path.GetDirectoryName(from); folder is { Length: > 0 }; folder = Path.GetDirectoryName(folder)) disk.DeleteFolder(Path.Combine(root, folder));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A folder that is not empty keeps its other files, which are renamed in their turn.
        }
    }
}
