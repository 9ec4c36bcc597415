using FsCheck;
using FsCheck.Fluent;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Runs;

/// <summary>Random graphs, outcomes, cancellations and crashes: whatever happens, the promises hold.</summary>
public sealed class RunProperties
{
    [Fact]
    public void Whatever_happens_a_run_ends_once_and_tells_the_truth() =>
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
        {
            var bench = Play(new Random(seed), Owes);
            Check(bench, bench.State.Plan.Definition);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1200));

    /// <summary>A random run from its beginning to its end.</summary>
    internal static Bench Play(Random random, Action<Bench>? afterStep = null)
    {
        var bench = new Bench(Workflow(random), slots: random.Next(1, 6));
        if (random.Next(2) == 0) bench.Pools["db"] = random.Next(1, 3);
        bench.Begin();
        for (var step = 0; !bench.State.IsTerminal; step++)
        {
            step.ShouldBeLessThan(10_000, "the run does not end");
            Step(bench, random);
            afterStep?.Invoke(bench);
        }
        return bench;
    }

    private static void Owes(Bench bench) => Same(Effects.From(bench.State), bench.Outstanding);

    private static void Step(Bench bench, Random random)
    {
        bench.Wait(random.Next(0, 50));
        if (bench.IsDraining && (random.Next(4) == 0 || bench.State.RunningTasks.Count + bench.State.ParkedTasks.Count == 0))
        {
            bench.IsDraining = false;
            TakeOver(bench);
            return;
        }
        var running = bench.State.RunningTasks.ToArray();
        var waiting = bench.State.WaitingRetries.ToArray();
        var parked = bench.State.ParkedTasks.ToArray();
        switch (random.Next(0, 40))
        {
            case 0: bench.Take(new RunInput.Cancel("somebody")); return;
            case 1 when bench.State.Plan.Definition.Timeout is not null: bench.Take(new RunInput.RunTimeoutDue()); return;
            case 2 or 3: TakeOver(bench); return;
            case 7: bench.IsDraining = true; return;
            case 4: bench.Slots = random.Next(1, 6); bench.Take(new RunInput.Continue()); return;
            case 5: bench.Take(new RunInput.SlaDue(random.Next(2) == 0 ? null : bench.State.IdOf(random.Next(bench.State.TaskCount)))); return;
            case 6 when bench.State.NextRun is not null: bench.Take(new RunInput.RetryAccepted(random.Next(2) == 0 ? null : "no place")); return;
        }
        if (parked.Length > 0 && (running.Length == 0 && waiting.Length == 0 || random.Next(3) == 0))
        {
            Wake(bench, parked[random.Next(parked.Length)], random);
            return;
        }
        if (bench.State.NextRun is not null)
        {
            bench.Take(new RunInput.RetryAccepted(null));
            return;
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

    private static void TakeOver(Bench bench)
    {
        var before = Describe(bench.State);
        bench.Crash();
        Describe(bench.State).ShouldBe(before, "replay gives another state");
        bench.Take(new RunInput.Recover("w", "gone"));
        bench.Outstanding.Clear();   // what was owed died with the process; From(state) is owed now
        bench.Outstanding.AddRange(Effects.From(bench.State));
    }

    private static void Wake(Bench bench, int index, Random random)
    {
        var (id, task) = (bench.State.IdOf(index), bench.State[index]);
        switch (task.Wait!.Kind)
        {
            case WaitKind.Items: bench.Take(new RunInput.Continue()); break;
            case WaitKind.Event when random.Next(3) > 0: bench.Take(new RunInput.Signal(task.Wait.EventName!, NoValues)); break;
            case WaitKind.Approval when random.Next(4) == 0: bench.Take(new RunInput.Reject(id, "ann", "no")); break;
            case WaitKind.Approval when random.Next(4) > 0: bench.Take(new RunInput.Approve(id, random.Next(2) == 0 ? "ann" : "bob", null, NoValues)); break;
            case WaitKind.Poll or WaitKind.Workflow: bench.Finish(id.ToString(), Outcome(task, random)); break;
            default:
                if (task.Wait.Until is { } until) bench.Wait(Math.Max(0, (until - bench.Now).TotalMilliseconds)).Take(new RunInput.WaitDue(id, task.Attempt));
                else if (task.Wait.EventName is { } name) bench.Take(new RunInput.Signal(name, NoValues));
                break;
        }
    }

    private static readonly System.Collections.Immutable.ImmutableSortedDictionary<string, System.Text.Json.JsonElement> NoValues =
        System.Collections.Immutable.ImmutableSortedDictionary<string, System.Text.Json.JsonElement>.Empty;

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
                Action = random.Next(14) switch
                {
                    0 => new WaitAction { For = "50ms" },
                    1 => new WaitAction { Event = "loaded" },
                    2 => new ApprovalAction("Go on?") { Required = random.Next(1, 3) },
                    3 => new WorkflowAction("child"),
                    4 => new WaitAction { Poll = new() { Check = new NoopAction() } },
                    _ => new NoopAction(),
                },
                FanOut = random.Next(6) switch
                {
                    0 => new() { Items = List(random.Next(0, 5)), MaxParallel = random.Next(3) == 0 ? random.Next(1, 3) : null, OnFailure = (ItemFailure)random.Next(3) },
                    1 when random.Next(3) == 0 => new() { Items = System.Text.Json.JsonElement.Parse("\"${{ params.missing }}\"") },
                    2 when random.Next(2) == 0 => new() { Axes = [new("x", List(2)), new("y", List(random.Next(0, 3)))], OnFailure = (ItemFailure)random.Next(3) },
                    _ => null,
                },
                Timeout = random.Next(6) == 0 ? TimeSpan.FromMilliseconds(30) : null,
                Rank = random.Next(4) == 0 ? random.Next(3) : 0,
                Pool = random.Next(4) == 0 ? "db" : null,
                Enabled = random.Next(15) > 0,
                Sla = random.Next(6) == 0 ? new(TimeSpan.FromMilliseconds(20)) : null,
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
            Retry = random.Next(4) == 0 ? A.Retry(2) : null,
            Sla = random.Next(4) == 0 ? new(TimeSpan.FromMilliseconds(60)) : null,
            Outputs = random.Next(8) == 0 ? System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty.Add("x", random.Next(2) == 0 ? "1" : "${{ params.missing }}") : System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty,
            Handlers = random.Next(3) == 0 ? null : new()
            {
                OnSuccess = Handlers("s", random), OnFailure = Handlers("f", random), OnCancel = Handlers("c", random), Finally = Handlers("z", random),
            },
        };
    }

    private static System.Text.Json.JsonElement List(int count) => System.Text.Json.JsonSerializer.SerializeToElement(Enumerable.Range(0, count));

    private static System.Collections.Immutable.ImmutableArray<TaskDefinition> Handlers(string name, Random random) =>
        [.. Enumerable.Range(0, random.Next(0, 3)).Select(i => A.Task($"h{name}{i}") with
        {
            Retry = random.Next(3) == 0 ? A.Retry(2) : null,
            If = random.Next(5) == 0 ? "false" : null,
            Action = random.Next(5) == 0 ? new WaitAction { For = "20ms" } : new NoopAction(),
            AllowFailure = random.Next(4) == 0,
        })];

    private static void Check(Bench bench, WorkflowDefinition workflow)
    {
        var events = bench.Events;
        events.Select(e => e.Seq).ShouldBe(Enumerable.Range(1, events.Count).Select(n => (long)n), "seq has a gap");
        events.Count(e => e.Event is WorkflowEnded).ShouldBe(1);
        events[^1].Event.ShouldBeAssignableTo<WorkflowEnded>();

        var counts = bench.State.Counts;
        counts.Terminal.ShouldBe(counts.Total);
        bench.State.End!.Counts.ShouldBe(counts);
        events.Count(e => e.Event is TaskCompleted { Role: null }).ShouldBe(counts.Completed);
        events.Count(e => e.Event is TaskFailed { Allowed: false, Role: null }).ShouldBe(counts.Failed);
        events.Count(e => e.Event is TaskFailed { Allowed: true, Role: null }).ShouldBe(counts.FailedAllowed);
        events.Count(e => e.Event is TaskSkipped { Role: null }).ShouldBe(counts.Skipped);
        events.Count(e => e.Event is TaskCancelled { Role: null }).ShouldBe(counts.Cancelled);
        bench.State.End.HandlersFailed.ShouldBe(events.Count(e => e.Event is TaskFailed { Allowed: false, Role: TaskEvent.Handler }));
        counts.Total.ShouldBe(workflow.Tasks.Length + events.Select(e => e.Event).OfType<TaskExpanded>().Sum(e => e.Items.GetArrayLength()));

        var definitions = workflow.Tasks.Concat(workflow.Handlers?.All ?? []).ToDictionary(t => t.Id);
        var status = new Dictionary<TaskId, TaskStatus>();
        var attempts = new Dictionary<TaskId, int>();
        var parked = new HashSet<TaskId>();
        var isFinal = false;
        var open = new HashSet<string>();
        foreach (var e in events.Select(r => r.Event))
        {
            if (e is StageStarted s) open.Add(s.StageName).ShouldBeTrue();
            else if (e is StageEvent closing) (open.Remove(closing.StageName) || closing is StageSkipped).ShouldBeTrue();
            else if (e is WorkflowFinalizing) isFinal = true;
            if (e is not TaskEvent t) continue;
            var definition = definitions[t.Task.TrySplit(out var whole, out _) ? whole : t.Task];
            (t.Role == TaskEvent.Handler).ShouldBe(isFinal, "handlers, and only they, run once the outcome is fixed");
            if (e is TaskStarted started)
            {
                started.Attempt.ShouldBe(attempts[t.Task] = attempts.GetValueOrDefault(t.Task) + 1, "attempts are counted one by one");
                definition.DependsOn.ShouldAllBe(d => status[d] >= TaskStatus.Completed, "a dependency was not terminal");
                if (!isFinal) open.ShouldContain(definition.Stage ?? "default");
            }
            status[t.Task] = TaskTransitions.Next(status.GetValueOrDefault(t.Task), t);
            if (e is TaskWaiting or CheckpointPending or TaskExpanded) parked.Add(t.Task);
            else if (e is AttemptClosed) parked.Remove(t.Task);
            if (e is not TaskStarted) status.Count(p => p.Value == TaskStatus.Running && !parked.Contains(p.Key)).ShouldBeLessThanOrEqualTo(Math.Max(workflow.MaxParallel ?? int.MaxValue, 1));
            if (definition.FanOut is { MaxParallel: { } most } && t.Task != definition.Id)
                status.Count(p => p.Value is TaskStatus.Running or TaskStatus.Retrying && p.Key.TrySplit(out var of, out _) && of == definition.Id).ShouldBeLessThanOrEqualTo(most);
        }
        definitions.Values.Where(d => workflow.Tasks.Contains(d)).ShouldAllBe(d => status.GetValueOrDefault(d.Id) >= TaskStatus.Completed);
        open.ShouldBeEmpty();
        events.OfType<object>().ShouldNotBeEmpty();
        bench.State.Of(workflow.Tasks[0].Id).Losses.ShouldBeLessThanOrEqualTo(workflow.MaxWorkerLosses);
        Describe(bench.Replay()).ShouldBe(Describe(bench.State));
    }

    private static string Describe(RunState s) => string.Join('\n',
        Enumerable.Range(0, s.TaskCount).Select(i => $"{s.IdOf(i)} {s[i].Status} q={s[i].IsQueued} a={s[i].Attempt} l={s[i].Losses} s={s[i].Stopping} k={s[i].Skip} f={s[i].Failure}"))
        + $"\n{s.Status} v={s.Version} {s.Counts} c={s.CancelRequested} o={s.Outcome} parked={string.Join(',', s.ParkedTasks)} running={string.Join(',', s.RunningTasks)} waiting={string.Join(',', s.WaitingRetries)}";

    private static void Same(List<RunEffect> fromState, List<RunEffect> outstanding) =>
        fromState.Select(e => e.ToString()).Distinct().Order().ShouldBe(outstanding.Select(e => e.ToString()).Distinct().Order(), "effects from state are not those still owed");
}
