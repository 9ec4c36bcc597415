using System.Collections.Immutable;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Triggers;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Triggers;

public sealed class TriggerChainTests
{
    [Fact]
    public void A_run_leads_to_no_workflow_that_led_to_it()
    {
        var load = Created("load");
        var check = Created("check", TriggerChain.After(load));
        TriggerChain.After(check).ShouldBe(["load", "check"]);
        TriggerChain.LeadsBack(check, "load").ShouldBeTrue();
        TriggerChain.LeadsBack(check, "check").ShouldBeTrue("its own runs");
        TriggerChain.LeadsBack(check, "tell").ShouldBeFalse();
        TriggerChain.LeadsBack(load, "tell").ShouldBeFalse();
        TriggerChain.After(Created("load", TriggerChain.After(check))).ShouldBe(["load", "check"], "each is named once");
    }

    [Fact]
    public void What_is_remembered_is_bounded()
    {
        ImmutableArray<string> chain = default;
        for (var i = 0; i < TriggerChain.MaxNames + 10; i++) chain = TriggerChain.After(Created($"w{i}", chain));
        chain.Length.ShouldBe(TriggerChain.MaxNames);
    }

    [Fact]
    public void The_chain_of_a_delivery_is_that_of_its_run_and_those_of_a_batch_come_together()
    {
        var bench = new TriggerBench();
        bench.Do(new TriggerInput.Deliver(TriggerBench.Delivery("d1") with { Chain = ["load"] }));
        bench.State.Pending.Values.ShouldHaveSingleItem().Chain.ShouldBe(["load"]);
        bench.AcceptAll();
        bench.Policy = new TriggerPolicy.Batch(3, TimeSpan.FromHours(1));
        bench.Do(new TriggerInput.Deliver(TriggerBench.Delivery("d2") with { Chain = ["load", "check"] }));
        bench.Do(new TriggerInput.Deliver(TriggerBench.Delivery("d3")));
        bench.Restart();
        bench.Do(new TriggerInput.Deliver(TriggerBench.Delivery("d4") with { Chain = ["load", "tell"] }));
        bench.State.Pending.Values.ShouldHaveSingleItem().Chain.ShouldBe(["load", "check", "tell"]);
    }

    private static WorkflowCreated Created(string workflow, ImmutableArray<string> chain = default) => new() { Workflow = workflow, DefinitionVersion = new('a', 64), Trigger = TriggerKind.Trigger, Chain = chain };
}
