using Orchestrator.Core.Runs;
using Orchestrator.Core.Runs.View;
using Orchestrator.Core.Statistics.Diffs;
using Orchestrator.Core.Tests.Runs;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Statistics;

public sealed class RunDiffTests
{
    private static readonly RunId s_one = RunId.Parse("0197a3b2-0000-7000-8000-000000000001"), s_two = RunId.Parse("0197a3b2-0000-7000-8000-000000000002");

    private static RunView View(RunId id, params TaskView[] tasks) => new() { RunId = id, Workflow = "w", DefinitionVersion = "v1", Status = RunStatus.Completed, DurationMs = 10, Tasks = [.. tasks] };

    private static TaskView Task(string id, double duration = 5) => new()
    {
        Id = new(id), Status = TaskStatus.Completed, Attempts = 1, DurationMs = duration, StartedAt = DateTimeOffset.UnixEpoch, ExitCode = 0,
        History = [new(1, DateTimeOffset.UnixEpoch, duration, TaskStatus.Completed, Executable: "sh")],
    };

    [Fact]
    public void Runs_that_differ_in_times_alone_are_the_same()
    {
        var diff = RunDiff.Of(new(View(s_one, Task("a", 5))), new(View(s_two, Task("a", 7)) with { DurationMs = 12 }));
        diff.IsSame.ShouldBeTrue();
        diff.DurationMs.ShouldBe(new Change<double>(10, 12));
        diff.Tasks.Single().DurationMs.ShouldBe(new Change<double?>(5, 7));
        (diff.Status, diff.DefinitionVersion, diff.Host).ShouldBe((null, null, null));
    }

    [Fact]
    public void Everything_else_that_differs_is_named()
    {
        var before = View(s_one, Task("a"), Task("gone")) with { Params = Values(("day", "1"), ("same", "x")), Outputs = Values(("rows", "1")) };
        var failed = Task("a") with
        {
            Status = TaskStatus.Failed, Attempts = 3, ExitCode = 3, Reason = "exit_code", Outputs = Values(("k", "v")),
            History = [new(3, DateTimeOffset.UnixEpoch, 5, TaskStatus.Failed, Executable: "bash")],
        };
        var after = View(s_two, failed, Task("new")) with { DefinitionVersion = "v2", Status = RunStatus.Failed, Trigger = TriggerKind.Schedule, Params = Values(("day", "2"), ("same", "x"), ("extra", "y")) };
        var diff = RunDiff.Of(new(before, new("i1", "h1", "1.0")), new(after, new("i2", "h2", "1.1")));

        diff.IsSame.ShouldBeFalse();
        diff.DefinitionVersion.ShouldBe(new Change<string?>("v1", "v2"));
        diff.Status.ShouldBe(new Change<RunStatus>(RunStatus.Completed, RunStatus.Failed));
        diff.Trigger.ShouldBe(new Change<TriggerKind>(TriggerKind.Manual, TriggerKind.Schedule));
        (diff.Host, diff.WorkerVersion).ShouldBe((new Change<string?>("h1", "h2"), new Change<string?>("1.0", "1.1")));
        diff.Parameters.Select(p => $"{p.Name} {p.Before} {p.After}").ShouldBe(["day 1 2", "extra  y"]);
        diff.Results.Select(p => $"{p.Name} {p.Before} {p.After}").ShouldBe(["rows 1 "]);
        diff.Tasks.Select(t => $"{t.Id} {t.Before} {t.After}").ShouldBe(["a Completed Failed", "new  Completed", "gone Completed "]);
        var task = diff.Tasks[0];
        (task.Attempts, task.ExitCode, task.Reason, task.Program).ShouldBe(
            (new Change<int>(1, 3), new Change<int?>(0, 3), new Change<string?>(null, "exit_code"), new Change<string?>("sh", "bash")));
        task.Results.Single().Name.ShouldBe("k");
    }

    [Fact]
    public void A_worker_that_is_not_known_is_no_change() => RunDiff.Of(new(View(s_one)), new(View(s_two), new("i", "h", "1"))).Host.ShouldBeNull();

    [Fact]
    public void The_worker_is_the_last_that_took_the_run()
    {
        RecordedEvent[] events =
        [
            Recorded(1, new WorkflowCreated { Workflow = "w", DefinitionVersion = "v" }),
            Recorded(2, new WorkflowStarted { TotalTasks = 1, Worker = new("i1", "h1", "1") }),
            Recorded(3, new WorkflowRecovered("lost", 2, "i2") { Worker = new("i2", "h2", "1") }),
            Recorded(4, new WorkflowRecovered("lost", 3, "i3")),
        ];
        ComparedRun.From(null, s_one, events).Worker.ShouldBe(new WorkerFacts("i2", "h2", "1"));
        ComparedRun.WorkerOf(events[..1]).ShouldBeNull();
    }

    private static RecordedEvent Recorded(long seq, JournalEvent e) => new(StreamId.Run(s_one), seq, DateTimeOffset.UnixEpoch, e);

    private static System.Collections.Immutable.ImmutableSortedDictionary<string, System.Text.Json.JsonElement> Values(params (string Name, string Value)[] values) =>
        System.Collections.Immutable.ImmutableSortedDictionary.CreateRange(values.Select(v => KeyValuePair.Create(v.Name, A.Json(v.Value))));
}
