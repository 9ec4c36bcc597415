using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orchestrator.Core;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Runs.View;
using Orchestrator.Engine.Definitions;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Registration;
using Orchestrator.Engine.Running;
using Orchestrator.Engine.Scheduling;
using Orchestrator.Engine.Triggers;

namespace Orchestrator.Testing;

/// <summary>
/// Workflows in a unit test: the real engine on a clock that moves by hand and a journal in memory, with a fake for every task. Nothing is started, asked
/// or waited for outside the process; retries, timeouts, waits and schedules pass as fast as the test moves the clock.
/// </summary>
/// <example>
/// <code>
/// await using var test = await WorkflowTest.StartAsync(o => o.AddWorkflowsFrom("workflows/sales.yaml"));
/// test.Task("fetch").Fails("no route to host", times: 2).Takes(TimeSpan.FromSeconds(5));
/// var run = await test.RunAsync("sales", new { day = "2026-01-01" });
/// Assert.Equal(RunStatus.Completed, run.Status);
/// </code>
/// </example>
public sealed class WorkflowTest : IAsyncDisposable
{
    private static readonly string[] s_kinds = ["run", "exec", "script", "http", "container", "sql", "delegate"];
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(30);
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("orchestrator-test-");
    private readonly FakeExecutor _fakes;
    private readonly IHost _host;
    private RunEngine? _engine;

    private WorkflowTest(Action<IOrchestratorBuilder> configure)
    {
        _fakes = new(Clock);
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Services.AddSingleton<TimeProvider>(Clock);
        builder.Services.AddSingleton<IRunJournal>(new MemoryRunJournal());
        // The clock stops at each look: a wait of days would take a hundred thousand of them.
        builder.Services.AddSingleton(new SchedulingOptions { DeadlinesEvery = s_look, WatchEvery = s_look, ClockEvery = s_look });
        builder.Services.AddSingleton(new TriggerOptions { WatchEvery = s_look, ClockEvery = s_look });
        var orchestrator = builder.Services.AddOrchestrator(o => (o.DataDirectory, o.Reports, o.Drain) = (_data.FullName, false, TimeSpan.Zero));
        foreach (var kind in s_kinds) orchestrator.AddExecutor(kind, _ => _fakes);
        configure(orchestrator);
        _host = builder.Build();
        _host.Services.GetRequiredService<Registered>().FollowsFolders = false;
        Client = _host.Services.GetRequiredService<OrchestratorClient>();
    }

    /// <summary>The clock. It stands still but for <see cref="RunAsync"/> and <see cref="AdvanceAsync"/>.</summary>
    public ManualTimeProvider Clock { get; } = new();

    /// <summary>What a program does with an orchestrator: approve, signal, cancel, subscribe.</summary>
    public OrchestratorClient Client { get; }

    /// <summary>Starts an orchestrator.</summary>
    /// <param name="configure">Adds workflows, and code that is to run for real: an executor added here wins over the fakes of its kind.</param>
    /// <exception cref="InvalidOperationException">A definition is wrong; the message has each problem with its place and remedy.</exception>
    public static async Task<WorkflowTest> StartAsync(Action<IOrchestratorBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        var test = new WorkflowTest(configure);
        try
        {
            await test._host.StartAsync().ConfigureAwait(false);
            test.RequireUsable();
            test._engine = await test.Client.EngineAsync(CancellationToken.None).ConfigureAwait(false);
            return test;
        }
        catch
        {
            await test.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    // A host goes on without a broken file; a test of it may not.
    private void RequireUsable()
    {
        var problems = _host.Services.GetRequiredService<WorkflowCatalog>().Current.Problems;
        if (problems.IsEmpty) return;
        throw new InvalidOperationException(string.Join('\n', problems.SelectMany(p => p.Value)));
    }

    /// <summary>What stands in for a task, of whatever workflow. Name a fan-out's child, <c>id[n]</c>, to give it a fake of its own.</summary>
    public FakeTask Task(string id) => _fakes.Of(id);

    /// <summary>Runs a workflow to its end; while nothing is to be done the clock moves to the next timer.</summary>
    /// <param name="workflow">Its name.</param>
    /// <param name="parameters">An object whose members (snake_case), or a dictionary whose entries, are parameters.</param>
    /// <exception cref="TimeoutException">It does not end: it waits for something that only the test can give.</exception>
    public async Task<RunView> RunAsync(string workflow, object? parameters = null)
    {
        var run = (await Client.SubmitAsync(workflow, parameters).ConfigureAwait(false)).RunId;
        var end = Client.WaitAsync(run);
        var began = TimeProvider.System.GetTimestamp();
        while (!end.IsCompleted)
        {
            await SettleAsync().ConfigureAwait(false);
            if (end.IsCompleted) break;
            if (TimeProvider.System.GetElapsedTime(began) > s_patience || await OnlyTheTestCanGoOnAsync(run).ConfigureAwait(false)) throw await StuckAsync(run).ConfigureAwait(false);
            if (Clock.Waiting is [var next, ..]) Clock.AdvanceTo(next > Clock.GetUtcNow() ? next : Clock.GetUtcNow());
        }
        await end.ConfigureAwait(false);
        return await ViewAsync(run).ConfigureAwait(false);
    }

    /// <summary>Moves the clock on, timer by timer; what is due on the way is done before it goes on.</summary>
    public async Task AdvanceAsync(TimeSpan by)
    {
        var until = Clock.GetUtcNow() + by;
        while (true)
        {
            await SettleAsync().ConfigureAwait(false);
            if (Clock.GetUtcNow() >= until) return;
            Clock.AdvanceTo(Clock.Waiting.Where(t => t > Clock.GetUtcNow()).Append(until).Min() is var next && next < until ? next : until);
        }
    }

    /// <summary>The run as it is now.</summary>
    /// <exception cref="KeyNotFoundException">There is no such run.</exception>
    public async Task<RunView> ViewAsync(RunId run) => await Client.FindAsync(run).ConfigureAwait(false) ?? throw new KeyNotFoundException($"There is no run {run}.");

    /// <summary>Completes when nothing is to be done before the clock moves.</summary>
    public async Task SettleAsync()
    {
        var began = TimeProvider.System.GetTimestamp();
        for (var quiet = 0; quiet < 3;)
        {
            await _engine!.PingAsync().ConfigureAwait(false);
            if (_engine.Snapshot.UsedSlots <= _fakes.Waiting) quiet++;
            else
            {
                quiet = 0;
                await System.Threading.Tasks.Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System).ConfigureAwait(false);
            }
            if (TimeProvider.System.GetElapsedTime(began) > s_patience) throw new TimeoutException("An attempt does not end, although the clock does not move. Real work must end by itself.");
            await System.Threading.Tasks.Task.Yield();
        }
    }

    /// <summary>Stops the orchestrator and removes what it left on the disk.</summary>
    public async ValueTask DisposeAsync()
    {
        try { await _host.StopAsync().ConfigureAwait(false); }
        finally
        {
            if (_host is IAsyncDisposable host) await host.DisposeAsync().ConfigureAwait(false);
            else _host.Dispose();
            _data.Delete(recursive: true);
        }
    }

    // A task that waits for an answer or an event, without a time limit, waits for ever.
    private async Task<bool> OnlyTheTestCanGoOnAsync(RunId run) =>
        await ViewAsync(run).ConfigureAwait(false) is { Status: RunStatus.Paused } view && view.Tasks.Where(t => t.Waiting is not null).All(t => t.Waiting is { Until: null, EventName: not null } or { Until: null, Prompt: not null });

    private async Task<TimeoutException> StuckAsync(RunId run)
    {
        var view = await ViewAsync(run).ConfigureAwait(false);
        var open = view.Tasks.Where(t => !t.IsTerminal).Select(t => $"{t.Id} {Words.Of(t.Status)}").Take(10);
        return new(string.Create(CultureInfo.InvariantCulture, $"Run {run} of {view.Workflow} does not end: it is {Words.Of(view.Status)} at {Clock.GetUtcNow():u} with {string.Join(", ", open)}. ")
            + "Approve, signal or cancel through Client, or use Client.SubmitAsync and AdvanceAsync.");
    }
}
