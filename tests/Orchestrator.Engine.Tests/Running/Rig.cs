using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Executors;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Running;
using Orchestrator.Engine.Secrets;
using Orchestrator.Engine.Telemetry;
using Orchestrator.TestKit;
using Shouldly;

namespace Orchestrator.Engine.Tests.Running;

/// <summary>An engine on a bench: gated attempts, a clock that moves when told, a journal in memory.</summary>
internal sealed class Rig : IAsyncDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("orc-rig").FullName;

    public Rig(Action<RunEngineOptions>? configure = null, IRunJournal? journal = null, string? data = null, ITaskExecutor? executor = null, ManualTimeProvider? clock = null)
    {
        _data = data ?? _data;
        Clock = clock ?? new();
        Journal = journal ?? new MemoryRunJournal();
        Options = new() { InstanceId = "rig", Slots = 4 };
        configure?.Invoke(Options);
        Publisher = new(new LifecycleOptions(), new EventProducer("test", "rig", "host", "0"), Clock, NullLoggerFactory.Instance);
        Store = new(_data);
        Engine = new(Options, new()
        {
            Store = Store,
            Journal = Journal,
            Executors = _ => executor ?? Gate,
            Publisher = Publisher,
            Workflows = (name, _) => Workflows.TryGetValue(name, out var flow) ? new(flow) : new(null, $"There is no workflow '{name}'."),
            Secrets = new SecretSource(new Dictionary<string, string>()),
            Clock = Clock,
            Logs = NullLoggerFactory.Instance,
        });
    }

    public string Data => _data;
    public RunEngineOptions Options { get; }
    public ManualTimeProvider Clock { get; }
    public GatedExecutor Gate { get; } = new();
    public IRunJournal Journal { get; }

    /// <summary>What tasks that run other workflows find, by name.</summary>
    public Dictionary<string, WorkflowDefinition> Workflows { get; } = [];

    public DataDirectory Store { get; }
    public IDefinitionStore Definitions => Store.Definitions;
    public LifecyclePublisher Publisher { get; }
    public RunEngine Engine { get; }

    public static WorkflowDefinition Flow(params TaskDefinition[] tasks) => new() { Name = "flow", Tasks = [.. tasks] };

    public static TaskDefinition Task(string id, params string[] dependsOn) =>
        new() { Id = new(id), Action = new DelegateAction("gate"), DependsOn = [.. dependsOn.Select(d => new TaskId(d))] };

    public async Task<(RunId Id, Task<WorkflowEnded> End)> StartAsync(WorkflowDefinition flow)
    {
        var (accepted, end) = await Engine.SubmitAndWatchAsync(new RunRequest { Definition = flow, Origin = new RunOrigin.CommandLine("test") });
        return (accepted.RunId, end.WaitAsync(TimeSpan.FromSeconds(30)));
    }

    /// <summary>The worker stops in the middle of everything, and another one, later, takes over what it held of these runs.</summary>
    public async Task<Rig> RestartAsync(TimeSpan later, params RunId[] runs)
    {
        await Engine.StopAsync(TimeSpan.Zero).WaitAsync(TimeSpan.FromSeconds(30));
        var journal = new MemoryRunJournal();
        var left = new List<AdoptedRun>();
        foreach (var run in runs)
        {
            var events = await EventsAsync(run);
            await journal.AppendAsync(StreamId.Run(run), 0, 0, events, AppendDurability.Committed);
            left.Add(new(run, events));
        }
        var next = new Rig(journal: journal, data: Data, clock: new(Clock.GetUtcNow() + later));
        foreach (var (name, flow) in Workflows) next.Workflows.Add(name, flow);
        (await next.Engine.AdoptAsync(left, "worker rig is gone")).ShouldBeEmpty();
        return next;
    }

    /// <summary>How a run ends, or has ended: one that is adopted may be over before anybody asks.</summary>
    public async Task<WorkflowEnded> EndOf(RunId run)
    {
        try
        {
            return await Engine.WaitAsync(run).WaitAsync(TimeSpan.FromSeconds(30));
        }
        catch (KeyNotFoundException)
        {
            return (WorkflowEnded)(await EventsAsync(run))[^1].Event;
        }
    }

    public async Task<List<RecordedEvent>> EventsAsync(RunId run)
    {
        var events = new List<RecordedEvent>();
        await foreach (var e in Journal.ReadAsync(StreamId.Run(run), 0, default)) events.Add(e);
        return events;
    }

    /// <summary>Completes with the first event that fits, appended from now on.</summary>
    public Task<TEvent> NextAsync<TEvent>(Func<TEvent, bool>? fits = null) where TEvent : RunEvent
    {
        var found = new TaskCompletionSource<TEvent>(TaskCreationOptions.RunContinuationsAsynchronously);
        Engine.Subscribe(batch =>
        {
            foreach (var e in batch.Events)
                if (e.Event is TEvent t && fits?.Invoke(t) != false) found.TrySetResult(t);
        });
        return found.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    public async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync();
        await Publisher.DisposeAsync();
        await Journal.DisposeAsync();
    }
}
