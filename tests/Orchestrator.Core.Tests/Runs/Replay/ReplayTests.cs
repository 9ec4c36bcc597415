using System.Text;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Runs.Replay;
using Orchestrator.Core.Serialization;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Runs.Replay;

public sealed class ReplayTests
{
    /// <summary>Set to <c>write</c>, the journals are written anew; a look at the difference is part of the change.</summary>
    private const string Variable = "ORCHESTRATOR_GOLDEN";

    public static TheoryData<string> Names => [.. GoldenRuns.All.Keys];

    [Theory, MemberData(nameof(Names))]
    public void Decisions_are_those_of_the_golden_journal(string name)
    {
        var text = Text(GoldenRuns.All[name]().Events);
#pragma warning disable RS0030 // The switch is the developer's, not the program's.
        if (Environment.GetEnvironmentVariable(Variable) == "write") File.WriteAllText(PathOf(name), text);
#pragma warning restore RS0030
        text.ShouldBe(File.ReadAllText(PathOf(name)), $"If this is meant, run the test with {Variable}=write and look at what changed.");
    }

    [Theory, MemberData(nameof(Names))]
    public void A_golden_journal_replays_equal(string name)
    {
        var events = Read(name);
        var result = RunReplay.Of(PlanOf(name), events);
        result.Difference?.ToString().ShouldBeNull();
        (result.Events, result.Steps[^1].LastSeq).ShouldBe((events.Count, events[^1].Seq));
        events[^1].Event.ShouldBeAssignableTo<WorkflowEnded>("the run is played to its end");
    }

    /// <summary>Journals that earlier versions wrote: of format version 1, and of version 2 before causes and refusals were facts.</summary>
    public static TheoryData<string> EarlierNames => [.. new[] { "v1", "v2-before-facts" }
        .SelectMany(folder => Directory.GetFiles(PathOf(folder)[..^".jsonl".Length], "*.jsonl").Select(f => $"{folder}/{Path.GetFileNameWithoutExtension(f)}"))];

    [Theory, MemberData(nameof(EarlierNames))]
    public void A_golden_journal_of_an_earlier_version_replays_equal(string name)
    {
        var events = Read(name);
        RunReplay.Of(PlanOf(Path.GetFileName(name)), events).Difference?.ToString().ShouldBeNull();
    }

    [Theory, MemberData(nameof(EarlierNames))]
    public void A_golden_journal_of_an_earlier_version_reads_as_the_same_facts(string name)
    {
        var facts = (RecordedEvent e) => e.Event switch
        {
            AttemptClosed { Loss: { } loss } => Words.Of(loss),
            TaskQueued { Pool: { } pool } => pool,
            WorkflowFailed { RetryRefusal: { } refusal } => refusal,
            _ => null,
        };
        Read(name).Select(facts).ShouldBe(Read(Path.GetFileName(name)).Select(facts));
    }

    [Theory, MemberData(nameof(Names))]
    public void The_beginning_of_a_journal_replays_equal_at_the_end_of_every_turn(string name)
    {
        var events = Read(name);
        foreach (var step in RunReplay.Of(PlanOf(name), events).Steps)
            RunReplay.Of(PlanOf(name), [.. events.Take((int)step.LastSeq)]).IsEqual.ShouldBeTrue(step.ToString());
    }

    [Theory, MemberData(nameof(Names))]
    public void A_decision_that_is_missing_is_found(string name)
    {
        var events = Read(name);
        foreach (var gone in events.Where(e => e.Event is WorkflowFinalizing or StageEvent or TaskSkipped or TaskQueued or TaskExpanded or WorkflowPaused))
        {
            var rest = events.Where(e => e != gone).Select((e, i) => e with { Seq = i + 1 }).ToList();
            var difference = RunReplay.Of(PlanOf(name), rest).Difference.ShouldNotBeNull($"without {gone.Event.Type}");
            difference.Seq.ShouldBeLessThanOrEqualTo(gone.Seq);
        }
    }

    [Theory]
    [InlineData("retries", "task.retrying", "delay_ms", "2000", "2500")]
    [InlineData("retries", "task.retrying", "next_attempt", "2", "3")]
    [InlineData("retries", "task.failed", "allowed", "", "true")]
    [InlineData("chain", "task.started", "max_attempts", "1", "2")]
    [InlineData("chain", "workflow.completed", "completed", "3", "2")]
    [InlineData("fail-fast-drain", "task.skipped", "reason", "\"dependency_failed\"", "\"condition\"")]
    [InlineData("fail-fast-drain", "task.skipped", "blocked_by", "[\"bad\"]", "[]")]
    [InlineData("fail-fast-drain", "workflow.finalizing", "outcome", "\"failed\"", "\"completed\"")]
    [InlineData("handlers-failure", "task.started", "role", "\"handler\"", "")]
    [InlineData("run-retry", "workflow.retrying", "next_attempt", "2", "3")]
    [InlineData("child", "task.waiting", "waits_for", "\"workflow\"", "\"event\"")]
    [InlineData("matrix", "task.expanded", "items", null, "[{\"os\":\"linux\",\"v\":1}]")]
    [InlineData("outputs", "workflow.completed", "workflow_result", "{\"rows\":12.50}", "{\"rows\":13}")]
    public void A_field_that_is_changed_is_found_and_named(string name, string type, string field, string? decided, string changed)
    {
        var lines = File.ReadAllLines(PathOf(name));
        var at = Array.FindLastIndex(lines, l => l.Contains($"\"type\":\"{type}\"", StringComparison.Ordinal) && (decided is null || decided.Length == 0 || l.Contains($"\"{field}\":{decided}", StringComparison.Ordinal)));
        at.ShouldBeGreaterThanOrEqualTo(0);
        lines[at] = Change(lines[at], field, changed);
        var difference = RunReplay.Of(PlanOf(name), [.. lines.Select(l => JournalCodec.Read(Encoding.UTF8.GetBytes(l)))]).Difference.ShouldNotBeNull();
        difference.Seq.ShouldBe(at + 1);
        var fields = difference.Fields.Where(f => f.Name == field).ToList();
        fields.ShouldHaveSingleItem();
        (fields[0].Found ?? "").ShouldBe(changed);
        if (decided is not null) (fields[0].Expected ?? "").ShouldBe(decided);
    }

    [Fact]
    public void A_task_that_started_although_its_dependency_had_failed_is_found()
    {
        var bench = new Bench(A.Workflow(A.Task("a"), A.Task("b", "a"))).Begin().Wait(5).Succeed("a").Wait(5).Succeed("b");
        var events = bench.Events.Select(e => e.Event is TaskCompleted { Task: var task, Attempt: 1 } c && task == new TaskId("a")
            ? e with { Event = new TaskFailed(task, 1) { Error = "broken", Kind = FailureKind.ExitCode, Attempts = 1 } } : e).ToList();
        var difference = RunReplay.Of(bench.State.Plan, events).Difference.ShouldNotBeNull();
        difference.ToString().ShouldBe("Event 7: recorded task.started of b, attempt 1, replay decides task.skipped of b.");
    }

    [Fact]
    public void What_clocks_measured_is_taken_from_the_record_and_decided_with()
    {
        var bench = new Bench(A.Workflow(A.Task("a"), A.Task("b", "a") with { If = "tasks.a.duration_ms > 100" })).Begin().Wait(5).Succeed("a");
        var events = bench.Events.ToList();
        RunReplay.Of(bench.State.Plan, events).IsEqual.ShouldBeTrue();
        var at = events.FindIndex(e => e.Event is TaskCompleted);
        events[at] = events[at] with { Event = (TaskCompleted)events[at].Event with { DurationMs = 101 } };
        RunReplay.Of(bench.State.Plan, events).Difference.ShouldNotBeNull().Found!.Event.ShouldBeOfType<TaskSkipped>();
    }

    [Fact]
    public void Events_behind_the_end_and_events_that_nothing_leads_to_are_found()
    {
        var bench = new Bench(A.Workflow(A.Task("a"))).Begin().Wait(5).Succeed("a");
        var extra = bench.Events[^1] with { Seq = bench.Events.Count + 1 };
        RunReplay.Of(bench.State.Plan, [.. bench.Events, extra]).Difference.ShouldNotBeNull().Expected.ShouldBeNull();
        RunReplay.Of(bench.State.Plan, [bench.Events[2] with { Seq = 1 }]).Difference.ShouldNotBeNull().Seq.ShouldBe(1);
    }

    private static string Change(string line, string field, string value)
    {
        var root = System.Text.Json.Nodes.JsonNode.Parse(line)!.AsObject();
        var data = root["data"]!.AsObject();
        if (value.Length == 0) data.Remove(field);
        else data[field] = System.Text.Json.Nodes.JsonNode.Parse(value);
        return root.ToJsonString();
    }

    private static RunPlan PlanOf(string name) => new(GoldenRuns.All[name]().State.Plan.Definition);

    private static List<RecordedEvent> Read(string name) => [.. File.ReadLines(PathOf(name)).Select(l => JournalCodec.Read(Encoding.UTF8.GetBytes(l)))];

    private static string Text(List<RecordedEvent> events)
    {
        using var codec = new JournalCodec();
        var text = new System.Buffers.ArrayBufferWriter<byte>();
        for (var i = 0; i < events.Count; i++) codec.Write(text, events[i], new(1, 80, i == events.Count - 1 ? events.Count : 0));
        return Encoding.UTF8.GetString(text.WrittenSpan);
    }

    private static string PathOf(string name, [System.Runtime.CompilerServices.CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "golden", name + ".jsonl");
}
