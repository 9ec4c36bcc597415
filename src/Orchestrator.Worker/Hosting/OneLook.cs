using Orchestrator.Core;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Hosting;
using Orchestrator.Engine.Scheduling;
using Orchestrator.Engine.Telemetry;
using Orchestrator.Engine.Triggers;

namespace Orchestrator.Worker.Hosting;

/// <summary>
/// What `serve --once` does: one look at all schedules, then until everything that is open has ended. Another `serve --once` that finds it at work asks it to look
/// once more, so that nothing that is due is missed while a long run goes on.
/// </summary>
internal sealed class OneLook(TimeProvider clock)
{
    private const int MaxRuns = 1_000;
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(50);
    // Looks come about every minute: deliveries that wait for longer are for one of those.
    private static readonly TimeSpan MaxHeld = TimeSpan.FromMinutes(1);
    private readonly Lock _gate = new();
    private readonly List<EndedRun> _runs = [];
    private readonly SortedDictionary<RunStatus, int> _ends = [];
    private int _started, _passed, _queued, _asked;
    private bool _isOver;

    /// <summary>Whether the HTTP API is served meanwhile.</summary>
    public bool Listens { get; init; }

    /// <summary>What came of it, once it is over.</summary>
    public LookEnd End
    {
        get { lock (_gate) return new([.. _runs], new(_ends), _started, _passed, _queued) { IsInterrupted = !_isOver, Schedules = Schedules, Wrong = Wrong, Held = Held }; }
    }

    private int Schedules { get; set; }

    private IReadOnlyList<string> Wrong { get; set; } = [];

    private IReadOnlyList<HeldDeliveries> Held { get; set; } = [];

    /// <summary>An entry of a schedule's ledger.</summary>
    public void Take(RecordedEvent recorded)
    {
        lock (_gate)
            switch (recorded.Event)
            {
                case ScheduleStarts: _started++; break;
                case ScheduleSkipped e: _passed += e.Count ?? 1; break;
                case ScheduleBlocked: _passed++; break;
                case ScheduleQueued: _queued++; break;
            }
    }

    /// <summary>What the engine journals: how runs end.</summary>
    public void Take(AppendedBatch batch)
    {
        if (batch.IsHistory || batch.Events is not [.., { Event: WorkflowEnded end }]) return;
        lock (_gate)
        {
            _ends[end.StatusTo] = _ends.GetValueOrDefault(end.StatusTo) + 1;
            if (_runs.Count < MaxRuns) _runs.Add(new(batch.RunId, batch.Definition.Name, end.StatusTo, (end as WorkflowFailed)?.Error));
        }
    }

    /// <summary>Somebody else was started to look: this looks for them. False when it is about to end.</summary>
    public async Task<bool> AskAsync(ScheduleReconciler schedules)
    {
        lock (_gate)
        {
            if (_isOver) return false;
            _asked++;
        }
        try { await schedules.LookAsync(CancellationToken.None); }
        finally { lock (_gate) _asked--; }
        return true;
    }

    /// <summary>Completes when nothing is left to do.</summary>
    /// <param name="node">What is waited for.</param>
    /// <param name="patience">How long deliveries are waited for after the last run.</param>
    /// <param name="stop">It is interrupted.</param>
    public async Task RunAsync(OrchestratorNode node, TimeSpan patience, CancellationToken stop)
    {
        await node.Looked.WaitAsync(stop);
        (Schedules, Wrong) = (node.Schedules, node.Wrong);
        // Twice in a row: the end of a run is told to triggers by way of the stored order of events.
        for (var idle = 0; idle < 2 || !IsOver(); idle = await node.IsIdleAsync(clock.GetUtcNow() + MaxHeld, stop) ? idle + 1 : 0) await Task.Delay(Pace, clock, stop);
        Held = node.Held;
        var began = clock.GetTimestamp();
        while (!node.HasTold && clock.GetElapsedTime(began) < patience) await Task.Delay(Pace, clock, stop);
    }

    private bool IsOver()
    {
        lock (_gate) return _isOver = _asked == 0;
    }
}

/// <summary>A run that ended.</summary>
internal sealed record EndedRun(RunId Run, string Workflow, RunStatus Status, string? Error);

/// <summary>What one look came to.</summary>
/// <param name="Runs">The runs that ended, the first thousand.</param>
/// <param name="Ends">How many ended how.</param>
/// <param name="Started">Due times that started a run.</param>
/// <param name="Passed">Due times that passed without one.</param>
/// <param name="Queued">Due times that waited for another run first.</param>
internal sealed record LookEnd(IReadOnlyList<EndedRun> Runs, SortedDictionary<RunStatus, int> Ends, int Started, int Passed, int Queued)
{
    /// <summary>It was stopped before everything had ended.</summary>
    public bool IsInterrupted { get; init; }

    /// <summary>Schedules that definitions have, those that are off or wrong too.</summary>
    public int Schedules { get; init; }

    /// <summary>Definitions and schedules that are wrong, a line each.</summary>
    public IReadOnlyList<string> Wrong { get; init; } = [];

    /// <summary>Deliveries of triggers that wait for longer than a look does.</summary>
    public IReadOnlyList<HeldDeliveries> Held { get; init; } = [];

    public int Code => IsInterrupted ? ExitCode.Unavailable : Wrong.Count > 0 ? ExitCode.Usage : Schedules == 0 ? ExitCode.Failed : ExitCode.Ok;
}
