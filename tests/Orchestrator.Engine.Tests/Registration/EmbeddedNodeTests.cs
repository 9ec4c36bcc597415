using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Triggers;
using Orchestrator.Core.Triggers.Events;
using Orchestrator.Engine.Backfills;
using Orchestrator.Engine.Deliveries.Webhook;
using Orchestrator.Engine.Executors.Sql;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Registration;
using Orchestrator.Engine.Running.Mail;
using Orchestrator.Engine.Triggers;
using Orchestrator.TestKit.Http;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Registration;

/// <summary>An orchestrator inside a host does what `serve` does besides answering: both are the same node.</summary>
public sealed class EmbeddedNodeTests : IDisposable
{
    private CancellationToken Soon { get; } = new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;
    private readonly string _root = Directory.CreateTempSubdirectory("orc-node").FullName;

    private string Data => Path.Combine(_root, "data");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task It_backfills_each_date_of_a_range_once()
    {
        var id = Guid.CreateVersion7();
        var days = new List<string>();
        await using var running = await StartAsync(o => o
            .AddTask<Day>("note", (day, _, _) => { lock (days) days.Add(day.Value); return Task.CompletedTask; })
            .AddWorkflow(Workflow.Named("daily").Param("day", ParameterType.Date, required: true)
                .Task("a", t => t.Delegate("note", new Dictionary<string, object?> { ["value"] = "${{ params.day }}" })).Build()));
        var ended = running.Ended(3);
        var request = new BackfillRequest { Param = "day", From = "2026-01-01", To = "2026-01-03", Actor = "ann" };
        (await running.Client.BackfillAsync("daily", request, id, Soon)).Items.Length.ShouldBe(3);
        await ended;
        (await running.Client.BackfillAsync("daily", request, id, Soon)).Items.Length.ShouldBe(3, "asking twice backfills once");
        days.Order().ShouldBe(["2026-01-01", "2026-01-02", "2026-01-03"]);
        (await running.Client.FindBackfillAsync(id.ToString("D"), Soon))!.Created!.Workflow.ShouldBe("daily");
        (await Should.ThrowAsync<ArgumentException>(() => running.Client.BackfillAsync("daily", request with { Param = "dya" }, stop: Soon))).Message.ShouldContain("dya");
    }

    [Fact]
    public async Task It_removes_finished_runs_past_their_retention()
    {
        var runs = new List<RunId>();
        await using (var running = await StartAsync(Flow))
            for (var i = 0; i < 3; i++) runs.Add(await running.CompleteAsync("flow"));
        var removed = new AwaitedLog("Removed 2 finished runs");
        await using var again = await StartAsync(Flow, o => o.Retention = new() { Count = 1 }, s => s.AddSingleton<ILoggerProvider>(removed));
        await removed.Said.WaitAsync(Soon);
        var left = 0;
        foreach (var run in runs)
            if (await again.Client.FindAsync(run, Soon) is not null) left++;
        left.ShouldBe(1);
    }

    [Fact]
    public async Task It_tells_webhooks_and_the_callbacks_of_its_workflows()
    {
        var (endpoint, callback) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var site = await LoopbackSite.StartAsync(http =>
        {
            (http.Request.Path == "/all" ? endpoint : callback).TrySetResult();
            return Task.CompletedTask;
        });
        await using var running = await StartAsync(
            o => o.AddWorkflow(Workflow.Named("told").Callback($"{site.Url}/one").Task("a", t => t.Noop()).Build()),
            o => o.Deliveries = new() { Webhooks = [new() { Name = "here", Url = new($"{site.Url}/all") }], AllowedNetworks = [System.Net.IPNetwork.Parse("127.0.0.0/8")] });
        var run = await running.CompleteAsync("told");
        await Task.WhenAll(endpoint.Task, callback.Task).WaitAsync(Soon);
        site.Seen.ShouldAllBe(r => r.Body.Contains(run.ToString()) && r.Body.Contains("workflow.completed"));
    }

    [Fact]
    public async Task Its_triggers_take_events_deliveries_and_the_ends_of_its_own_runs()
    {
        await using var running = await StartAsync(o => o.AddWorkflowsFrom(Folder(
            "{name: placed, triggers: [{id: order, event: com.acme.order.placed}], tasks: [{id: a, noop: true}]}",
            "{name: after, triggers: [{id: end, workflow: placed}], tasks: [{id: a, noop: true}]}")));
        var ended = running.Ended(2);
        var posted = new CloudEvent("1", "/shop", "com.acme.order.placed");
        var fired = (await running.Client.PostEventAsync(posted, Soon)).ShouldHaveSingleItem().Answer.ShouldBeOfType<DeliveryAnswer.Fired>();
        (await ended).Order().ShouldBe(["after", "placed"]);
        (await running.Client.WaitAsync(fired.Run, Soon)).ShouldBeOfType<WorkflowCompleted>();
        (await running.Client.PostEventAsync(posted, Soon)).ShouldHaveSingleItem().Answer.ShouldBeOfType<DeliveryAnswer.Duplicate>();

        var delivery = new Delivery("mine", TriggerSource.Event, posted.ToFacts("order", "mine", TimeProvider.System.GetUtcNow()));
        (await running.Client.DeliverAsync("placed", "order", delivery, Soon)).ShouldBeOfType<DeliveryAnswer.Fired>();
        (await Should.ThrowAsync<KeyNotFoundException>(() => running.Client.DeliverAsync("placed", "ordre", delivery, Soon))).Message.ShouldContain("'ordre'");
    }

    [Fact]
    public async Task It_writes_down_its_own_beginning_and_end_and_what_is_wrong_with_definitions()
    {
        await using (var running = await StartAsync(o => o.AddWorkflowsFrom(Folder("{name: bad, tasks: [{id: a, runn: true}]}")), o => o.InstanceId = "node-1")) { }
        new DataDirectory(Data).Runs.ReadSystem(StreamId.Node("node-1")).Select(e => e.Event.GetType())
            .ShouldBe([typeof(WorkerStarted), typeof(DefinitionRejected), typeof(WorkerStopping)]);
    }

    [Fact]
    public async Task It_hears_what_was_asked_of_a_run_while_no_process_carried_it_out()
    {
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        IOrchestratorBuilder Build(IOrchestratorBuilder o) => o
            .AddTask("waits", async (_, stop) => { entered.TrySetResult(); await new TaskCompletionSource().Task.WaitAsync(stop); })
            .AddWorkflow(Workflow.Named("long").Task("a", t => t.Delegate("waits")).Build());
        RunId run;
        await using (var running = await StartAsync(Build, o => o.Drain = TimeSpan.Zero))
        {
            run = (await running.Client.SubmitAsync("long", stop: Soon)).RunId;
            await entered.Task.WaitAsync(Soon);
        }
        new CancelRequest(new DataDirectory(Data).Mail, run).Leave(new("ann", "wrong day"));
        await using var again = await StartAsync(Build);
        (await again.Client.WaitAsync(run, Soon)).ShouldBeOfType<WorkflowCancelled>();
    }

    [Fact]
    public async Task It_knows_the_databases_it_is_given_and_no_others()
    {
        await using var running = await StartAsync(
            o => o.AddWorkflow(Workflow.Named("loads").Task("a", t => t.Sql("warehuose", query: "select 1")).Build()),
            o => o.Connections["warehouse"] = new() { Env = "WAREHOUSE" });
        var failed = (await running.Client.RunAsync("loads", stop: Soon)).ShouldBeOfType<WorkflowFailed>();
        failed.Error.ShouldContain("warehuose");
        failed.Error.ShouldContain("warehouse");
    }

    [Fact]
    public void It_reads_the_keys_of_the_program_and_code_has_the_last_word()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new() { ContentRootPath = _root });
        foreach (var (key, value) in new (string, string)[]
        {
            ("Retention:Count", "5"), ("Retention:StreamAge", "7d"), ("Webhooks:Endpoints:ops:Url", "https://ops.example/hook"), ("Connections:warehouse:ConnectionString", "Host=db"),
            ("Connections:warehouse:PasswordFile", "db.pass"), ("Journal:Durability", "relaxed"), ("Pools:db", "3"), ("Limits:RunsPerSecond", "2.5"), ("Files:FolderMode", "0750"), ("Api:Url", "http://127.0.0.1:1"),
        })
            builder.Configuration[$"Orchestrator:{key}"] = value;
        builder.AddOrchestrator(o => (o.DataDirectory, o.Retention) = (Data, o.Retention with { Bytes = 1 << 30 }));
        using var host = builder.Build();
        var options = host.Services.GetRequiredService<IOptions<OrchestratorOptions>>().Value;
        (options.Retention.Count, options.Retention.Bytes, options.StreamAge).ShouldBe((5, 1 << 30, TimeSpan.FromDays(7)));
        options.Deliveries.Webhooks.ShouldHaveSingleItem().Name.ShouldBe("ops");
        options.Connections["warehouse"].PasswordFile.ShouldBe(Path.Combine(_root, "db.pass"));
        (options.Durability, options.Pools["db"], options.Admission.RunsPerSecond).ShouldBe((JournalDurability.Relaxed, 3, 2.5));
        Convert.ToString((int)options.Files.FolderMode, 8).ShouldBe("750");
        (options.Drain, options.StopGrace).ShouldBe((TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(10)), "what is not set stays as it is");
    }

    [Fact]
    public async Task Keys_that_mean_nothing_and_values_that_cannot_be_used_keep_the_host_from_starting()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Configuration["Orchestrator:Runner:Slot"] = "4";
        builder.Configuration["Orchestrator:Retention:Count"] = "none";
        builder.Configuration["Orchestrator:Connections:warehouse:Password"] = "hunter2";
        builder.AddOrchestrator(o => (o.DataDirectory, o.ContainerClient, o.Connections["archive"]) = (Data, "lxc", new SqlConnectionSource()));
        var refused = await Should.ThrowAsync<OptionsValidationException>(async () =>
        {
            using var host = builder.Build();
            await host.StartAsync(Soon);
        });
        foreach (var part in new[] { "Orchestrator:Runner:Slot is not a setting", "Orchestrator:Retention:Count must be", "Orchestrator:Connections:warehouse", "ContainerClient must be", "Connections['archive'] needs" })
            refused.Message.ShouldContain(part);
        refused.Message.ShouldNotContain("hunter2");
    }

    [Fact]
    public async Task Deliveries_are_refused_where_the_journal_is_the_callers()
    {
        var refused = await Should.ThrowAsync<InvalidOperationException>(() => StartAsync(
            Flow, o => o.Deliveries = new() { Webhooks = [new WebhookEndpoint { Name = "here", Url = new("https://ops.example/hook") }] }, s => s.AddSingleton<IRunJournal>(new MemoryRunJournal())));
        refused.Message.ShouldContain("register no IRunJournal");
    }

    private static IOrchestratorBuilder Flow(IOrchestratorBuilder o) => o.AddWorkflow(Workflow.Named("flow").Task("a", t => t.Noop()).Build());

    private string Folder(params string[] workflows)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_root, "workflows")).FullName;
        for (var i = 0; i < workflows.Length; i++) File.WriteAllText(Path.Combine(folder, $"{i}.yaml"), workflows[i]);
        return folder;
    }

    private async Task<Running> StartAsync(Func<IOrchestratorBuilder, IOrchestratorBuilder> add, Action<OrchestratorOptions>? configure = null, Action<IServiceCollection>? services = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        services?.Invoke(builder.Services);
        add(builder.AddOrchestrator(options =>
        {
            (options.DataDirectory, options.Reports) = (Data, false);
            configure?.Invoke(options);
        }));
        var host = builder.Build();
        try { await host.StartAsync(Soon); }
        catch
        {
            await ((IAsyncDisposable)host).DisposeAsync();
            throw;
        }
        return new(host, Soon);
    }

    private sealed record Running(IHost Host, CancellationToken Soon) : IAsyncDisposable
    {
        public OrchestratorClient Client => Host.Services.GetRequiredService<OrchestratorClient>();

        public async Task<RunId> CompleteAsync(string workflow)
        {
            var run = (await Client.SubmitAsync(workflow, stop: Soon)).RunId;
            (await Client.WaitAsync(run, Soon)).ShouldBeOfType<WorkflowCompleted>();
            return run;
        }

        /// <summary>Completes with the workflows of the next runs that complete.</summary>
        public Task<List<string>> Ended(int runs)
        {
            var (names, all) = (new List<string>(), new TaskCompletionSource<List<string>>(TaskCreationOptions.RunContinuationsAsynchronously));
            Client.Subscribe("workflow.completed", e =>
            {
                names.Add(e.Workflow!);
                if (names.Count == runs) all.TrySetResult([.. names]);
            });
            return all.Task.WaitAsync(Soon);
        }

        public async ValueTask DisposeAsync()
        {
            await Host.StopAsync();
            await ((IAsyncDisposable)Host).DisposeAsync();
        }
    }

    private sealed class AwaitedLog(string text) : ILoggerProvider, ILogger
    {
        private readonly TaskCompletionSource _said = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Said => _said.Task;

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (formatter(state, exception).Contains(text, StringComparison.Ordinal)) _said.TrySetResult();
        }

        public void Dispose() { }
    }

    internal sealed record Day(string Value);
}
