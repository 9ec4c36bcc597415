using Orchestrator.Engine.Definitions;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Engine;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Lifecycle.Health;
using Orchestrator.Engine.Scheduling;
using System.Net.Sockets;

namespace Orchestrator.Worker.Hosting;

/// <summary>
/// The life of `serve`, in order: lock, journal, health, recovery, definitions, readiness; then drain, interruption, the last telemetry.
/// </summary>
/// <param name="look">Where it is to end by itself: what it does until then.</param>
internal sealed class ServeHost(Settings settings, IReadOnlyDictionary<string, string> environment, string version, TextWriter logs, OneLook? look = null)
{
    // Only one process holds serve.lock, so its journal folder can have one name for ever.
    private const string Writer = "serve";
    private readonly Readiness _readiness = new();
    private readonly ServeNode _node = new() { Look = look };

    /// <param name="ready">Called once requests are taken, with the address and the socket.</param>
    /// <param name="stop">Ends it like SIGTERM.</param>
    public async Task RunAsync(Action<ServeHolder> ready, CancellationToken stop)
    {
        var clock = TimeProvider.System;
        if (look is not { Listens: false }) BindRule.Check(settings.Options.Api);
        if (settings.Options.Api.TokenFile is { } tokens) Api.TokenList.Read(tokens);
        var store = settings.Store;
        using var held = await ServeLock.TakeAsync(store, clock, stop);
        using var socket = LocalSocket.Prepare(store, environment.GetValueOrDefault("XDG_RUNTIME_DIR"));
        var identity = WorkerIdentity.Of(settings.Options.Runner, version);
        await using var app = ServeApplication.Build(settings, identity, socket.Path, _node, _readiness, logs);
        var log = app.Services.GetRequiredService<ILogger<ServeHost>>();

        await using var manager = new ServiceNotifier(new SystemdNotifier(), environment, Environment.ProcessId, log);
        manager.Status("Starting: opening the journal");

        app.Services.GetRequiredService<Installation>().Prepare();
        var began = clock.GetTimestamp();
        var storage = app.Services.GetRequiredService<StorageHealth>();
        Surprises.Tell(settings, log);
        log.OpeningJournal(store.Place);
        await using var assembly = EngineAssembly.Open(settings, identity, environment, Writer, journalPatience: null, CatalogLookup.Of(app.Services.GetRequiredService<WorkflowCatalog>()), clock, app.Services.GetRequiredService<ILoggerFactory>(), app.Services.GetRequiredService<TelemetryHealth>(), storage, archivesWhenTold: true);
        _node.Open(assembly);
        log.JournalOpen(clock.GetElapsedTime(began).TotalMilliseconds);
        manager.Status("Starting: taking over runs");
        try
        {
            // The runs of dead writers are read while the web host starts; requests wait for readiness.
            var adopting = assembly.Ownership.ClaimAbandonedAsync();
            using var ends = look is null ? null : Follow(look, assembly, app.Services);
            await Task.WhenAll(ListenAsync(app, settings.Options.Api, socket, stop), adopting);
            await using var work = await ServeWork.BeginAsync(assembly, await adopting, app.Services, settings, identity, log, stop);
            var holder = new ServeHolder(Environment.ProcessId, clock.GetUtcNow(), socket.Path, AddressOf(app)) { Once = look is not null };
            held.Announce(holder);
            _readiness.Ready();
            log.Ready(work.Workflows, holder.Url, holder.Socket);
            ready(holder);
            LateWork.Begin(assembly, app.Services, settings, log);

            manager.Describe = () => Heartbeat.Describe(assembly.Engine.Snapshot, settings.Options.Runner.Slots, storage.Of(StoragePart.Journal));
            storage.Changed += () => manager.Status(manager.Describe());
            // AddSystemd would make this the host's own lifetime, which says READY when the port is open. Joined only now it says so after recovery; the
            // host's lifetime already logs start and stop.
            using var systemd = new SystemdLifetime(app.Environment, app.Lifetime, manager, NullLoggerFactory.Instance);
            await systemd.WaitForStartAsync(stop);   // READY, before any sign of life; STOPPING when the drain begins
            await using var heartbeat = new Heartbeat(manager, assembly.Engine.PingAsync, clock, log);
            await StoppingAsync(app, look is null ? null : token => look.RunAsync(work, settings.Options.Shutdown.Drain, token), stop);
            _readiness.NotReady("stopping");
            await DrainAsync(assembly, work, look is { End.IsInterrupted: false } ? "done" : "SIGTERM", log, clock);
        }
        finally
        {
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

    private async Task DrainAsync(EngineAssembly assembly, ServeWork work, string reason, ILogger log, TimeProvider clock)
    {
        var began = clock.GetTimestamp();
        log.Stopping(assembly.Engine.Snapshot.UsedSlots, settings.Options.Shutdown.Drain.TotalMilliseconds);
        await work.StopAsync(reason);
        await assembly.Engine.StopAsync(settings.Options.Shutdown.Drain);
        await assembly.Publisher.FlushAsync(CancellationToken.None);   // the host's own stop ends the exporters
        log.Stopped(clock.GetElapsedTime(began).TotalMilliseconds);
    }

    private static IDisposable Follow(OneLook look, EngineAssembly assembly, IServiceProvider services)
    {
        services.GetRequiredService<ScheduleReconciler>().Recorded += look.Take;
        return assembly.Engine.Subscribe(look.Take);
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
