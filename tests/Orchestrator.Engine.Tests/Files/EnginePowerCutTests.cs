using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Runs.View;
using Orchestrator.Engine.Executors;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Journal.Feed;
using Orchestrator.Engine.Reconciliation;
using Orchestrator.Engine.Reports;
using Orchestrator.Engine.Running;
using Orchestrator.Engine.Secrets;
using Orchestrator.Engine.Telemetry;
using Orchestrator.Engine.Tests.Running;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Files;

/// <summary>The power is cut while a whole engine works, with its journal, definitions, results, reports and feed. The next engine finishes what was accepted, and all sources agree.</summary>
public sealed class EnginePowerCutTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly WorkflowDefinition Flow = new()
    {
        Name = "flow", MaxWorkerLosses = 50,
        Tasks = [Rig.Task("a"), Rig.Task("b", "a"), Rig.Task("c", "a"), Rig.Task("d", "b", "c")],
    };

    [Fact]
    public async Task Runs_that_were_accepted_end_after_a_power_cut_at_any_step_and_reconcile()
    {
        using var lab = new PowerCutLab();
        await using (var worker = await Worker.StartAsync(lab.Paths))
        {
            for (var i = 0; i < 3; i++) await worker.RunAsync(lab);
            await worker.AcceptAsync(lab);
            lab.Disk.IsDead = true;
        }
        lab.Disk.IsDead = false;
        await using (var worker = await Worker.StartAsync(lab.Paths))
        {
            await worker.AllEndedAsync();
            await worker.RunAsync(lab);
        }
        await lab.CheckAsync(RecoverAsync);
    }

    private static async Task RecoverAsync(RunPaths paths)
    {
        await using (var worker = await Worker.StartAsync(paths)) await worker.AllEndedAsync();
        var store = new DataDirectory(paths);
        var (checking, feed) = (new RunReconciliation(store, _ => false), new FeedReconciliation(store, _ => false));
        var found = new List<string>();
        foreach (var run in store.Runs.ListRunIds())
        {
            var events = await store.Runs.ReadEventsAsync(run);
            if (events is not [.., { Event: WorkflowEnded }]) found.Add($"{run} has not ended");
            feed.Hold(run, events);
            found.AddRange(checking.Check(run, events).Select(d => d.ToString()));
        }
        feed.HoldRest(store.Runs);
        found.AddRange(feed.Differences.Concat(new FolderReconciliation(store, _ => true).Run(CancellationToken.None)).Select(d => d.ToString()));
        found.AddRange(store.Verify(CancellationToken.None).Findings.Where(f => f.IsDamage).Select(f => f.ToString()));
        if (found.Count > 0) throw new InvalidOperationException(string.Join('\n', found));
    }

    /// <summary>What `serve` puts together, as far as it writes.</summary>
    private sealed class Worker(DataDirectory store, JsonlRunJournal journal, LifecyclePublisher publisher, RunEngine engine, IReadOnlyList<AdoptedRun> adopted) : IAsyncDisposable
    {
        public static async Task<Worker> StartAsync(RunPaths paths)
        {
            var store = new DataDirectory(paths);
            var journal = await JsonlRunJournal.OpenAsync(new() { DataDirectory = paths.Root, Writer = "serve", Disk = paths.Disk, SegmentBytes = 6_000 });
            var adopted = await journal.ClaimAbandonedAsync();
            var feed = journal.OpenFeed(TimeProvider.System, NullLogger<EventFeed>.Instance);
            adopted = await new LostEvents(store, journal, TimeProvider.System, NullLogger.Instance).FindAsync(feed.ToldBefore, adopted, _ => { }, CancellationToken.None);
            feed.Start();
            var publisher = new LifecyclePublisher(new(), new EventProducer("test", "serve", "host", "0"), TimeProvider.System, NullLoggerFactory.Instance);
            publisher.Subscribe(_ => feed.Wake());
            var engine = new RunEngine(new() { InstanceId = "serve", Slots = 4 }, new()
            {
                Store = store, Journal = journal, Executors = _ => new Steps(), Publisher = publisher, Secrets = new SecretSource(new Dictionary<string, string>()),
                Limits = new() { Disk = paths.Disk }, Logs = NullLoggerFactory.Instance,
            });
            return new(store, journal, publisher, engine, adopted);
        }

        public async Task AllEndedAsync()
        {
            (await engine.AdoptAsync(adopted, "its worker was gone")).ShouldBeEmpty();
            foreach (var run in adopted) await engine.WaitAsync(run.RunId).WaitAsync(Patience);
            await journal.SettledAsync();
        }

        public async Task<RunId> AcceptAsync(PowerCutLab lab)
        {
            var run = (await engine.SubmitAsync(new RunRequest { Definition = Flow, Origin = new RunOrigin.CommandLine("test") })).RunId;
            lab.Disk.Acknowledge($"acceptance of {run}", p => new RunReader(p).LastEvent(run)?.Event is WorkflowEnded);   // recovery ends it
            return run;
        }

        public async Task RunAsync(PowerCutLab lab)
        {
            var (accepted, end) = await engine.SubmitAndWatchAsync(new RunRequest { Definition = Flow, Origin = new RunOrigin.CommandLine("test") });
            var run = accepted.RunId;
            lab.Disk.Acknowledge($"acceptance of {run}", p => new RunReader(p).LastEvent(run)?.Event is WorkflowEnded);
            (await end.WaitAsync(Patience)).ShouldBeOfType<WorkflowCompleted>();
            var last = store.Runs.LastEvent(run)!.Seq;
            lab.Disk.Acknowledge($"the end of {run}", p => new RunReader(p).LastEvent(run) is { Event: WorkflowCompleted } e && e.Seq == last);
            ReportWriter.Write(store.Files, OutputFiles.Complete(RunView.From(Flow, run, await store.Runs.ReadEventsAsync(run)), store.Files), Flow);
        }

        public async ValueTask DisposeAsync()
        {
            await engine.DisposeAsync();
            await publisher.DisposeAsync();
            await journal.DisposeAsync();
        }
    }

    /// <summary>Small results, and some that are too large for an event.</summary>
    private sealed class Steps : ITaskExecutor
    {
        public async ValueTask<TaskOutcome> ExecuteAsync(TaskAttempt attempt, CancellationToken stop)
        {
            await Task.Yield();
            var text = new string('x', attempt.Task.Id.ToString() == "b" ? 6_000 : 10);
            return new TaskOutcome.Succeeded { Outputs = ImmutableSortedDictionary<string, JsonElement>.Empty.Add("text", JsonSerializer.SerializeToElement(text)) };
        }
    }
}
