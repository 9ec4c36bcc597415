using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Executors.Delegate;
using Orchestrator.Engine.Tests.Telemetry;
using Orchestrator.TestKit;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Executors;

/// <summary>What a delegate is given, what it may say, and what becomes of one that does not stop.</summary>
public sealed class DelegateContextTests : IDisposable
{
    private readonly AttemptScene _scene = new();
    private readonly TaskDelegates _delegates = new();
    private readonly ManualTimeProvider _clock = new();
    private readonly RecordedLogs _records = new();
    private readonly List<string> _abandoned = [];

    public void Dispose() => _scene.Dispose();

    [Fact]
    public async Task Lines_go_to_the_attempts_log_and_to_the_hosts_without_secrets()
    {
        var refusal = new InvalidOperationException("hunter22 is refused");
        _delegates.Add("speaks", (c, _) =>
        {
#pragma warning disable CA1873 // As users write it.
            c.Logger.LogInformation("the key is {Key}", "hunter22");
#pragma warning restore CA1873
            c.Logger.LogError(refusal, "it broke");
            return Task.CompletedTask;
        });
        var done = await Run("speaks", secrets: "hunter22");
        done.LogRef.ShouldBe("logs/task-1.1.log");
        var lines = await File.ReadAllLinesAsync(Path.Combine(_scene.RunDirectory, done.LogRef!));
        lines[0].ShouldBe("00:00:00.000Z info  the key is ***");
        lines[1].ShouldBe("00:00:00.000Z error it broke");
        lines[2].ShouldContain("InvalidOperationException: *** is refused");
        _records.All.Select(r => r.Message).ShouldContain("the key is ***");
        _records.All.ShouldNotContain(r => r.Message.Contains("hunter22", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_context_says_whose_attempt_it_is_and_where_it_works()
    {
        DelegateContext? seen = null;
        _delegates.Add("looks", (c, _) =>
        {
            seen = c;
            return Task.CompletedTask;
        });
        await Run("looks");
        (seen!.RunId, seen.Workflow, seen.TaskId.ToString(), seen.Attempt).ShouldBe((_scene.Run, "nightly", "task-1", 1));
        (seen.RunDirectory, seen.WorkingDirectory, seen.Trace.TraceParent).ShouldBe((_scene.RunDirectory, _scene.Root, AttemptScene.TraceParent));
        Should.NotThrow(() => seen.ReportProgress("nobody listens", 1));
        seen.Logger.LogError("too late");
        Directory.Exists(_scene.RunDirectory).ShouldBeFalse("what is said after the end makes no log");
    }

    [Fact]
    public async Task A_delegate_fails_in_its_own_words_and_says_whether_to_try_again()
    {
        _delegates.Add("refuses", (_, _) => throw new TaskFailedException("the key hunter22 is refused", FailureKind.HttpStatus, retryable: false))
            .Add("later", async (_, _) => { await Task.Yield(); throw new TaskFailedException("busy"); });
        var refused = (await Run("refuses", secrets: "hunter22")).ShouldBeOfType<TaskOutcome.Failed>();
        (refused.Kind, refused.Message, refused.Retryable).ShouldBe((FailureKind.HttpStatus, "the key *** is refused", false));
        var busy = (await Run("later")).ShouldBeOfType<TaskOutcome.Failed>();
        (busy.Kind, busy.Message, busy.Retryable).ShouldBe((FailureKind.Error, "busy", true));
        Should.Throw<ArgumentOutOfRangeException>(() => new TaskFailedException("mine", FailureKind.WorkerLost)).Message.ShouldContain("worker_lost");
    }

    [Fact]
    public async Task One_that_ignores_its_token_is_left_behind_when_its_grace_is_over_and_its_end_is_dropped()
    {
        var results = new Dictionary<string, TaskCompletionSource<object?>> { ["late"] = new(), ["broken"] = new() };
        foreach (var (name, result) in results) _delegates.Add(name, (_, _) => result.Task);
        var executor = Executor();
        foreach (var name in results.Keys)
        {
            using var stop = new CancellationTokenSource();
            var running = executor.ExecuteAsync(Attempt(name), stop.Token).AsTask();
            await stop.CancelAsync();
            await _clock.WaitForTimersAsync(1);
            running.IsCompleted.ShouldBeFalse("the grace is not over");
            _clock.Advance(TimeSpan.FromSeconds(10));
            (await running).ShouldBeOfType<TaskOutcome.Cancelled>();
        }
        (executor.LeftBehind, _abandoned.Count).ShouldBe((2, 2));
        results["late"].SetResult(new { Rows = 3 });
        results["broken"].SetException(new FormatException("nobody is there to hear it"));
        executor.LeftBehind.ShouldBe(0);
        _records.All.Select(r => r.Id.Id).ShouldBe([2506, 2506, 2590, 2507]);
    }

    [Fact]
    public void Inputs_are_read_by_name_and_a_misfit_names_the_property()
    {
        Read<Order>("""{"customer": "Ada", "item_count": "3", "kind": "next_day"}""").ShouldBe(new Order("Ada", 3, Delivery.NextDay));
        Read<int>("""{"value": 7}""").ShouldBe(7);
        Misfit<Order>("""{"customer": "Ada", "item_count": "many"}""").ShouldContain("`with.item_count`");
        Misfit<Order>("""{"item_count": 3}""").ShouldContain("customer");
        Misfit<Order>("""{"customer": null, "item_count": 3}""").ShouldContain("customer");
        Misfit<Order>("""{"customer": "Ada", "item_count": 3, "colour": "red"}""").ShouldContain("colour");
        Misfit<int>("""{"number": 7}""").ShouldContain("with: {value: ...}");
        Should.Throw<ArgumentException>(() => DelegateReflection.Input<Colliding>()).Message.ShouldContain("cannot be the input of a task");
    }

    private static T Read<T>(string with) =>
        DelegateInput.Read(JsonDocument.Parse(with).RootElement.EnumerateObject().ToImmutableSortedDictionary(p => p.Name, p => p.Value, StringComparer.Ordinal), DelegateReflection.Input<T>());

    private static string Misfit<T>(string with)
    {
        var failed = Should.Throw<TaskFailedException>(() => Read<T>(with));
        (failed.Kind, failed.Retryable).ShouldBe((FailureKind.Error, false));
        return failed.Message;
    }

    private DelegateTaskExecutor Executor() => new(_delegates, new(), _clock, new LoggerFactory([_records]).CreateLogger<DelegateTaskExecutor>())
    {
        Abandoned = attempt => _abandoned.Add(attempt.Task.Id.ToString()),
    };

    private Engine.Executors.TaskAttempt Attempt(string name) => _scene.Attempt(new DelegateAction(name), new());

    private async Task<TaskOutcome> Run(string name, params string[] secrets) => await Executor().ExecuteAsync(Attempt(name).WithSecrets(secrets), CancellationToken.None);

    internal sealed record Order(string Customer, int ItemCount, Delivery Kind = Delivery.Standard);

    internal sealed record Colliding(int RowCount, int Row_Count);

    internal enum Delivery
    {
        Standard,
        NextDay,
    }
}
