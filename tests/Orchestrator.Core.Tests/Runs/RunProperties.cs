using FsCheck;
using FsCheck.Fluent;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Shouldly;
using Xunit;
using TaskStatus = Orchestrator.Core.TaskStatus;

namespace Orchestrator.Core.Tests.Runs;

/// <summary>Random graphs, outcomes, cancellations and crashes: whatever happens, the promises hold.</summary>
public sealed class RunProperties
{
    [Fact]
    public void Whatever_happens_a_run_ends_once_and_tells_the_truth() =>
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed => Play(new Random(seed))).Check(Config.QuickThrowOnFailure.WithMaxTest(600));

    private static void Play(Random random)
    {
        var workflow = Workflow(random);
        var bench = new Bench(workflow, slots: random.Next(1, 6)).Begin();
        for (var step = 0; !bench.State.IsTerminal; step++)
        {
            step.ShouldBeLessThan(10_000, "the run does not end");
            Step(bench, random);
            Same(Effects.From(bench.State), bench.Outstanding);
        }
        Check(bench, workflow);
    }

    private static void Step(Bench bench, Random random)
    {
        bench.Wait(random.Next(0, 50));
        var running = bench.State.RunningTasks.ToArray();
        var waiting = bench.State.WaitingRetries.ToArray();
        switch (random.Next(0, 40))
        {
            case 0: bench.Take(new RunInput.Cancel("somebody")); return;
            case 1 when bench.State.Plan.Definition.Timeout is not null: bench.Take(new RunInput.RunTimeoutDue()); return;
            case 2 or 3:
                var before = Describe(bench.State);
                bench.Crash();
                Describe(bench.State).ShouldBe(before, "replay gives another state");
                bench.Take(new RunInput.Recover("w", "gone"));
                bench.Outstanding.Clear();   // what was owed died with the process; From(state) is owed now
                bench.Outstanding.AddRange(Effects.From(bench.State));
                return;
            case 4: bench.Slots = random.Next(1, 6); bench.Take(new RunInput.Continue()); return;
        }
        if (waiting.Length > 0 && (running.Length == 0 || random.Next(3) == 0))
            bench.RetryDue(bench.State.IdOf(waiting[random.Next(waiting.Length)]).ToString());
        else if (running.Length > 0)
        {
            var index = running[random.Next(running.Length)];
            bench.Finish(bench.State.IdOf(index).ToString(), Outcome(bench.State[index], random));
        }
        else
        {
            bench.Slots = Math.Max(1, bench.Slots);
            bench.Take(new RunInput.Continue());
        }
    }

    private static TaskOutcome Outcome(TaskState task, Random random) => random.Next(10) switch
    {
        _ when task.Stopping is not null && random.Next(4) > 0 => new TaskOutcome.Cancelled(),
        0 => new TaskOutcome.Interrupted(),
        1 or 2 or 3 => new TaskOutcome.Failed(FailureKind.Error, "broken", random.Next(3) > 0),
        4 => new TaskOutcome.Cancelled(),
        _ => new TaskOutcome.Succeeded(),
    };

    private static WorkflowDefinition Workflow(Random random)
    {
        var tasks = new TaskDefinition[random.Next(1, 25)];
        for (var i = 0; i < tasks.Length; i++)
            tasks[i] = A.Task($"t{i}", [.. Enumerable.Range(0, i).Where(_ => random.Next(Math.Max(2, i)) < 2).Select(d => $"t{d}")]) with
            {
                RunWhen = random.Next(3) == 0 ? (RunWhen)random.Next(6) : RunWhen.AllSuccess,
                Retry = random.Next(3) == 0 ? A.Retry(random.Next(1, 4)) : null,
                AllowFailure = random.Next(5) == 0,
                Idempotent = random.Next(5) > 0,
                Stage = random.Next(3) switch { 0 => "one", 1 => "two", _ => null },
                If = random.Next(8) switch { 0 => "false", 1 => "params.missing == 1", 2 => "true", _ => null },
            };
        return A.Workflow(tasks) with
        {
            FailFast = random.Next(2) == 0,
            OnFailFast = (OnFailFast)random.Next(2),
            MaxParallel = random.Next(3) == 0 ? random.Next(1, 4) : null,
            Timeout = random.Next(4) == 0 ? TimeSpan.FromSeconds(1) : null,
            Stages = ["one", "two"],
            MaxWorkerLosses = random.Next(0, 4),
        };
    }

    private static void Check(Bench bench, WorkflowDefinition workflow)
    {
        var events = bench.Events;
        events.Select(e => e.Seq).ShouldBe(Enumerable.Range(1, events.Count).Select(n => (long)n), "seq has a gap");
        events.Count(e => e.Event is WorkflowEnded).ShouldBe(1);
        events[^1].Event.ShouldBeAssignableTo<WorkflowEnded>();

        var counts = bench.State.Counts;
        counts.Terminal.ShouldBe(counts.Total);
        bench.State.End!.Counts.ShouldBe(counts);
        events.Count(e => e.Event is TaskCompleted).ShouldBe(counts.Completed);
        events.Count(e => e.Event is TaskFailed { Allowed: false }).ShouldBe(counts.Failed);
        events.Count(e => e.Event is TaskFailed { Allowed: true }).ShouldBe(counts.FailedAllowed);
        events.Count(e => e.Event is TaskSkipped).ShouldBe(counts.Skipped);
        events.Count(e => e.Event is TaskCancelled).ShouldBe(counts.Cancelled);

        var status = workflow.Tasks.ToDictionary(t => t.Id, _ => TaskStatus.Pending);
        var attempts = workflow.Tasks.ToDictionary(t => t.Id, _ => 0);
        var open = new HashSet<string>();
        foreach (var e in events.Select(r => r.Event))
        {
            if (e is StageStarted s) open.Add(s.StageName).ShouldBeTrue();
            else if (e is StageEvent closing) (open.Remove(closing.StageName) || closing is StageSkipped).ShouldBeTrue();
            if (e is not TaskEvent t) continue;
            var definition = workflow.Tasks.Single(d => d.Id == t.Task);
            if (e is TaskStarted started)
            {
                started.Attempt.ShouldBe(++attempts[t.Task], "attempts are counted one by one");
                definition.DependsOn.ShouldAllBe(d => status[d] >= TaskStatus.Completed, "a dependency was not terminal");
                open.ShouldContain(definition.Stage ?? "default");
            }
            status[t.Task] = TaskTransitions.Next(status[t.Task], t);
            status.Count(p => p.Value == TaskStatus.Running).ShouldBeLessThanOrEqualTo(workflow.MaxParallel ?? int.MaxValue);
        }
        open.ShouldBeEmpty();
        events.OfType<object>().ShouldNotBeEmpty();
        bench.State.Of(workflow.Tasks[0].Id).Losses.ShouldBeLessThanOrEqualTo(workflow.MaxWorkerLosses);
        Describe(bench.Replay()).ShouldBe(Describe(bench.State));
    }

    private static string Describe(RunState s) => string.Join('\n',
        Enumerable.Range(0, s.Plan.Graph.Count).Select(i => $"{s.IdOf(i)} {s[i].Status} q={s[i].IsQueued} a={s[i].Attempt} l={s[i].Losses} s={s[i].Stopping} k={s[i].Skip} f={s[i].Failure}"))
        + $"\n{s.Status} v={s.Version} {s.Counts} c={s.CancelRequested} running={string.Join(',', s.RunningTasks)} waiting={string.Join(',', s.WaitingRetries)}";

    private static void Same(List<RunEffect> fromState, List<RunEffect> outstanding) =>
        fromState.Select(e => e.ToString()).Distinct().Order().ShouldBe(outstanding.Select(e => e.ToString()).Distinct().Order(), "effects from state are not those still owed");
}
