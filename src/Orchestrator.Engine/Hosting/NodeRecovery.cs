using Microsoft.Extensions.Logging;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Running;
using Orchestrator.Engine.Running.Mail;

namespace Orchestrator.Engine.Hosting;

/// <summary>Runs of workers that are gone go on, and get what was left for them meanwhile.</summary>
internal sealed class NodeRecovery(RunEngine engine, IRunMail mail, IReadOnlyList<AdoptedRun> adopted, TimeProvider clock, ILogger log) : INodeFeature
{
    public async Task BeginAsync(CancellationToken stop)
    {
        var began = clock.GetTimestamp();
        await engine.AdoptAsync(adopted, "its worker was gone when this one started", stop).ConfigureAwait(false);
        foreach (var run in adopted)
        {
            // Somebody asked while no process carried the run out. The file stays: a crash now must not forget it.
            if (new CancelRequest(mail, run.RunId).Read() is { } ask) await engine.CancelAsync(run.RunId, ask, stop).ConfigureAwait(false);
            await new AnswerMailbox(mail, run.RunId).DeliverAsync(engine, stop).ConfigureAwait(false);
        }
        log.RunsAdopted(adopted.Count, clock.GetElapsedTime(began).TotalMilliseconds);
    }
}
