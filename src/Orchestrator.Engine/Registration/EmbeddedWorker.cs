using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestrator.Engine.Files;
using Orchestrator.Engine.Hosting;

namespace Orchestrator.Engine.Registration;

/// <summary>Begins and stops the node of somebody else's host, in whose process it holds the data directory's lock.</summary>
internal sealed class EmbeddedWorker(OrchestratorNode node, OrchestratorClient client, TimeProvider clock, ILogger<EmbeddedWorker> log)
    : IHostedService, IAsyncDisposable
{
    private DirectoryLock? _held;
    private bool _ready;
    private bool _disposed;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            var began = clock.GetTimestamp();
            _held = await NodeLock.TryTakeAsync(node.Store, clock, cancellationToken).ConfigureAwait(false)
                ?? throw new IOException(
                    $"The data directory {node.Store.Place} is in use by another worker or by `orchestrator serve`. Give each worker a DataDirectory of its own.");
            await Task.Run(node.Open, cancellationToken).ConfigureAwait(false);
            var adopted = await node.ClaimAsync().ConfigureAwait(false);
            await node.BeginAsync(adopted, cancellationToken).ConfigureAwait(false);
            _ready = true;
            client.Open(node);
            log.Ready(node.Catalog.Current.Workflows.Count, adopted.Count, clock.GetElapsedTime(began).TotalMilliseconds);
            node.BeginLate();
        }
        catch (Exception e)
        {
            client.Fail(e);
            await DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    // The host's patience may be at its end before the drain is.
    public Task StopAsync(CancellationToken cancellationToken) => _ready ? node.StopAsync("host", cancellationToken) : Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_disposed) return;
        _disposed = true;
        await node.DisposeAsync().ConfigureAwait(false);
        _held?.Dispose();
    }
}
