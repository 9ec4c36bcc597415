using System.Diagnostics.CodeAnalysis;
using Orchestrator.Core;
using Orchestrator.Core.Admission;
using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Running.Admission;

/// <summary>
/// Which accepted run starts next is decided by <see cref="AdmissionBook"/>; this asks it with the clock's
/// time, and executes the answer. Belongs to the loop.
/// </summary>
internal sealed class Admissions
{
    private readonly TimeProvider _clock;
    private readonly Action<OpenRun, RunInput> _deliver;
    private readonly AdmissionTimer _timer;
    private readonly AdmissionBook _book;
    private readonly Dictionary<Ticket, OpenRun> _runs = [];
    private readonly long _startStamp;

    /// <param name="deliver">Gives a run an input.</param>
    public Admissions(RunEngineOptions options, TimeProvider clock, Action<LoopMessage> post, Action<OpenRun, RunInput> deliver)
    {
        (_clock, _deliver, _timer, _startStamp) = (clock, deliver, new(clock, post), clock.GetTimestamp());
        _book = new(new(options.MaxRunningRuns, options.MaxRunningRuns - (options.MaxRunningRuns / RunEngineOptions.ReservedShare), options.Limits.RunsPerSecond, options.Limits.Burst, options.Limits.Of));
    }

    /// <summary>Accepted runs that have not been admitted.</summary>
    public int Waiting => _book.Waiting;

    /// <summary>Admitted runs that have not ended; paused ones are not among them.</summary>
    public int Running => _book.Running;

    /// <summary>Since when the run waits that has waited longest; runs before their earliest start do not count.</summary>
    public DateTimeOffset? Oldest => _book.Oldest;

    /// <summary>An accepted run wants to start.</summary>
    public void Add(OpenRun run, WorkflowCreated facts)
    {
        _runs[run.Ticket = _book.Add(run.Id, () => run.State, facts, Now())] = run;
        TellSuperseded();
    }

    /// <summary>A run that has been admitted by an earlier process goes on here, whatever the limits say now.</summary>
    public void Resume(OpenRun run) => _runs[run.Ticket = _book.Resume(run.Id, () => run.State, Now())] = run;

    /// <summary>The next run to be started, if one may start now. Otherwise the loop is woken when that could have changed with time.</summary>
    public bool TryNext([NotNullWhen(true)] out OpenRun? run)
    {
        run = _book.TryNext(Now(), out var next, out var wait) ? _runs[next] : null;
        if (wait is { } time) _timer.Within(time);
        TellSuperseded();
        return run is not null;
    }

    /// <summary>The timer has rung.</summary>
    public void Due() => _timer.Rang();

    /// <summary>What a turn did to a run's status.</summary>
    public void StatusChanged(OpenRun run, RunStatus before, RunStatus after)
    {
        if (run.Ticket is { } ticket) _book.StatusChanged(ticket, before, after);
    }

    /// <summary>The run has ended, or is not held here any more.</summary>
    public void Leave(OpenRun run)
    {
        if (run.Ticket is not { } ticket) return;
        _book.Leave(ticket);
        run.Ticket = null;
        _runs.Remove(ticket);
    }

    public void Stop() => _timer.Stop();

    private void TellSuperseded()
    {
        foreach (var (ticket, by) in _book.TakeSuperseded())
            _deliver(_runs[ticket], new RunInput.Cancel($"run {by.Run} of group '{by.Group!.Name}'", CancelReason.Superseded));
    }

    private Moment Now() => new(_clock.GetUtcNow(), _clock.GetElapsedTime(_startStamp).TotalMilliseconds);
}
