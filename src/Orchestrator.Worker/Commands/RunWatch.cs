using System.Threading.Channels;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Runs.View;
using Orchestrator.Engine.Lifecycle;

namespace Orchestrator.Worker.Commands;

/// <summary>Collects one run's events as the engine tells them and shows them without holding the engine up.</summary>
internal sealed class RunWatch : IAsyncDisposable
{
    private readonly Channel<AppendedBatch> _batches = Channel.CreateUnbounded<AppendedBatch>(new() { SingleReader = true });
    private readonly List<RecordedEvent> _events = [];
    private readonly RunId _run;
    private readonly IRunProgress? _progress;
    private readonly Task _showing;

    public RunWatch(RunId run, IRunProgress? progress)
    {
        (_run, _progress) = (run, progress);
        _showing = Task.Run(ShowAsync);
    }

    /// <summary>Everything there was, once disposed.</summary>
    public IReadOnlyList<RecordedEvent> Events => _events;

    public WorkflowDefinition? Definition { get; private set; }

    public void Observe(AppendedBatch batch)
    {
        if (batch.RunId == _run) _batches.Writer.TryWrite(batch);
    }

    public RunView View(string folder) => RunView.From(Definition, _run, _events) with { ReportDir = folder };

    public async ValueTask DisposeAsync()
    {
        _batches.Writer.TryComplete();
        await _showing;
    }

    private async Task ShowAsync()
    {
        using var progress = _progress;
        await foreach (var batch in _batches.Reader.ReadAllAsync())
        {
            Definition = batch.Definition;
            foreach (var recorded in batch.Events)
            {
                _events.Add(recorded);
                if (!batch.IsHistory) progress?.Show(recorded);
            }
        }
    }
}
