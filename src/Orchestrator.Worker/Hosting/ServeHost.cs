using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.AspNetCore.Access;
using Orchestrator.Engine.Files;
using Orchestrator.Engine.Hosting;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Scheduling;
using Orchestrator.Engine.Telemetry.Tracing;
using Orchestrator.Worker.Local;
using Orchestrator.Worker.Options;
using Orchestrator.Worker.Systemd;

namespace Orchestrator.Worker.Hosting;

/// <summary>
/// The life of `serve`, in order: lock, journal, health, recovery, definitions, readiness; then drain, interruption, the last telemetry.
/// </summary>
/// <param name="look">Where it is to end by itself: what it does until then.</param>
internal sealed class ServeHost(Settings settings, IReadOnlyDictionary<string, string> environment, string version, TextWriter logs, OneLook? look = null)
{
    private readonly Readiness _readiness = new();

    /// <param name="ready">Called once requests are taken, with the address and the socket.</param>
    /// <param name="stop">Ends it like SIGTERM.</param>
    public async Task RunAsync(Action<ServeHolder> ready, CancellationToken stop)
    {
        var clock = TimeProvider.System;
        if (look is not { Listens: false }) BindRule.Check(settings.Options.Api);
        if (settings.Options.Api.TokenFile is { } tokens) TokenList.Read(tokens);
        var fault = FaultPoint.From(environment);
        var store = fault is null ? settings.Store : settings.StoreFor(fault.Reached);
        using var held = await ServeLock.TakeAsync(store, clock, stop);
        using var socket = LocalSocket.Prepare(store, environment.GetValueOrDefault("XDG_RUNTIME_DIR"));
        await using var app = ServeApplication.Build(settings, Setup(settings, environment, version, fault?.On(store.State.Disk)), store, socket.Path, look, _readiness, logs);
        var log = app.Services.GetRequiredService<ILogger<ServeHost>>();

        await using var manager = new ServiceNotifier(new SystemdNotifier(), environment, Environment.ProcessId, log);
        manager.Status("Starting: opening the journal");

        var storage = app.Services.GetRequiredService<StorageHealth>();
        Surprises.Tell(settings, log);
        await using var node = app.Services.GetRequiredService<OrchestratorNode>();
        node.Open();
        manager.Status("Starting: taking over runs");
        try
        {
            // The runs of dead writers are read while the web host starts; requests wait for readiness.
            var adopting = node.ClaimAsync();
            using var ends = look is null ? null : Follow(look, node, app.Services);
            await Task.WhenAll(ListenAsync(app, settings.Options.Api, socket, stop), adopting);
            await node.BeginAsync(await adopting, stop);
            var holder = new ServeHolder(Environment.ProcessId, clock.GetUtcNow(), socket.Path, AddressOf(app)) { Once = look is not null };
            held.Announce(holder);
            _readiness.Ready();
            log.Ready(node.Catalog.Current.Workflows.Count, holder.Url, holder.Socket);
            ready(holder);
            node.BeginLate();

            manager.Describe = () => Heartbeat.Describe(node.Engine.Snapshot, settings.Options.Runner.Slots, storage.Of(StoragePart.Journal));
            storage.Changed += () => manager.Status(manager.Describe());
            // AddSystemd would make this the host's own lifetime, which says READY when the port is open. Joined only now it says so after recovery; the
            // host's lifetime already logs start and stop.
            using var systemd = new SystemdLifetime(app.Environment, app.Lifetime, manager, NullLoggerFactory.Instance);
            await systemd.WaitForStartAsync(stop);   // READY, before any sign of life; STOPPING when the drain begins
            await using var heartbeat = new Heartbeat(manager, node.Engine.PingAsync, clock, log);
            await StoppingAsync(app, look is null ? null : token => look.RunAsync(node, node.Drain, token), stop);
            _readiness.NotReady("stopping");
            await node.StopAsync(look is { End.IsInterrupted: false } ? "done" : "SIGTERM", CancellationToken.None);
        }
        finally
        {
            await node.EndAsync();
            await app.StopAsync(CancellationToken.None);
        }
    }

    private static async Task ListenAsync(WebApplication app, ApiOptions api, LocalSocket socket, CancellationToken stop)
    {
        try
        {
            await app.StartAsync(stop);
        }
        catch (Exception e) when ((e.InnerException?.InnerException ?? e.InnerException ?? e) is SocketException refused)
        {
            throw ListenFailure.Of(api.Url, refused);
        }
        socket.Restrict();
    }

    /// <summary>What `serve` says of its node.</summary>
    /// <param name="journal">The journal's disk, where tests of crashes need one of their own.</param>
    public static NodeSetup Setup(Settings settings, IReadOnlyDictionary<string, string> environment, string version, Disk? journal = null) => new()
    {
        Options = settings.Options, Identity = WorkerIdentity.Of(settings.Options.Runner.InstanceId, version), Environment = environment, Writer = "serve", JournalDisk = journal,
        Folders = [settings.Options.Workflows.Path], Configuration = settings.Configuration, BaseDirectory = settings.InlineFolder, Sampling = RunSampling.From(settings.Configuration),
    };

    private static IDisposable Follow(OneLook look, OrchestratorNode node, IServiceProvider services)
    {
        services.GetRequiredService<ScheduleReconciler>().Recorded += look.Take;
        return node.Engine.Subscribe(look.Take);
    }

    private static async Task StoppingAsync(WebApplication app, Func<CancellationToken, Task>? work, CancellationToken stop)
    {
        var stopping = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var byHost = app.Lifetime.ApplicationStopping.Register(() => stopping.TrySetResult());
        using var byCaller = stop.Register(app.Lifetime.StopApplication);
        using var stopped = CancellationTokenSource.CreateLinkedTokenSource(app.Lifetime.ApplicationStopping);
        if (work?.Invoke(stopped.Token) is { } working && await Task.WhenAny(stopping.Task, working) == working && !stopped.IsCancellationRequested)
        {
            await working;
            return;
        }
        await stopping.Task;
    }

    private static string AddressOf(WebApplication app) =>
        app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault(a => !a.Contains("unix:", StringComparison.Ordinal)) ?? "";
}
