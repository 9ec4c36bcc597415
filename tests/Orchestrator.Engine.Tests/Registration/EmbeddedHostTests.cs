using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Executors;
using Orchestrator.Engine.Executors.Delegate;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Registration;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Registration;

/// <summary>An orchestrator inside a host: what its program registers, asks for and hears.</summary>
public sealed class EmbeddedHostTests : IDisposable
{
    private static readonly CancellationToken Soon = new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;
    private readonly string _data = Directory.CreateTempSubdirectory("orc-embedded").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task Typed_inputs_and_results_pass_from_task_to_task()
    {
        await using var running = await StartAsync(o => o
            .AddTask<Pair, Sum>("add", (pair, _, _) => Task.FromResult(new Sum(pair.Left + pair.Right)))
            .AddTask<Pair, int>("multiply", (pair, _, _) => Task.FromResult(pair.Left * pair.Right))
            .AddWorkflow(Workflow.Named("sums").Param("x", 2)
                .Task("sum", t => t.Delegate("add", new Dictionary<string, object?> { ["left"] = "${{ params.x }}", ["right"] = 3 }))
                .Task("product", t => t.DependsOn("sum").Delegate("multiply", new Dictionary<string, object?> { ["left"] = "${{ tasks.sum.outputs.total }}", ["right"] = 10 }))
                .Build()));
        var accepted = await running.Client.SubmitAsync("sums", new { X = 4 }, stop: Soon);
        (await running.Client.WaitAsync(accepted.RunId, Soon)).ShouldBeOfType<WorkflowCompleted>();
        var view = await running.Client.FindAsync(accepted.RunId, Soon);
        view!.Tasks.Select(t => t.Outputs!.Single().ToString()).ShouldBe(["[total, 7]", "[value, 70]"]);
        (await running.Client.WaitAsync(accepted.RunId, Soon)).ShouldBeOfType<WorkflowCompleted>("an end that was long ago is told as well");
    }

    [Fact]
    public async Task Generated_shapes_do_what_reflection_does()
    {
        var json = EmbeddedJson.Default;
        await using var running = await StartAsync(o => o
            .AddTask("make", (_, _) => Task.FromResult(new Pair(2, 3)), json.Pair)
            .AddTask("add", (pair, _, _) => Task.FromResult(new Sum(pair.Left + pair.Right)), json.Pair, json.Sum)
            .AddTask("use", (Pair _, DelegateContext _, CancellationToken _) => Task.CompletedTask, json.Pair)
            .AddWorkflow(Workflow.Named("sums").Param("left", 2)
                .Task("made", t => t.Delegate("make"))
                .Task("sum", t => t.DependsOn("made").Delegate("add", new Dictionary<string, object?> { ["left"] = "${{ params.left }}", ["right"] = "${{ tasks.made.outputs.right }}" }))
                .Task("used", t => t.DependsOn("sum").Delegate("use", new Dictionary<string, object?> { ["left"] = "many", ["right"] = 1 }))
                .Build()));
        var accepted = await running.Client.SubmitAsync("sums", new Left(4), json.LeftOnly, stop: Soon);
        (await running.Client.WaitAsync(accepted.RunId, Soon)).ShouldBeOfType<WorkflowFailed>().Error.ShouldContain("`with.left`");
        var view = await running.Client.FindAsync(accepted.RunId, Soon);
        view!.Tasks.Take(2).Select(t => string.Join(' ', t.Outputs!.Select(o => $"{o.Key}={o.Value}"))).ShouldBe(["left=2 right=3", "total=7"]);
        (await running.Client.RunAsync("sums", new RunSubmission { RequestedBy = "me" }, Soon)).ShouldBeOfType<WorkflowFailed>("options alone are no parameters");
    }

    [Fact]
    public async Task What_does_not_fit_fails_the_task_and_says_which_property()
    {
        await using var running = await StartAsync(o => o
            .AddTask<Pair>("use", (_, _, _) => Task.CompletedTask)
            .AddWorkflow(Workflow.Named("flow").Task("a", t => t.Delegate("use", new Dictionary<string, object?> { ["left"] = "many", ["right"] = 1 }).Retry(3)).Build()));
        var failed = (await running.Client.RunAsync("flow", stop: Soon)).ShouldBeOfType<WorkflowFailed>();
        failed.Error.ShouldContain("`with.left`");
    }

    [Fact]
    public async Task An_exception_is_a_panic_of_its_task_and_the_host_lives_on()
    {
        await using var running = await StartAsync(o => o
            .AddTask("throws", (_, _) => throw new InvalidOperationException("boom"))
            .AddTask("works", (_, _) => Task.CompletedTask)
            .AddWorkflow(Workflow.Named("bad").Task("a", t => t.Delegate("throws")).Build())
            .AddWorkflow(Workflow.Named("good").Task("a", t => t.Delegate("works")).Build()));
        (await running.Client.RunAsync("bad", stop: Soon)).ShouldBeOfType<WorkflowFailed>().ErrorType.ShouldBe(FailureKind.Panic);
        (await running.Client.RunAsync("good", stop: Soon)).ShouldBeOfType<WorkflowCompleted>();
    }

    [Fact]
    public async Task One_that_blocks_its_thread_and_ignores_its_token_gives_its_slot_back()
    {
        using var never = new ManualResetEventSlim();
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var running = await StartAsync(o => o
            .AddTask("blocks", (_, _) => { entered.TrySetResult(); never.Wait(TimeSpan.FromMinutes(2), CancellationToken.None); return Task.CompletedTask; })
            .AddTask("works", (_, _) => Task.CompletedTask)
            .AddWorkflow(Workflow.Named("stuck").Task("a", t => t.Delegate("blocks")).Build())
            .AddWorkflow(Workflow.Named("good").Task("a", t => t.Delegate("works")).Build()),
            options => (options.Slots, options.StopGrace) = (1, TimeSpan.Zero));
        var stuck = await running.Client.SubmitAsync("stuck", stop: Soon);
        await entered.Task.WaitAsync(Soon);
        (await running.Client.CancelAsync(stuck.RunId, "me", Soon)).ShouldBeTrue();
        (await running.Client.WaitAsync(stuck.RunId, Soon)).ShouldBeOfType<WorkflowCancelled>();
        (await running.Client.RunAsync("good", stop: Soon)).ShouldBeOfType<WorkflowCompleted>();
        never.Set();
    }

    [Fact]
    public async Task A_run_that_was_interrupted_goes_on_when_the_host_starts_again()
    {
        var attempts = 0;
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        IOrchestratorBuilder Build(IOrchestratorBuilder o) => o
            .AddTask("first", (_, _) => { Interlocked.Increment(ref attempts); return Task.CompletedTask; })
            .AddTask("second", async (context, stop) =>
            {
                if (context.Attempt > 1) return;
                entered.TrySetResult();
                await new TaskCompletionSource().Task.WaitAsync(stop);
            })
            .AddWorkflow(Workflow.Named("long").Task("a", t => t.Delegate("first")).Task("b", t => t.Delegate("second").DependsOn("a")).Build());

        RunId run;
        await using (var running = await StartAsync(Build, options => options.Drain = TimeSpan.Zero))
        {
            run = (await running.Client.SubmitAsync("long", stop: Soon)).RunId;
            await entered.Task.WaitAsync(Soon);
            await running.Host.StopAsync(Soon);
        }
        await using var again = await StartAsync(Build);
        (await again.Client.WaitAsync(run, Soon)).ShouldBeOfType<WorkflowCompleted>();
        attempts.ShouldBe(1, "what was completed is not repeated");
    }

    [Fact]
    public async Task Adding_it_twice_adds_it_once_and_the_last_word_is_the_callers()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.AddOrchestrator(o => o.Slots = 3).AddTask("a", (_, _) => Task.CompletedTask);
        builder.Services.AddOrchestrator(o => o.DataDirectory = _data).AddTask("b", (_, _) => Task.CompletedTask);
        builder.AddOrchestrator(o => o.Slots = 5);
        builder.Services.Count(s => s.ServiceType == typeof(EmbeddedWorker)).ShouldBe(1);
        using var host = builder.Build();
        var options = host.Services.GetRequiredService<IOptions<OrchestratorOptions>>().Value;
        (options.Slots, options.DataDirectory).ShouldBe((5, _data));
        host.Services.GetRequiredService<Registered>().Delegates.Names.ShouldBe(["a", "b"]);
        await Task.CompletedTask;
    }

    [Fact]
    public void Configuration_is_read_and_code_wins_over_it()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Configuration["Orchestrator:Runner:Slots"] = "7";
        builder.Configuration["Orchestrator:Shutdown:Drain"] = "90s";
        builder.Configuration["Orchestrator:DataDirectory"] = "/elsewhere";
        builder.AddOrchestrator(o => o.DataDirectory = _data);
        using var host = builder.Build();
        var options = host.Services.GetRequiredService<IOptions<OrchestratorOptions>>().Value;
        (options.Slots, options.Drain, options.DataDirectory).ShouldBe((7, TimeSpan.FromSeconds(90), _data));
        host.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout.ShouldBeGreaterThan(options.Drain);
    }

    [Fact]
    public async Task What_cannot_work_keeps_the_host_from_starting_and_everything_is_said_at_once()
    {
        var refused = await Should.ThrowAsync<OptionsValidationException>(() => StartAsync(o => o
            .AddTask("greet", (_, _) => Task.CompletedTask)
            .AddWorkflow(Workflow.Named("flow").Task("a", t => t.Delegate("great")).Build())
            .AddWorkflow(Workflow.Named("flow").Task("a", t => t.Delegate("greet")).Build()), options => (options.Slots, options.Drain) = (0, TimeSpan.FromSeconds(-1))));
        foreach (var part in new[] { "Slots must be 1 to 10000, was 0", "Drain must be", "Did you mean 'greet'?", "Workflow 'flow' was added 2 times" }) refused.Message.ShouldContain(part);
    }

    [Fact]
    public async Task Two_workers_do_not_share_a_data_directory()
    {
        await using var first = await StartAsync(o => o);
        (await Should.ThrowAsync<IOException>(() => StartAsync(o => o))).Message.ShouldContain("DataDirectory of its own");
    }

    [Fact]
    public async Task Wrong_names_and_parameters_are_told_with_a_remedy()
    {
        await using var running = await StartAsync(o => o.AddTask("x", (_, _) => Task.CompletedTask)
            .AddWorkflow(Workflow.Named("nightly").Param("day", ParameterType.Date, required: true).Task("a", t => t.Delegate("x")).Build()));
        (await Should.ThrowAsync<KeyNotFoundException>(() => running.Client.SubmitAsync("nigthly", stop: Soon))).Message.ShouldContain("Did you mean 'nightly'?");
        (await Should.ThrowAsync<ArgumentException>(() => running.Client.SubmitAsync("nightly", new { Dya = 1 }, stop: Soon))).Message.ShouldContain("'dya'");
        await Should.ThrowAsync<KeyNotFoundException>(() => running.Client.WaitAsync(RunId.New(TimeProvider.System.GetUtcNow(), new byte[10]), Soon));
    }

    [Fact]
    public async Task An_executor_of_the_callers_stands_in_for_ours()
    {
        await using var running = await StartAsync(o => o.AddExecutor("noop", _ => new FailingExecutor())
            .AddWorkflow(Workflow.Named("flow").Task("a", t => t.Noop()).Build()));
        (await running.Client.RunAsync("flow", stop: Soon)).ShouldBeOfType<WorkflowFailed>().Error.ShouldContain("not today");
    }

    [Fact]
    public async Task A_journal_of_the_callers_is_used_as_it_is()
    {
        var journal = new MemoryRunJournal();
        await using var running = await StartAsync(o => o.AddTask("x", (_, _) => Task.CompletedTask)
            .AddWorkflow(Workflow.Named("flow").Task("a", t => t.Delegate("x")).Build()), services: s => s.AddSingleton<IRunJournal>(journal));
        var run = await running.Client.SubmitAsync("flow", stop: Soon);
        (await running.Client.WaitAsync(run.RunId, Soon)).ShouldBeOfType<WorkflowCompleted>();
        (await journal.ReadAsync(StreamId.Run(run.RunId), 0, Soon).CountAsync(Soon)).ShouldBeGreaterThan(3);
    }

    private async Task<Running> StartAsync(Func<IOrchestratorBuilder, IOrchestratorBuilder> add, Action<OrchestratorOptions>? configure = null, Action<IServiceCollection>? services = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        services?.Invoke(builder.Services);
        add(builder.AddOrchestrator(options =>
        {
            (options.DataDirectory, options.Reports) = (_data, false);
            configure?.Invoke(options);
        }));
        var host = builder.Build();
        try { await host.StartAsync(Soon); }
        catch
        {
            host.Dispose();
            throw;
        }
        return new(host);
    }

    private sealed record Running(IHost Host) : IAsyncDisposable
    {
        public OrchestratorClient Client => Host.Services.GetRequiredService<OrchestratorClient>();

        public async ValueTask DisposeAsync()
        {
            await Host.StopAsync();
            await ((IAsyncDisposable)Host).DisposeAsync();
        }
    }

    private sealed class FailingExecutor : ITaskExecutor
    {
        public ValueTask<TaskOutcome> ExecuteAsync(TaskAttempt attempt, CancellationToken stop) => new(new TaskOutcome.Failed(FailureKind.Error, "not today"));
    }

    internal sealed record Pair(int Left, int Right);

    internal sealed record Sum(int Total);

    internal sealed record Left([property: System.Text.Json.Serialization.JsonPropertyName("left")] int Value);
}
