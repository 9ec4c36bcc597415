using Orchestrator.Core.Admission;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Tests.Runs;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Admission;

/// <summary>Admission has no clock: time comes in with each question, and the answers follow from nothing else.</summary>
public sealed class AdmissionBookTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private byte _runs;

    [Fact]
    public void A_run_before_its_earliest_start_waits_for_as_long_as_the_answer_says()
    {
        var book = Book();
        var early = Add(book, At(0), facts => facts with { NotBefore = Noon.AddSeconds(90) });
        book.TryNext(At(30), out _, out var wait).ShouldBeFalse();
        wait.ShouldBe(TimeSpan.FromSeconds(60));
        book.TryNext(At(90), out var next, out _).ShouldBeTrue();
        next.ShouldBe(early);
        book.TryNext(At(91), out _, out wait).ShouldBeFalse();
        wait.ShouldBeNull("only an event changes it");
    }

    [Fact]
    public void The_rate_is_kept_by_the_monotonic_clock_and_a_step_of_the_walls_clock_changes_nothing()
    {
        var book = Book(new(10, 10, RunsPerSecond: 0.5, Burst: 1, _ => null));
        for (var i = 0; i < 2; i++) Add(book, At(0));
        book.TryNext(At(0), out _, out _).ShouldBeTrue();
        book.TryNext(new(Noon.AddHours(5), 500), out _, out var wait).ShouldBeFalse();
        wait.ShouldBe(TimeSpan.FromSeconds(1.5));
        book.TryNext(new(Noon.AddHours(-5), 2000), out _, out _).ShouldBeTrue();
    }

    [Fact]
    public void A_tenant_without_a_token_is_asked_again_when_it_has_one()
    {
        var book = Book(new(10, 10, null, 1, tenant => tenant == "slow" ? 0.1 : null));
        for (var i = 0; i < 2; i++) Add(book, At(0), facts => facts with { TenantId = "slow" });
        Add(book, At(0), facts => facts with { TenantId = "other" });
        book.TryNext(At(0), out _, out _).ShouldBeTrue();
        book.TryNext(At(0), out var second, out _).ShouldBeTrue();
        second!.Tenant.Name.ShouldBe("other");
        book.TryNext(At(4), out _, out var wait).ShouldBeFalse();
        wait!.Value.TotalSeconds.ShouldBe(6, 0.001);
        book.TryNext(At(10.001), out var third, out _).ShouldBeTrue();
        third!.Tenant.Name.ShouldBe("slow");
    }

    [Fact]
    public void Runs_that_are_to_end_in_favour_of_others_are_told_once()
    {
        var book = Book();
        var newest = new ConcurrencyDefinition("g") { OnConflict = OnConflict.CancelRunning };
        var first = Add(book, At(0), facts => facts with { ConcurrencyGroup = "g" }, newest);
        book.TryNext(At(0), out _, out _).ShouldBeTrue();
        var second = Add(book, At(1), facts => facts with { ConcurrencyGroup = "g" }, newest);
        book.TakeSuperseded().ShouldBe([(first, second)]);
        book.TakeSuperseded().ShouldBeEmpty();
        book.TryNext(At(1), out _, out _).ShouldBeFalse("the first has not ended");
        book.Leave(first);
        book.Leave(first);   // whoever tells it twice changes nothing
        book.Running.ShouldBe(0);
        book.TryNext(At(2), out var next, out _).ShouldBeTrue();
        next.ShouldBe(second);
    }

    [Fact]
    public void Slots_of_a_pool_are_counted_over_all_runs_and_given_back_with_them()
    {
        var (one, other) = (State(["a", "b"]), State(["a"]));
        var pools = new PoolSlots<RunState>(new Dictionary<string, int> { ["db"] = 3 }, state => state);
        pools.Follow(one);
        pools.Follow(other);
        pools.Free("db").ShouldBe(0);
        pools.Follow(one);
        pools.Free("db").ShouldBe(0, "nothing has changed");
        pools.LetGo(one);
        pools.LetGo(one);
        pools.Free("db").ShouldBe(2);
    }

    private static AdmissionBook Book(AdmissionRules? rules = null) => new(rules ?? new(10, 10, null, 2, _ => null));

    private static Moment At(double seconds) => new(Noon.AddSeconds(seconds), seconds * 1000);

    private Ticket Add(AdmissionBook book, Moment now, Func<WorkflowCreated, WorkflowCreated>? change = null, ConcurrencyDefinition? concurrency = null)
    {
        var facts = new WorkflowCreated { Workflow = "test", DefinitionVersion = "v" };
        var state = new RunState(new RunPlan(A.Workflow(A.Task("a")) with { Concurrency = concurrency }));
        return book.Add(RunId.New(now.Utc, [0, 0, ++_runs, 0, 0, 0, 0, 0, 0, 0]), () => state, change?.Invoke(facts) ?? facts, now);
    }

    private static RunState State(string[] running) => new Bench(A.Workflow([.. running.Select(id => A.Task(id) with { Pool = "db" })])).Begin().State;
}
