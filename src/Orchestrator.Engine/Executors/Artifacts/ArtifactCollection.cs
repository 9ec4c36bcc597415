using System.Globalization;
using Microsoft.Extensions.Logging;
using Orchestrator.Core;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Executors.Process;
using Orchestrator.Engine.Executors.Results;
using Orchestrator.Engine.Files;
using Orchestrator.Engine.Secrets;

namespace Orchestrator.Engine.Executors.Artifacts;

/// <summary>
/// Copies what a task declares as artifacts into the run's folder when an attempt has ended, well or not. File systems that can share
/// blocks copy nothing; hard links are not made, because a file written over in place afterwards would change the artifact.
/// </summary>
internal static class ArtifactCollection
{
    private const int MaxFiles = 1_000;

    /// <summary>The outcome with which the attempt ends: a success whose artifacts cannot be kept is none.</summary>
    public static async ValueTask<TaskOutcome> KeepAsync(TaskAttempt attempt, TaskOutcome outcome, ProcessTaskOptions options, ILogger log)
    {
        string? problem;
        FailureKind kind;
        try
        {
            problem = await CopyAsync(attempt, options).ConfigureAwait(false);
            kind = FailureKind.Error;
        }
        catch (OutputProblemException e)
        {
            (problem, kind) = (e.Message, e.Kind);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            (problem, kind) = ($"The artifacts cannot be kept: {e.Message}", FailureKind.Error);
        }
        if (problem is null) return outcome;
        problem = SecretMasker.Apply(attempt.Patterns, problem);
        ExecutorLog.ArtifactsLost(log, attempt.RunId.ToString(), attempt.Task.Id.ToString(), problem);
        return outcome is TaskOutcome.Succeeded
            ? new TaskOutcome.Failed(kind, problem, Retryable: kind is not (FailureKind.OutputLimit or FailureKind.SecretInOutput)) { Process = outcome.Process, LogRef = outcome.LogRef }
            : outcome;
    }

    private static async ValueTask<string?> CopyAsync(TaskAttempt attempt, ProcessTaskOptions options)
    {
        var from = attempt.Invocation.WorkingDir is { Length: > 0 } own ? Path.GetFullPath(own, attempt.BaseDirectory) : attempt.BaseDirectory;
        var files = ArtifactGlob.Find(from, attempt.Invocation.Artifacts, MaxFiles + 1);
        if (files.Count == 0) return null;   // a failed attempt has made none, and a pattern may fit nothing
        if (files.Count > MaxFiles)
            return string.Create(CultureInfo.InvariantCulture, $"The patterns of `artifacts` match more than {MaxFiles} files: name fewer, or put them into one archive.");
        var left = options.ArtifactsLimit - Artifacts.Of(attempt.RunDirectory).Sum(a => a.Bytes);
        foreach (var file in files)
        {
            using var source = RegularFile.TryOpenStream(Path.Combine(from, file), followLink: true);
            if (source is null) continue;
            var name = $"{attempt.Task.Id}/{file}";
            var path = ArtifactPath.Resolve(options.Disk, attempt.RunDirectory, name, attempt.Secrets, judged: file);
            left += File.Exists(path) ? new FileInfo(path).Length : 0;   // that of an attempt before makes way
            left -= await ArtifactFile.CopyAsync(options.Disk, path, source, left).ConfigureAwait(false);
        }
        return null;
    }
}
