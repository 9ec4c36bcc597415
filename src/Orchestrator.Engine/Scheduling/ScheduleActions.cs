using Orchestrator.Core.Runs;
using Orchestrator.Engine.Running;

namespace Orchestrator.Engine.Scheduling;

/// <summary>What schedules ask of the engine.</summary>
/// <param name="Dispatch">
/// Submits a run; false when a run of its id existed already. It may be called again for the same run. A <see cref="RunRefusedException"/> is final, anything
/// else is tried again.
/// </param>
/// <param name="Cancel">Asks an open run to stop; nothing happens when it has ended.</param>
public sealed record ScheduleActions(Func<ScheduledRun, CancellationToken, Task<bool>> Dispatch, Func<RunId, CancellationToken, Task> Cancel)
{
    /// <summary>The same where a due time does nothing else, with the reason; null: <see cref="Cancel"/>.</summary>
    public Func<RunId, string, CancellationToken, Task>? Stop { get; init; }

    internal Task StopAsync(RunId run, string why, CancellationToken stop) => Stop is { } asks ? asks(run, why, stop) : Cancel(run, stop);
}
