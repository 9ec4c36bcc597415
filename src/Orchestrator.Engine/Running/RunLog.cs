using Microsoft.Extensions.Logging;
using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Running;

internal static partial class RunLog
{
    [LoggerMessage(2000, LogLevel.Information, "Run {RunId} of {Workflow} accepted by {Trigger} in {ElapsedMs:0.0} ms")]
    public static partial void RunAccepted(this ILogger logger, RunId runId, string workflow, string trigger, double elapsedMs);

    [LoggerMessage(2001, LogLevel.Information, "Run {RunId} of {Workflow} finished {Status} after {DurationMs:0} ms")]
    public static partial void RunFinished(this ILogger logger, RunId runId, string workflow, string status, double durationMs);

    [LoggerMessage(2002, LogLevel.Warning, "Run {RunId} of {Workflow} taken over at event {Version}: {Reason}")]
    public static partial void RunAdopted(this ILogger logger, RunId runId, string workflow, long version, string reason);

    [LoggerMessage(2003, LogLevel.Error, "Run {RunId}: the journal cannot be written; this is retried until it can")]
    public static partial void JournalRefused(this ILogger logger, Exception error, RunId runId);

    [LoggerMessage(2004, LogLevel.Information, "Run {RunId}: the journal can be written again")]
    public static partial void JournalTakesWritesAgain(this ILogger logger, RunId runId);

    [LoggerMessage(2005, LogLevel.Error, "Run {RunId} is no longer owned here; its attempts are stopped")]
    public static partial void RunLost(this ILogger logger, Exception error, RunId runId);

    [LoggerMessage(2016, LogLevel.Critical, "Run {RunId}: {Input} could not be decided on or recorded; the run continues without it")]
    public static partial void InputRefused(this ILogger logger, Exception error, RunId runId, string input);

    [LoggerMessage(2017, LogLevel.Critical, "Run {RunId}: {Effect} could not be executed")]
    public static partial void EffectFailed(this ILogger logger, Exception error, RunId runId, string effect);

    [LoggerMessage(2018, LogLevel.Critical, "A message to the engine ({Kind}) failed; the others are not affected")]
    public static partial void MessageFailed(this ILogger logger, Exception error, string kind);

    [LoggerMessage(2006, LogLevel.Critical, "Run {RunId}: a decision failed; the run stays as the journal has it")]
    public static partial void TurnFailed(this ILogger logger, Exception error, RunId runId);

    [LoggerMessage(2007, LogLevel.Information, "Run {RunId} cancel requested by {Actor}; open here: {Found}; {ElapsedMs:0.0} ms")]
    public static partial void CancelRequested(this ILogger logger, RunId runId, string actor, bool found, double elapsedMs);

    [LoggerMessage(2008, LogLevel.Error, "Run {RunId} cannot be taken over and stays as it is")]
    public static partial void NotAdopted(this ILogger logger, Exception error, RunId runId);

    [LoggerMessage(2009, LogLevel.Information, "Engine {InstanceId} stops; open runs: {Running}, drain for at most {DrainMs:0} ms")]
    public static partial void EngineStopping(this ILogger logger, string instanceId, int running, double drainMs);

    [LoggerMessage(2010, LogLevel.Information, "Engine {InstanceId} stopped in {ElapsedMs:0} ms")]
    public static partial void EngineStopped(this ILogger logger, string instanceId, double elapsedMs);

    [LoggerMessage(2012, LogLevel.Debug, "Run {RunId} of {Workflow} submitted by {Trigger}")]
    public static partial void RunSubmitted(this ILogger logger, RunId runId, string workflow, string trigger);

    [LoggerMessage(2013, LogLevel.Debug, "Run {RunId} to be cancelled by {Actor}")]
    public static partial void Cancelling(this ILogger logger, RunId runId, string actor);

    [LoggerMessage(2014, LogLevel.Debug, "Taking over open runs ({Runs}): {Reason}")]
    public static partial void Adopting(this ILogger logger, int runs, string reason);

    [LoggerMessage(2015, LogLevel.Information, "Took over open runs ({Runs}) in {ElapsedMs:0} ms: {Reason}")]
    public static partial void Adopted(this ILogger logger, int runs, double elapsedMs, string reason);

    [LoggerMessage(2019, LogLevel.Warning, "The scratch folder {Folder} of run {RunId} cannot be removed: it stays until the run itself is removed")]
    public static partial void ScratchStays(this ILogger logger, Exception error, RunId runId, string folder);

    [LoggerMessage(2011, LogLevel.Error, "Run {RunId} task {TaskId} attempt {Attempt}: the executor threw")]
    public static partial void ExecutorThrew(this ILogger logger, Exception error, RunId runId, Core.Definitions.TaskId taskId, int attempt);
}
