using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Executors.Delegate;
using Orchestrator.Engine.Hosting;
using Orchestrator.Engine.Running;
using Orchestrator.Engine.Telemetry;

namespace Orchestrator.Benchmarks;

/// <summary>An engine in this process on a real journal in a folder of its own, which is deleted afterwards.</summary>
internal sealed class EmbeddedEngine : IAsyncDisposable
{
    private readonly string _folder;
    private readonly CountingDisk _disk;
    private readonly JsonlRunJournal _journal;
    private readonly LifecyclePublisher _publisher;
    private readonly NodeEngine _node;
    private long _events;

    private EmbeddedEngine(string folder, CountingDisk disk, JsonlRunJournal journal, int slots, ILoggerFactory logs)
    {
        (_folder, _disk, _journal) = (folder, disk, journal);
        var clock = TimeProvider.System;
        var delegates = new TaskDelegates().Add("nothing", (_, _) => Task.CompletedTask)
            .Add("fibo", (_, _) => Task.FromResult(Fibo(10))).Add("brief", async (_, stop) =>
        {
            using var timer = new PeriodicTimer(Brief, clock);
            await timer.WaitForNextTickAsync(stop);
        });
        _publisher = new(new(), new("orchestrator", "benchmark", Environment.MachineName, "0"), clock, logs);
        _node = new(new()
        {
            Options = new() { Runner = new() { Slots = slots, MaxOpenRuns = 20_000 } }, Identity = new("benchmark", "0"), Environment = new Dictionary<string, string>(),
            Store = new DataDirectory(folder), Journal = journal, Publisher = _publisher, Workflows = (name, _) => new(null, $"There is no workflow '{name}'."),
            Delegates = delegates, BaseDirectory = folder, Clock = clock, Logs = logs,
        });
        _node.Engine.Subscribe(batch => Interlocked.Add(ref _events, batch.Events.Count));
    }

    private static int Fibo(int n) => n <= 1 ? n : Fibo(n - 1) + Fibo(n - 2);

    /// <summary>What a step of the delegate "brief" takes.</summary>
    public static readonly TimeSpan Brief = TimeSpan.FromMilliseconds(10);

    public int OpenRuns => _node.Engine.Snapshot.OpenRuns;

    public (long Commits, long Events) Counted => (_disk.Syncs, Interlocked.Read(ref _events));

    public static async Task<EmbeddedEngine> OpenAsync(string parent, int slots = 1000, ILoggerFactory? logs = null)
    {
        var folder = Directory.CreateDirectory(Path.Combine(parent, $"engine-{Guid.NewGuid():N}")).FullName;
        var disk = new CountingDisk();
        return new(folder, disk, await JsonlRunJournal.OpenAsync(new() { DataDirectory = folder, Writer = "benchmark", Disk = disk }), slots, logs ?? NullLoggerFactory.Instance);
    }

    /// <summary>A chain of tasks that call a delegate which does nothing.</summary>
    public static WorkflowDefinition Chain(int steps, string work = "nothing", string tenant = "default")
    {
        var workflow = Workflow.Named($"chain-{tenant}").Tenant(tenant);
        for (var i = 0; i < steps; i++)
        {
            var step = i;
            workflow.Task($"s{step}", t => { t.Delegate(work); if (step > 0) t.DependsOn($"s{step - 1}"); });
        }
        return workflow.Build();
    }

    /// <summary>One task that is nothing.</summary>
    public static WorkflowDefinition Empty() => Workflow.Named("empty").Task("only", t => t.Noop()).Build();

    /// <summary>From submission to the end being durable and told.</summary>
    public async Task<RunId> RunAsync(WorkflowDefinition definition)
    {
        var (accepted, end) = await _node.Engine.SubmitAndWatchAsync(new() { Definition = definition, Origin = new RunOrigin.Api("test") });
        await end;
        return accepted.RunId;
    }

    /// <summary>Until it is durable that the run will be carried out.</summary>
    public Task SubmitAsync(WorkflowDefinition definition) => _node.Engine.SubmitAsync(new() { Definition = definition, Origin = new RunOrigin.Api("test") });

    /// <summary>Reads what the journal kept of the runs.</summary>
    /// <exception cref="WrongResultException">A run has not done all its tasks, or not with the events it takes.</exception>
    public async Task VerifyAsync(IEnumerable<RunId> runs, int tasks)
    {
        var expected = 4 + (2 * tasks) + 3;   // created, queued, started, stage; a start and an end per task; stage, finalizing, end
        foreach (var run in runs)
        {
            var events = new List<RecordedEvent>();
            await foreach (var e in _journal.ReadAsync(StreamId.Run(run), 0, CancellationToken.None)) events.Add(e);
            if (events.Count != expected) throw new WrongResultException($"run {run} has {events.Count} events instead of {expected}");
            for (var i = 0; i < events.Count; i++)
                if (events[i].Seq != i + 1) throw new WrongResultException($"event {i + 1} of run {run} has seq {events[i].Seq}");
            if (events[^1].Event is not WorkflowCompleted { Completed: var done } || done != tasks)
                throw new WrongResultException($"run {run} ended with {events[^1].Event}");
        }
    }

    /// <summary>Completes once finished runs are archived: work that a run does not wait for, but that must keep up.</summary>
    public Task SettledAsync() => _journal.SettledAsync();

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        await _publisher.DisposeAsync();
        await _journal.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}

/// <summary>What was measured did not happen: the one reason to end with a failure.</summary>
internal sealed class WrongResultException(string message) : Exception(message);
