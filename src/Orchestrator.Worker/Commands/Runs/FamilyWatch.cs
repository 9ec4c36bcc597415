using Orchestrator.Core.Runs;
using Orchestrator.Engine.Running;
using Orchestrator.Engine.Telemetry;

namespace Orchestrator.Worker.Commands.Runs;

/// <summary>
/// The runs that one `run` brings about: child runs that are not waited for, and runs that repeat a failed one. The process stays until all have ended.
/// </summary>
internal sealed class FamilyWatch : IDisposable
{
    private readonly Lock _gate = new();
    private readonly HashSet<RunId> _open = [];
    private readonly Dictionary<RunId, RunId> _next = [];
    private readonly IDisposable _subscription;
    private TaskCompletionSource _none = Done();

    public FamilyWatch(RunEngine engine) => _subscription = engine.Subscribe(Observe);

    /// <summary>Completes when no run is open.</summary>
    public Task NoneOpen
    {
        get { lock (_gate) return _none.Task; }
    }

    /// <summary>The last of the runs that repeat <paramref name="run"/>; itself where none does.</summary>
    public RunId LastOf(RunId run)
    {
        lock (_gate)
            while (_next.TryGetValue(run, out var next)) run = next;
        return run;
    }

    public void Dispose() => _subscription.Dispose();

    private void Observe(AppendedBatch batch)
    {
        lock (_gate)
            foreach (var recorded in batch.Events)
                switch (recorded.Event)
                {
                    case WorkflowCreated:
                        if (_open.Count == 0 && _none.Task.IsCompleted) _none = new(TaskCreationOptions.RunContinuationsAsynchronously);
                        _open.Add(batch.RunId);
                        break;
                    case WorkflowRetrying retrying:
                        _next[batch.RunId] = retrying.NextRunId;
                        break;
                    case WorkflowEnded:
                        _open.Remove(batch.RunId);
                        if (_open.Count == 0) _none.TrySetResult();
                        break;
                }
    }

    private static TaskCompletionSource Done()
    {
        var done = new TaskCompletionSource();
        done.SetResult();
        return done;
    }
}
