using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Executors;
using Orchestrator.Engine.Executors.Delegate;
using Orchestrator.Engine.Executors.Noop;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Executors;

public sealed class DelegateTests : IDisposable
{
    private readonly AttemptScene _scene = new();
    private readonly TaskDelegates _delegates = new();

    public void Dispose() => _scene.Dispose();

    [Fact]
    public async Task Results_become_outputs()
    {
        _delegates.Add("object", (c, _) => Task.FromResult<object?>(new { RowCount = 3, Who = c.With["name"].GetString() }))
            .Add("dictionary", (_, _) => Task.FromResult<object?>(new Dictionary<string, object?> { ["A"] = 1, ["b"] = null }))
            .Add("number", (_, _) => Task.FromResult<object?>(7))
            .Add("later", async (_, stop) => { await Task.Yield(); stop.ThrowIfCancellationRequested(); });
        var made = await Run("object");
        (made.Text("row_count"), made.Text("who")).ShouldBe(("3", "Ada"));
        made.LogRef.ShouldBeNull();
        ((TaskOutcome.Succeeded)await Run("dictionary")).Outputs.Keys.ShouldBe(["A", "b"]);
        (await Run("number")).Text("value").ShouldBe("7");
        ((TaskOutcome.Succeeded)await Run("later")).Outputs.ShouldBeEmpty();
        Directory.Exists(_scene.RunDirectory).ShouldBeFalse();
    }

    [Fact]
    public async Task A_missing_delegate_is_told_with_a_suggestion_and_not_retried()
    {
        _delegates.Add("send-report", (_, _) => Task.CompletedTask);
        var failed = (await Run("send_report")).ShouldBeOfType<TaskOutcome.Failed>();
        (failed.Kind, failed.Retryable).ShouldBe((FailureKind.DelegateMissing, false));
        failed.Message.ShouldContain("Did you mean 'send-report'?");
    }

    [Fact]
    public async Task An_exception_is_a_panic_without_secrets()
    {
        _delegates.Add("throws", (_, _) => throw new InvalidOperationException("no hunter22"))
            .Add("fails", async (_, _) => { await Task.Yield(); throw new FormatException("bad"); });
        var thrown = (await Run("throws", secrets: "hunter22")).ShouldBeOfType<TaskOutcome.Failed>();
        (thrown.Kind, thrown.Message, thrown.ExceptionType).ShouldBe((FailureKind.Panic, "System.InvalidOperationException: no ***", "System.InvalidOperationException"));
        ((TaskOutcome.Failed)await Run("fails")).Message.ShouldBe("System.FormatException: bad");
    }

    [Fact]
    public async Task Cancellation_is_obeyed_or_the_delegate_is_left_behind_after_the_grace()
    {
        var never = new TaskCompletionSource<object?>();
        _delegates.Add("obeys", async (_, stop) => { await never.Task.WaitAsync(stop); }).Add("ignores", (_, _) => never.Task);
        foreach (var name in _delegates.Names)
        {
            using var stop = new CancellationTokenSource();
            var running = RunUntil(name, null, stop.Token);
            await stop.CancelAsync();
            (await running).ShouldBeOfType<TaskOutcome.Cancelled>();
        }
    }

    [Fact]
    public async Task Results_that_are_too_large_or_hold_a_secret_fail()
    {
        _delegates.Add("large", (_, _) => Task.FromResult<object?>(new string('x', 2_000_000))).Add("leak", (_, _) => Task.FromResult<object?>("my hunter22"));
        ((TaskOutcome.Failed)await Run("large")).Kind.ShouldBe(FailureKind.OutputLimit);
        ((TaskOutcome.Failed)await Run("leak", secrets: "hunter22")).Kind.ShouldBe(FailureKind.SecretInOutput);
    }

    [Fact]
    public async Task Each_kind_has_its_executor_and_others_are_named()
    {
        var noop = new NoopTaskExecutor();
        var all = new TaskExecutors(_scene.Executor, Executor(), noop);
        all.For("script").ShouldBe(_scene.Executor);
        (await all.For("noop").ExecuteAsync(_scene.Attempt(new NoopAction(), new()), TestContext.Current.CancellationToken)).ShouldBeOfType<TaskOutcome.Succeeded>();
        Should.Throw<KeyNotFoundException>(() => all.For("telepathy")).Message.ShouldContain("known: delegate, exec, noop, run, script");
    }

    private DelegateTaskExecutor Executor() =>
        new(_delegates, new() { DelegateGrace = TimeSpan.FromMilliseconds(50) }, TimeProvider.System, NullLogger<DelegateTaskExecutor>.Instance);

    private Task<TaskOutcome> Run(string name, string? secrets = null) => RunUntil(name, secrets, CancellationToken.None);

    private async Task<TaskOutcome> RunUntil(string name, string? secrets, CancellationToken stop)
    {
        var with = ImmutableSortedDictionary<string, JsonElement>.Empty.Add("name", JsonSerializer.SerializeToElement("Ada"));
        var attempt = _scene.Attempt(new DelegateAction(name) { With = with }, new() { With = with });
        var seen = secrets is null ? attempt : attempt.WithSecrets(secrets);
        return _scene.Judged(seen, await Executor().ExecuteAsync(seen, stop));
    }
}
