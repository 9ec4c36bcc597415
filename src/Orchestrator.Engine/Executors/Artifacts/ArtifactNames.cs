using System.Globalization;
using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Files;
using Orchestrator.Engine.Secrets;

namespace Orchestrator.Engine.Executors.Artifacts;

/// <summary>Names of artifacts are listed and shown: none may hold a secret of the task that gave it.</summary>
internal static class ArtifactNames
{
    public const string Problem = "The name of an artifact holds a secret: name the file without it.";

    /// <summary>What is there before an attempt: not its affair. Empty where it knows no secret.</summary>
    public static IReadOnlySet<string> Before(TaskAttempt attempt) =>
        attempt.Secrets.Count == 0 || !MayName(attempt) ? System.Collections.Immutable.ImmutableHashSet<string>.Empty : Artifacts.Of(attempt.RunDirectory).Select(a => a.Path).ToHashSet(StringComparer.Ordinal);

    /// <summary>The outcome with which an attempt ends that may have put files there itself. Those whose names hold a secret are renamed.</summary>
    /// <param name="before">What was there when it began.</param>
    public static TaskOutcome Judge(Disk disk, TaskAttempt attempt, IReadOnlySet<string> before, TaskOutcome outcome)
    {
        if (!MayName(attempt)) return outcome;
        if (SecretPatterns.Of(attempt.Secrets, SecretForms.ShortestDistinctive) is not { } secrets) return outcome;
        var found = false;
        foreach (var artifact in Artifacts.Of(attempt.RunDirectory))
        {
            if (before.Contains(artifact.Path)) continue;
            var own = OwnPart(attempt, artifact.Path);
            // Another task that knows the secret and ended a moment before has renamed it already.
            found |= own.Contains(SecretMasker.Mask, StringComparison.Ordinal);
            if (!secrets.FoundIn(own)) continue;
            found = true;
            Rename(disk, attempt.RunDirectory, artifact.Path, SecretMasker.Apply(secrets, artifact.Path));
        }
        return found && outcome is TaskOutcome.Succeeded
            ? new TaskOutcome.Failed(FailureKind.SecretInOutput, Problem, Retryable: false) { Process = outcome.Process, LogRef = outcome.LogRef }
            : outcome;
    }

    // All tasks of a run share its folder. Kinds that pass its path to no program cannot have named files that appeared there
    // meanwhile; `http.save` is judged before it is written.
    private static bool MayName(TaskAttempt attempt) =>
        attempt.Task.Action is not (HttpAction or SqlAction or NoopAction or SwitchAction or WorkflowAction or ApprovalAction);

    // The folder of `artifacts` is called after the task, which is no secret.
    private static string OwnPart(TaskAttempt attempt, string path) =>
        path.StartsWith($"{attempt.Task.Id}/", StringComparison.Ordinal) ? path[(attempt.Task.Id.ToString().Length + 1)..] : path;

    private static void Rename(Disk disk, string runDirectory, string from, string to)
    {
        try
        {
            var root = RunFolder.ArtifactsOf(runDirectory);
            var place = Path.Combine(root, to);
            for (var number = 2; File.Exists(place); number++) place = Path.Combine(root, string.Create(CultureInfo.InvariantCulture, $"{to}-{number}"));
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
