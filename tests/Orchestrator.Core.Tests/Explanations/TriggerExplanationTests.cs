using Orchestrator.Core.Definitions;
using Orchestrator.Core.Explanations;
using Orchestrator.Core.Tests.Triggers;
using Orchestrator.Core.Triggers;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Explanations;

public sealed class TriggerExplanationTests
{
    private readonly TriggerBench _bench = new();

    [Fact]
    public void A_trigger_says_what_its_last_delivery_did()
    {
        Why().ShouldBe(("none", null, "Trigger nightly/pushed: Nothing has been delivered yet."));
        _bench.Deliver("d1");
        var run = _bench.State.Pending.Keys.Single();
        Why().ShouldBe(("pending", false, $"Trigger nightly/pushed: Run {run} was started and is not accepted yet: the service submits it until it is."));
        _bench.AcceptAll();
        Why().ShouldBe(("fired", true, $"Trigger nightly/pushed: The last delivery started run {run} at 2026-01-01 00:00:00Z."));
        _bench.Deliver("d1");
        Why().ShouldBe(("duplicate", null, $"Trigger nightly/pushed: The last delivery, d1 at 2026-01-01 00:00:00Z, had arrived before and had started run {run}: it starts nothing."));
        _bench.Deliver("d2", """{"bad":"no day"}""");
        Why().ShouldBe(("rejected", false, "Trigger nightly/pushed: The last delivery was refused at 2026-01-01 00:00:00Z (params): no day."));
        _bench.Do(new TriggerInput.Reject(RejectReasons.Signature) { Count = 7 });
        Why().Sentence.ShouldBe("Trigger nightly/pushed: The last 7 deliveries were refused at 2026-01-01 00:00:00Z (signature).");
    }

    [Fact]
    public void Deliveries_that_wait_say_until_when()
    {
        _bench.Policy = new TriggerPolicy.Batch(5, TimeSpan.FromMinutes(1));
        _bench.Deliver("d1");
        var why = Why(new() { Id = "pushed", Http = new() { Secret = "S" }, Batch = new(5, TimeSpan.FromMinutes(1)) });
        why.ShouldBe(("held", false, "Trigger nightly/pushed: 1 delivery waits for others; it starts a run at 2026-01-01 00:01:00Z, or earlier or later as others arrive."));
    }

    [Fact]
    public void One_that_is_switched_off_or_gone_starts_nothing()
    {
        Why(new() { Id = "pushed", Http = new() { Secret = "S" }, Enabled = false }).ShouldBe(("disabled", false, "Trigger nightly/pushed: Its definition has `enabled: false`. Nothing was delivered."));
        TriggerGates.Of(new("nightly", "pushed", _bench.Journal, null)).Sentence.ShouldBe("Trigger nightly/pushed: No definition has it now. Nothing was delivered.");
    }

    private (string? Value, bool? Passes, string Sentence) Why(TriggerDefinition? definition = null)
    {
        var gate = TriggerGates.Of(new("nightly", "pushed", _bench.Journal, definition ?? new() { Id = "pushed", Http = new() { Secret = "S" } }));
        return (gate.Value, gate.Passes, gate.Sentence);
    }
}
