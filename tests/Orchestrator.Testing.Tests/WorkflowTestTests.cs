using Orchestrator.Core;
using Orchestrator.Engine.Registration;
using Shouldly;
using Xunit;

namespace Orchestrator.Testing.Tests;

/// <summary>The test kit as its users see it.</summary>
public sealed class WorkflowTestTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("orchestrator-testing-");

    [Fact]
    public async Task Results_of_a_fake_reach_the_tasks_after_it()
    {
        await using var test = await StartAsync("""
            name: sales
            params: {day: {type: string, required: true}}
            tasks:
              - {id: fetch, run: "./fetch.sh ${{ params.day }}"}
              - {id: load, depends_on: [fetch], if: "${{ tasks.fetch.outputs.rows > 0 }}", run: 'load "$ROWS"', env: {ROWS: "${{ tasks.fetch.outputs.rows }}"}}
              - {id: never, depends_on: [fetch], if: "${{ tasks.fetch.outputs.rows > 5 }}", run: "true"}
            outputs: {rows: "${{ tasks.fetch.outputs.rows }}"}
            """);
        test.Task("fetch").Returns(new { Rows = 3 });
        var run = await test.RunAsync("sales", new { Day = "2026-01-01" });
        run.Status.ShouldBe(RunStatus.Completed);
        run.Counts.Skipped.ShouldBe(1);
        run.Outputs!["rows"].GetInt32().ShouldBe(3);
        test.Task("fetch").Calls.ShouldHaveSingleItem().Asked.Command.ShouldBe("./fetch.sh 2026-01-01");
        test.Task("load").Calls.ShouldHaveSingleItem().Asked.Env["ROWS"].ShouldBe("3");
        test.Task("never").Calls.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_wrong_definition_fails_the_test_with_its_place_and_its_remedy()
    {
        var refused = await Should.ThrowAsync<InvalidOperationException>(StartAsync("name: x\ntasks: [{id: a, run: \"true\", retrry: 3}]\n"));
        refused.Message.ShouldContain("flow.yaml:2:30: ORC110");
        refused.Message.ShouldContain("Did you mean 'retry'?");
    }

    [Fact]
    public async Task Retries_wait_on_the_clock_and_not_in_the_test()
    {
        await using var test = await StartAsync("""
            name: flaky
            tasks: [{id: a, run: "true", retry: {max_attempts: 4, initial_delay: 1h, max_delay: 1d}}]
            """);
        var began = test.Clock.GetUtcNow();
        test.Task("a").Fails("no route to host", times: 2).Takes(TimeSpan.FromMinutes(5));
        (await test.RunAsync("flaky")).Status.ShouldBe(RunStatus.Completed);
        test.Task("a").Calls.Select(c => c.Attempt).ShouldBe([1, 2, 3]);
        (test.Clock.GetUtcNow() - began).ShouldBeInRange(TimeSpan.FromHours(2), TimeSpan.FromHours(6));
    }

    [Fact]
    public async Task A_fake_that_takes_longer_than_its_timeout_times_out()
    {
        await using var test = await StartAsync("name: slow\ntasks: [{id: a, run: \"true\", timeout: 10m}]\n");
        test.Task("a").Takes(TimeSpan.FromHours(1));
        var run = await test.RunAsync("slow");
        (run.Status, run.ErrorType).ShouldBe((RunStatus.Failed, FailureKind.Timeout));
    }

    [Fact]
    public async Task Children_of_a_fan_out_share_a_fake_unless_one_has_its_own()
    {
        await using var test = await StartAsync("""
            name: many
            fail_fast: false
            tasks: [{id: each, foreach: {items: [a, b, c]}, run: "echo ${{ item }}"}]
            """);
        test.Task("each[1]").Fails("broken");
        var run = await test.RunAsync("many");
        run.Status.ShouldBe(RunStatus.Failed);
        test.Task("each").Calls.Select(c => c.Asked.Command!).Order(StringComparer.Ordinal).ShouldBe(["echo a", "echo c"]);
        test.Task("each[1]").Calls.ShouldHaveSingleItem().Asked.Command.ShouldBe("echo b");
    }

    [Fact]
    public async Task An_approval_expires_unless_the_test_answers()
    {
        await using var test = await StartAsync("""
            name: asks
            tasks: [{id: sure, approval: {prompt: "Sure?"}}, {id: after, depends_on: [sure], run: "true"}]
            """);
        (await test.RunAsync("asks")).ErrorType.ShouldBe(FailureKind.Expired, "nobody answered");
        var run = (await test.Client.SubmitAsync("asks")).RunId;
        await test.SettleAsync();
        (await test.Client.ApproveAsync(run, "sure", "ann")).Refusal.ShouldBeNull();
        await test.AdvanceAsync(TimeSpan.FromSeconds(1));
        (await test.ViewAsync(run)).Status.ShouldBe(RunStatus.Completed);
        test.Task("after").Calls.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_run_that_waits_for_what_only_the_test_can_give_is_said()
    {
        await using var test = await StartAsync("name: hears\ntasks: [{id: hear, wait: {event: go}}]\n");
        (await Should.ThrowAsync<TimeoutException>(() => test.RunAsync("hears"))).Message.ShouldContain("with hear ");
    }

    [Fact]
    public async Task Child_runs_and_waits_pass_with_the_clock()
    {
        await using var test = await StartAsync("""
            name: outer
            tasks: [{id: pause, wait: {for: 2d}}, {id: call, depends_on: [pause], workflow: {name: inner}}]
            ---
            name: inner
            tasks: [{id: work, run: "true"}]
            """);
        test.Task("work").Takes(TimeSpan.FromHours(1));
        var began = test.Clock.GetUtcNow();
        (await test.RunAsync("outer")).Status.ShouldBe(RunStatus.Completed);
        (test.Clock.GetUtcNow() - began).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromHours(49));
    }

    [Fact]
    public async Task A_fake_that_throws_fails_its_attempt()
    {
        await using var test = await StartAsync("name: x\ntasks: [{id: a, run: \"true\"}]\n");
        test.Task("a").Does(_ => throw new InvalidOperationException("The test is wrong."));
        (await test.RunAsync("x")).ErrorType.ShouldBe(FailureKind.Panic);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private Task<WorkflowTest> StartAsync(string yaml)
    {
        var file = Path.Combine(_folder.FullName, "flow.yaml");
        File.WriteAllText(file, yaml);
        return WorkflowTest.StartAsync(o => o.AddWorkflowsFrom(file));
    }
}
