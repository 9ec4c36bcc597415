using Orchestrator.Core.Explanations;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Tests.Runs;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Explanations;

public sealed class RunExplanationTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Now = Start.AddMinutes(1);

    private static RunFacts Other(int n, RunStatus status = RunStatus.Running, string tenant = "default", string? group = null, int rank = 0, double since = -10, double started = -5) =>
        new(RunId.New(Start.AddSeconds(since), [.. Enumerable.Repeat((byte)n, 10)]), "other", tenant, status)
        {
            Group = group, Rank = rank, Level = 2, Since = Start.AddSeconds(since), StartedAt = status == RunStatus.Queued ? null : Now.AddSeconds(started), Worker = "w1",
        };

    private static Explanation Why(WorkflowCreated created, WorkerLimits limits, params RunFacts[] others)
    {
        var workflow = A.Workflow(A.Task("a")) with { Concurrency = created.ConcurrencyGroup is { } group ? new(group) : null };
        var bench = new Bench(workflow).Take(new RunInput.Create(created, 0));
        return RunExplanation.Of(new(new RunPlan(workflow), bench.Events, Now, _ => new(true, null)), new(Now, limits, others));
    }

    private static WorkflowCreated Created => new() { Workflow = "test", DefinitionVersion = "v", Trigger = TriggerKind.Manual, RequestedBy = "ann" };

    private static (bool? Passes, string? Value) Gate(Explanation found, string name) => found.Gates.Single(g => g.Name == name) is var g ? (g.Passes, g.Value) : default;

    [Fact]
    public void A_full_group_is_named_with_its_holder()
    {
        var holder = Other(1, group: "load");
        var why = Why(Created with { ConcurrencyGroup = "load" }, new(), holder, Other(2, group: "else"), Other(3, tenant: "t2", group: "load"), Other(4, RunStatus.Queued, group: "load"));
        why.Status.ShouldBe("queued");
        Gate(why, "concurrency").ShouldBe((false, "load: 1 of 1"));
        why.Gates.Single(g => g.Name == "concurrency").Facts.Single().Name.ShouldBe(holder.Id.ToString());
        why.Answer.ShouldContain($"Concurrency group 'load' is full: 1 of 1 run has started ({holder.Id})");
    }

    [Fact]
    public void An_earliest_start_that_has_not_come_is_the_reason()
    {
        var why = Why(Created with { NotBefore = Now.AddHours(1) }, new());
        Gate(why, "not_before").ShouldBe((false, "2026-01-01 01:01:00Z"));
        why.Answer.ShouldContain("It starts no earlier than 2026-01-01 01:01:00Z.");
    }

    [Fact]
    public void Places_count_running_runs_and_not_paused_ones()
    {
        var limits = new WorkerLimits { MaxRunning = 2, MaxOfTenant = 2 };
        Gate(Why(Created, limits, Other(1), Other(2)), "place").ShouldBe((false, "2 of 2"));
        Gate(Why(Created, limits, Other(1), Other(2, RunStatus.Paused)), "place").ShouldBe((true, "1 of 2"));
    }

    [Fact]
    public void A_tenant_that_has_its_share_waits_though_there_are_places()
    {
        var limits = new WorkerLimits { MaxRunning = 20, MaxOfTenant = 2 };
        Gate(Why(Created, limits, Other(1), Other(2)), "tenant_share").ShouldBe((false, "2 of 2"));
        Why(Created, limits, Other(1), Other(2, tenant: "t2")).Gates.ShouldNotContain(g => g.Name == "tenant_share");
    }

    [Theory]
    [InlineData(0.1, true, null, null)]     // nothing has started: the bucket is full
    [InlineData(0.1, false, -5.0, null)]    // one token each 10 s, and one run started 5 s ago
    [InlineData(0.1, true, -11.0, null)]
    [InlineData(10.0, true, -0.2, -0.3)]
    public void The_rate_limit_follows_from_what_started(double rate, bool passes, double? one, double? two)
    {
        var limits = new WorkerLimits { RunsPerSecond = rate, Burst = 2 };
        double?[] started = [one, two];
        Gate(Why(Created, limits, [.. started.OfType<double>().Select((s, i) => Other(i + 1, RunStatus.Completed, started: s))]), "rate_limit").Passes.ShouldBe(passes);
    }

    [Fact]
    public void The_position_counts_the_runs_that_go_before()
    {
        Gate(Why(Created, new(), Other(1, RunStatus.Queued), Other(2, RunStatus.Queued, rank: 5), Other(3, RunStatus.Queued, since: 10), Other(4)), "rank").ShouldBe((false, "2"));
        Gate(Why(Created, new(), Other(1, RunStatus.Queued, group: "g"), Other(2, group: "g")), "rank").ShouldBe((true, "1"), "one that waits for its group keeps nobody back");
    }

    [Fact]
    public void A_run_that_started_tells_what_its_tasks_do()
    {
        var workflow = A.Workflow(A.Task("a"), A.Event("e", "go"), A.Task("c", "a"));
        var bench = new Bench(workflow).Begin();
        var why = RunExplanation.Of(new(new RunPlan(workflow), bench.Events, Now, _ => new(true, null)), new(Now, new(), []));
        why.Answer.ShouldBe($"Run {bench.Id} of test is running: a runs; e waits without a slot.");
        why.Parts.Select(p => (p.Subject, p.Status)).ShouldBe([($"{bench.Id}/a", "running"), ($"{bench.Id}/e", "waiting"), ($"{bench.Id}/c", "pending")]);
    }

    [Fact]
    public void The_ends_name_their_reason()
    {
        var workflow = A.Workflow(A.Task("a"), A.Task("b", "a"));
        Answer(new Bench(workflow).Begin().Fail("a")).ShouldContain("failed at 2026-01-01 00:00:00Z: ");
        Answer(new Bench(workflow).Begin().Succeed("a").Succeed("b")).ShouldContain("2 of 2 tasks completed");
        Answer(new Bench(workflow).Begin().Take(new RunInput.Cancel("bob", Comment: "wrong day")).Finish("a", new TaskOutcome.Cancelled())).ShouldContain("by bob: wrong day");

        string Answer(Bench bench) => RunExplanation.Of(new(new RunPlan(workflow), bench.Events, Now), new(Now, new(), [])).Answer;
    }
}
