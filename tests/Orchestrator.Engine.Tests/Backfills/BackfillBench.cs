using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules.Backfills;
using Orchestrator.Engine.Backfills;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Running;
using Orchestrator.Engine.Tests.Scheduling;
using Orchestrator.TestKit;

namespace Orchestrator.Engine.Tests.Backfills;

/// <summary>A backfill of a workflow with a date parameter, an engine that takes runs and ends them when the test says so, and a clock the test moves.</summary>
internal sealed class BackfillBench : IAsyncDisposable
{
    private static readonly WorkflowDefinition Flow = new()
    {
        Name = "flow", Params = [new() { Name = "day", Type = ParameterType.Date, Required = true }], Tasks = [new() { Id = new("a"), Action = new NoopAction() }],
    };

    private readonly OpenBackfills _open;
    private readonly DataDirectory _store = new(Directory.CreateTempSubdirectory("orc-backfill").FullName);
    private readonly Lock _gate = new();
    private readonly List<(Func<bool> Holds, TaskCompletionSource Met)> _awaited = [];
    private BackfillState _state = BackfillState.Empty;

    public BackfillBench()
    {
        _open = new(new(Journal, _store, new(SubmitAsync, CancelAsync), Clock, () => "here", NullLogger.Instance));
        _open.Recorded += e => Change(() => _state = _state.Apply(e));
    }

    public ManualTimeProvider Clock { get; } = new(SchedulingBench.At("2026-02-01T00:00:00Z"));
    public LedgerJournal Journal { get; } = new();
    public List<RunRequest> Runs { get; } = [];
    public List<(RunId Run, string Actor)> Cancelled { get; } = [];
    public int FullFor { get; set; }
    public bool RefuseAll { get; set; }
    public BackfillState State { get { lock (_gate) return _state; } }

    public IEnumerable<string> Days { get { lock (_gate) return [.. Runs.Select(r => r.Params.Bind(Flow, Clock.GetUtcNow()).Values["day"].GetString()!)]; } }

    public async Task CreateAsync(string to, int parallelism = 1, BackfillOrder order = BackfillOrder.Oldest)
    {
        var request = new BackfillRequest { Param = "day", From = "2026-01-01", To = to, Parallelism = parallelism, Order = order, Actor = "ann" };
        if (!BackfillPlanner.TryPlan(Flow, request, Clock.GetUtcNow(), out var plan, out var problems)) throw new FormatException(string.Join(' ', problems));
        await _open.CreateAsync("0199a3b2-7c4e-7d10-9a52-6f0c1e2d3b4a", Flow, plan);
    }

    public Task<BackfillState?> CancelAsync() => _open.CancelAsync("0199a3b2-7c4e-7d10-9a52-6f0c1e2d3b4a", "ann", "wrong");

    /// <summary>Completes once something holds of what was journaled and submitted.</summary>
    public Task UntilAsync(Func<BackfillState, bool> holds)
    {
        var met = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Change(() => _awaited.Add((() => holds(_state), met)));
        return met.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    /// <summary>A run ends, and the engine tells of it.</summary>
    public void End(RunId run, bool fails = false) => Tell(run, fails ? Failed : new WorkflowCompleted { Total = 1, Completed = 1, Failed = 0, FailedAllowed = 0, Skipped = 0, Cancelled = 0, DurationMs = 1, Reason = "ok" });

    /// <summary>A run fails, and another one repeats it.</summary>
    public void Repeat(RunId run, RunId next) => Tell(run, new WorkflowRetrying(next, 2, Clock.GetUtcNow()), Failed);

    public ValueTask DisposeAsync() => _open.DisposeAsync();

    private static WorkflowFailed Failed => new() { Total = 1, Completed = 0, Failed = 1, FailedAllowed = 0, Skipped = 0, Cancelled = 0, DurationMs = 1, Reason = "bad", Error = "e", ErrorType = FailureKind.ExitCode, ErrorClass = ErrorClass.Task };

    private void Tell(RunId run, params JournalEvent[] events) =>
        _open.Take(new(run, Flow, [.. events.Select((e, i) => new RecordedEvent(StreamId.Run(run), i + 1, Clock.GetUtcNow(), e))]));

    private Task<RunAccepted> SubmitAsync(RunRequest request, CancellationToken stop)
    {
        if (RefuseAll) throw new RunRefusedException("no such pool");
        if (FullFor > 0)
        {
            FullFor--;
            throw new TooManyRunsException(1);
        }
        var existed = false;
        Change(() =>
        {
            existed = Runs.Any(r => r.RunId == request.RunId);
            if (!existed) Runs.Add(request);
        });
        return Task.FromResult(new RunAccepted(request.RunId!.Value, existed));
    }

    private Task CancelAsync(RunId run, CancelAsk ask, CancellationToken stop)
    {
        Change(() => Cancelled.Add((run, ask.Actor)));
        return Task.CompletedTask;
    }

    private void Change(Action change)
    {
        lock (_gate)
        {
            change();
            foreach (var (holds, met) in _awaited)
                if (holds()) met.TrySetResult();
        }
    }
}
