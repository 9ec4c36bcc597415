using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;

namespace Orchestrator.Engine.Running.Mail;

/// <summary>
/// How one process asks another to cancel a run it owns: mail to the run that says who asks. The owner looks for
/// it every half second. It outlives the owner: a run resumed later is cancelled first thing, which is what its author wanted.
/// </summary>
internal sealed class CancelRequest(IRunMail mail, RunId run)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    /// <summary>Leaves the request; a second one changes nothing.</summary>
    public void Leave(CancelAsk ask) => mail.AskToCancel(run, ask);

    /// <summary>Takes the request back, for example because it has been carried out.</summary>
    public void Remove() => mail.ForgetCancel(run);

    /// <summary>Who asks; null when nobody does.</summary>
    public CancelAsk? Read() => mail.CancelAskedBy(run);

    /// <summary>Waits until somebody asks and returns who; null once <paramref name="stop"/> fires.</summary>
    public async Task<CancelAsk?> WaitAsync(TimeProvider clock, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        // Disposing the timer ends the wait with false. A token would end it with an exception, which every run would pay for.
        using var ending = stop.UnsafeRegister(static t => ((PeriodicTimer)t!).Dispose(), timer);
        do
        {
            if (Read() is { } ask) return ask;
        }
        while (await timer.WaitForNextTickAsync(CancellationToken.None).ConfigureAwait(false));
        return null;
    }
}
