using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Executors.Delegate;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Registration;
using Orchestrator.Engine.Tests.Telemetry;
using Orchestrator.TestKit.Telemetry;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Registration;

/// <summary>Tasks that are classes of the host's container, what they log, and what the host sees of its orchestrator.</summary>
[Collection(TelemetryCollection.Name)]
public sealed class TaskClassTests : IDisposable
{
    private static readonly CancellationToken Soon = new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;
    private readonly string _data = Directory.CreateTempSubdirectory("orc-classes").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task Each_attempt_has_a_scope_of_its_own_which_is_disposed_with_it()
    {
        var book = new Book();
        await using var host = await StartAsync(
            o => o.AddTask<LoadSalesTask>().AddWorkflow(Workflow.Named("w").Task("a", t => t.Delegate("load-sales").Retry(3, TimeSpan.FromMilliseconds(1))).Build()),
            services => services.AddSingleton(book).AddScoped<Connection>().AddScoped<Repository>());
        (await host.Client.RunAsync("w", stop: Soon)).ShouldBeOfType<WorkflowCompleted>();
        // One connection an attempt, shared by what the attempt is made of, and closed at its end, also where it failed.
        book.Lines.ShouldBe(["open 1", "load 1 1", "close 1", "open 2", "load 2 2", "close 2"]);
    }

    [Fact]
    public async Task A_class_reads_its_input_and_its_result_becomes_outputs_that_RunAsync_gives_typed()
    {
        await using var host = await StartAsync(o => o.AddTask<AddUpTask, Pair, Sum>()
            .AddWorkflow(Workflow.Named("sums").Param("left", 2).Param("right", 3)
                .Task("a", t => t.Delegate("add-up", new Dictionary<string, object?> { ["left"] = "${{ params.left }}", ["right"] = "${{ params.right }}" }))
                .Output("total", "${{ tasks.a.outputs.total }}").Build()));
        (await host.Client.RunAsync<Sum>("sums", new { Left = 40, Right = 2 }, stop: Soon)).ShouldBe(new Sum(42));
        (await host.Client.RunAsync<int>("sums", stop: Soon)).ShouldBe(5, "a single output is the value");
    }

    [Fact]
    public async Task A_run_that_fails_has_no_outputs_and_says_why()
    {
        await using var host = await StartAsync(o => o.AddTask("bad", (_, _) => throw new TaskFailedException("no sales today"))
            .AddWorkflow(Workflow.Named("w").Task("a", t => t.Delegate("bad")).Build()));
        var failed = await Should.ThrowAsync<RunNotCompletedException>(() => host.Client.RunAsync<Sum>("w", stop: Soon));
        failed.Message.ShouldContain("no sales today");
        failed.End.ShouldBeOfType<WorkflowFailed>();
        failed.Message.ShouldContain(failed.RunId.ToString());
    }

    [Fact]
    public async Task Where_an_exception_came_from_is_in_the_attempts_log_and_in_the_hosts_and_so_is_what_injected_services_log()
    {
        var lines = new RecordedLines();
        await using var host = await StartAsync(
            o => o.AddTask<FailingTask>().AddWorkflow(Workflow.Named("w").Task("a", t => t.Delegate("failing")).Build()),
            services => services.AddScoped<Deep>().AddSingleton<ILoggerProvider>(lines));
        var end = (await host.Client.RunAsync("w", stop: Soon)).ShouldBeOfType<WorkflowFailed>();
        end.Error.ShouldNotContain("   at ");
        var log = Directory.EnumerateFiles(_data, "a.1.log", SearchOption.AllDirectories).Single();
        var text = await File.ReadAllTextAsync(log, Soon);
        text.ShouldContain("Deep: going down");
        text.ShouldContain($"{nameof(Deep)}.{nameof(Deep.Fail)}");
        text.Split("going down").Length.ShouldBe(2, "once");
        lines.Text.ShouldContain($"{nameof(Deep)}.{nameof(Deep.Fail)}");
        lines.Text.Split("going down").Length.ShouldBe(2, "once");
    }

    [Fact]
    public async Task Nothing_that_is_logged_outside_an_attempt_goes_into_a_log_of_one()
    {
        await using var host = await StartAsync(
            o => o.AddTask("quiet", (_, _) => Task.CompletedTask).AddWorkflow(Workflow.Named("w").Task("a", t => t.Delegate("quiet")).Build()));
        var log = host.Host.Services.GetRequiredService<ILogger<TaskClassTests>>();
        log.LogInformation("before");
        (await host.Client.RunAsync("w", stop: Soon)).ShouldBeOfType<WorkflowCompleted>();
        log.LogInformation("after");
        Directory.EnumerateFiles(_data, "a.1.log", SearchOption.AllDirectories).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_host_is_healthy_only_while_its_orchestrator_takes_work()
    {
        var builder = Builder(o => o.AddTask("a", (_, _) => Task.CompletedTask), services => services.AddHealthChecks().AddOrchestrator());
        using var host = builder.Build();
        var checks = host.Services.GetRequiredService<HealthCheckService>();
        (await checks.CheckHealthAsync(Soon)).Status.ShouldBe(HealthStatus.Unhealthy);
        await host.StartAsync(Soon);
        (await checks.CheckHealthAsync(Soon)).Status.ShouldBe(HealthStatus.Healthy);
        var storage = host.Services.GetRequiredService<StorageHealth>();
        storage.Refused(StoragePart.Reports, "no space left");
        (await checks.CheckHealthAsync(Soon)).Status.ShouldBe(HealthStatus.Degraded);
        storage.Refused(StoragePart.Journal, "no space left");
        (await checks.CheckHealthAsync(Soon)).Entries["orchestrator"].Description!.ShouldContain("no space left");
        await host.StopAsync(Soon);
    }

    [Fact]
    public async Task The_hosts_own_telemetry_has_the_spans_and_metrics_of_runs_once_it_asks_for_them()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        void To(OtlpExporterOptions exporter, string signal) => (exporter.Protocol, exporter.Endpoint) = (OtlpExportProtocol.HttpProtobuf, new($"{receiver.Endpoint}/v1/{signal}"));
        RunId run;
        await using (var host = await StartAsync(
            o => o.AddTask("a", (_, _) => Task.CompletedTask).AddWorkflow(Workflow.Named("seen").Task("a", t => t.Delegate("a")).Build()),
            services => services.AddOpenTelemetry()
                .WithTracing(t => t.AddOrchestratorInstrumentation().SetSampler(new AlwaysOnSampler()).AddOtlpExporter(e => To(e, "traces")))
                .WithMetrics(m => m.AddOrchestratorInstrumentation().AddOtlpExporter(e => To(e, "metrics")))))
        {
            run = (await host.Client.SubmitAsync("seen", stop: Soon)).RunId;
            (await host.Client.WaitAsync(run, Soon)).ShouldBeOfType<WorkflowCompleted>();
        }
        receiver.Span("RUN seen").TraceId.ShouldBe(run.ToString().Replace("-", "", StringComparison.Ordinal));
        receiver.Points.ShouldContain(p => p.Metric == "cicd.pipeline.run.duration" && p.Attributes.Text("cicd.pipeline.name") == "seen");
    }

    [Theory]
    [InlineData(typeof(LoadSalesTask), "load-sales")]
    [InlineData(typeof(AddUpTask), "add-up")]
    [InlineData(typeof(SendHTMLReport), "send-html-report")]
    public void A_class_is_called_by_its_name_in_kebab_case(Type type, string name) => TaskClassRegistration.NameOf(type).ShouldBe(name);

    private async Task<RunningHost> StartAsync(Func<IOrchestratorBuilder, IOrchestratorBuilder> add, Action<IServiceCollection>? services = null)
    {
        var host = Builder(add, services).Build();
        await host.StartAsync(Soon);
        return new(host, host.Services.GetRequiredService<OrchestratorClient>());
    }

    private HostApplicationBuilder Builder(Func<IOrchestratorBuilder, IOrchestratorBuilder> add, Action<IServiceCollection>? services)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        services?.Invoke(builder.Services);
        add(builder.AddOrchestrator(o => o.DataDirectory = _data));
        return builder;
    }

    private sealed record RunningHost(IHost Host, OrchestratorClient Client) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Host.StopAsync(CancellationToken.None);
            await ((IAsyncDisposable)Host).DisposeAsync();
        }
    }

    private sealed class Book
    {
        private int _opened;

        public List<string> Lines { get; } = [];

        public int Open()
        {
            lock (Lines) Lines.Add($"open {++_opened}");
            return _opened;
        }

        public void Write(string line)
        {
            lock (Lines) Lines.Add(line);
        }
    }

    private sealed class Connection(Book book) : IAsyncDisposable
    {
        public int Number { get; } = book.Open();

        public ValueTask DisposeAsync()
        {
            book.Write($"close {Number}");
            return default;
        }
    }

    private sealed class Repository(Connection connection)
    {
        public int Connection => connection.Number;
    }

    private sealed class LoadSalesTask(Repository repository, Connection connection, Book book) : IOrchestratorTask
    {
        public Task ExecuteAsync(DelegateContext context, CancellationToken stop)
        {
            book.Write($"load {repository.Connection} {connection.Number}");
            return context.Attempt == 1 ? throw new TaskFailedException("once more") : Task.CompletedTask;
        }
    }

    private sealed class AddUpTask : IOrchestratorTask<Pair, Sum>
    {
        public Task<Sum> ExecuteAsync(Pair input, DelegateContext context, CancellationToken stop) => Task.FromResult(new Sum(input.Left + input.Right));
    }

    private sealed class Deep(ILogger<Deep> log)
    {
        public void Fail()
        {
            log.LogInformation("going down");
            throw new InvalidOperationException("deep down");
        }
    }

    private sealed class FailingTask(Deep deep) : IOrchestratorTask
    {
        public async Task ExecuteAsync(DelegateContext context, CancellationToken stop)
        {
            await Task.Yield();
            deep.Fail();
        }
    }

    private sealed class SendHTMLReport;

    private sealed record Pair(int Left, int Right);

    private sealed record Sum(int Total);

    private sealed class RecordedLines : ILoggerProvider, ILogger
    {
        private readonly List<string> _lines = [];

        public string Text
        {
            get { lock (_lines) return string.Join('\n', _lines); }
        }

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (_lines) _lines.Add(formatter(state, exception));
        }

        public void Dispose()
        {
            // Nothing is held.
        }
    }
}
