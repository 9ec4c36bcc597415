using System.Runtime.InteropServices;
using Orchestrator.Core.Runs;

namespace Orchestrator.Worker.Commands.Runs;

/// <summary>
/// What signals do to a run in this process: SIGINT cancels it, a second one kills its processes at once, a third ends the program.
/// SIGTERM and SIGHUP interrupt it so that it can be resumed.
/// </summary>
internal sealed class RunSignals : IDisposable
{
    private readonly RunId _run;
    private readonly LocalEngine _local;
    private readonly CommandContext _around;
    private readonly PosixSignalRegistration[] _registrations;
    private int _interrupts;

    public RunSignals(RunId run, LocalEngine local, CommandContext around)
    {
        (_run, _local, _around) = (run, local, around);
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, OnInterrupt),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnTerminate),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, OnTerminate),
        ];
    }

    public void Dispose()
    {
        foreach (var registration in _registrations) registration.Dispose();
    }

    private void OnInterrupt(PosixSignalContext context)
    {
        var count = Interlocked.Increment(ref _interrupts);
        if (count > 2) return;   // the default: the program ends
        context.Cancel = true;
        if (count == 1)
        {
            _around.Error.WriteLine("Cancelling. Press Ctrl-C again to kill running tasks.");
            _ = _local.Engine.CancelAsync(_run, $"{_around.UserName} (Ctrl-C)");
        }
        else
        {
            _around.Error.WriteLine("Killing running tasks.");
            _ = _local.KillAsync(_run);
        }
    }

    private void OnTerminate(PosixSignalContext context)
    {
        context.Cancel = true;
        _ = _local.Engine.StopAsync(TimeSpan.Zero);
    }
}
