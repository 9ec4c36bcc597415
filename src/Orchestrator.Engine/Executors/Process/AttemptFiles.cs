using System.Globalization;
using Orchestrator.Core.Definitions;
using Orchestrator.Engine.Files;

namespace Orchestrator.Engine.Executors.Process;

/// <summary>The names of one attempt's files.</summary>
internal readonly struct AttemptFiles(TaskAttempt attempt)
{
    /// <summary>The log, or standard output where the streams are kept apart; relative to the run's folder.</summary>
    public string LogRef { get; } = RefOf(attempt);

    /// <summary>The same, absolute.</summary>
    public string Log { get; } = Path.Combine(attempt.RunDirectory, RefOf(attempt));

    /// <summary>Standard error where the streams are kept apart, absolute; null where they are not.</summary>
    public string? Errors { get; } = IsSeparate(attempt) ? Path.Combine(attempt.RunDirectory, RunFolder.ErrorRef(attempt.Task.Id, attempt.Attempt)) : null;

    /// <summary>Where the program's own lines go: a task's output is its result.</summary>
    public string Notes => Errors ?? Log;

    /// <summary>$ORCHESTRATOR_OUTPUT, absolute.</summary>
    public string Output { get; } = Path.Combine(
        attempt.RunDirectory, "outputs", string.Create(CultureInfo.InvariantCulture, $".{attempt.Task.Id}.{attempt.Attempt}.out"));

    private static bool IsSeparate(TaskAttempt attempt) => attempt.Task.LogOutput == LogOutput.Separate;

    private static string RefOf(TaskAttempt attempt) =>
        IsSeparate(attempt) ? RunFolder.OutRef(attempt.Task.Id, attempt.Attempt) : RunFolder.LogRef(attempt.Task.Id, attempt.Attempt);
}
