using System.Globalization;
using Orchestrator.Engine.Files;

namespace Orchestrator.Engine.Executors.Process;

/// <summary>The names of one attempt's files.</summary>
internal readonly struct AttemptFiles(TaskAttempt attempt)
{
    /// <summary>Relative to the run's folder.</summary>
    public string LogRef { get; } = RunFolder.LogRef(attempt.Task.Id, attempt.Attempt);

    /// <summary>Absolute.</summary>
    public string Log { get; } = Path.Combine(attempt.RunDirectory, RunFolder.LogRef(attempt.Task.Id, attempt.Attempt));

    /// <summary>$ORCHESTRATOR_OUTPUT, absolute.</summary>
    public string Output { get; } = Path.Combine(
        attempt.RunDirectory, "outputs", string.Create(CultureInfo.InvariantCulture, $".{attempt.Task.Id}.{attempt.Attempt}.out"));
}
