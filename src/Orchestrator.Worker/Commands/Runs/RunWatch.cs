using System.Threading.Channels;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Runs.View;
using Orchestrator.Engine.Telemetry;

namespace Orchestrator.Worker.Commands.Runs;

/// <summary>Collects one run's events as the engine tells them and shows them without holding the engine up.</summary>
internal sealed class RunWatch : IAsyncDisposable
{
    // Only where they are shown: to keep them takes no time worth a thread's waking.
    private readonly Channel<AppendedBatch>? _batches;
    private readonly List<RecordedEvent> _events = [];
    private readonly RunId _run;
    private readonly IRunProgress? _progress;
    private readonly Task _showing;

    public RunWatch(RunId run, IRunProgress? progress)
    {
        (_run, _progress) = (run, progress);
        if (progress is null)
        {
            _showing = Task.CompletedTask;
            return;
        }
        _batches = Channel.CreateUnbounded<AppendedBatch>(new() { SingleReader = true });
        _showing = Task.Run(() => ShowAsync(_batches.Reader));
    }

    /// <summary>Everything there was, once disposed.</summary>
    public IReadOnlyList<RecordedEvent> Events => _events;

    public WorkflowDefinition? Definition { get; private set; }

    public void Observe(AppendedBatch batch)
    {
        if (batch.RunId != _run) return;
        if (_batches is not null) _batches.Writer.TryWrite(batch);
        else lock (_events) Keep(batch);
    }

    public RunView View(string folder) => RunView.From(Definition, _run, _events) with { ReportDir = folder };

    public ValueTask DisposeAsync()
    {
        _batches?.Writer.TryComplete();
        return new(_showing);
    }

    private void Keep(AppendedBatch batch)
    {
        Definition = batch.Definition;
        foreach (var recorded in batch.Events) _events.Add(recorded);
    }

    private async Task ShowAsync(ChannelReader<AppendedBatch> batches)
    {
        using var progress = _progress;
        await foreach (var batch in batches.ReadAllAsync())
        {
            Keep(batch);
            if (batch.IsHistory) continue;
            foreach (var recorded in batch.Events) progress!.Show(recorded);
        }
    }
}
