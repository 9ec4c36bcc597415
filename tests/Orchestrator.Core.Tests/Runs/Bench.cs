using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Tests.Runs;

/// <summary>A run on a bench: inputs by hand, a clock that moves when told, all events kept.</summary>
internal sealed class Bench
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly WorkflowDefinition _workflow;
    private readonly StreamId _stream;
    private double _ms;

    public Bench(WorkflowDefinition workflow, int slots = 1000)
    {
        _workflow = workflow;
        Slots = slots;
        Id = RunId.New(Start, new byte[10]);
        _stream = StreamId.Run(Id);
        State = new(new RunPlan(workflow));
        Outstanding = [];
    }

    public RunId Id { get; }
    public RunState State { get; private set; }
    public List<RecordedEvent> Events { get; } = [];
    public List<string> Types => [.. Events.Select(e => e.Event is TaskEvent t ? $"{t.Type} {t.Task}" : e.Event.Type)];
    public int Slots { get; set; }

    /// <summary>The worker is stopping.</summary>
    public bool IsDraining { get; set; }

    /// <summary>Slots of pools; those not named have no limit.</summary>
    public Dictionary<string, int> Pools { get; } = [];

    public DateTimeOffset Now => Start.AddMilliseconds(_ms);

    /// <summary>Effects that live operation would still owe: added by After, settled by what closes them.</summary>
    public List<RunEffect> Outstanding { get; }

    public Bench Begin() => Take(new RunInput.Create(new WorkflowCreated { Workflow = _workflow.Name, DefinitionVersion = "v" }, 0)).Take(new RunInput.Admit("w1"));

    public Bench Take(RunInput input)
    {
        // As the worker counts them: up to date between turns only.
        var held = new Dictionary<string, int>(State.RunningInPool);
        var turn = new Turn(State, _stream, new(new(Start.AddMilliseconds(_ms), _ms), Slots - State.RunningTasks.Count,
            pool => Pools.GetValueOrDefault(pool, 1000) - held.GetValueOrDefault(pool), IsDraining));
        turn.Take(input);
        foreach (var (pool, running) in State.RunningInPool)
            if (running > Math.Max(Pools.GetValueOrDefault(pool, 1000), held.GetValueOrDefault(pool))) throw new InvalidOperationException($"{running} attempts in pool '{pool}'.");
        if (IsDraining && turn.Events.FirstOrDefault(e => e.Event is TaskStarted) is { } started) throw new InvalidOperationException($"{started.Event} while draining.");
        Events.AddRange(turn.Events);
        Settle(turn.Events);
        Outstanding.AddRange(Effects.After(State, turn.Events));
        return this;
    }

    public Bench Wait(double ms)
    {
        _ms += ms;
        return this;
    }

    public Bench Succeed(string task, params (string Key, object Value)[] outputs) => Finish(task, new TaskOutcome.Succeeded
    {
        Outputs = Values(outputs),
    });

    public Bench Fail(string task, FailureKind kind = FailureKind.ExitCode, bool retryable = true) => Finish(task, new TaskOutcome.Failed(kind, "broken", retryable));

    public Bench Finish(string task, TaskOutcome outcome) =>
        Take(new RunInput.AttemptFinished(new(task), State.Of(new(task)).Attempt, outcome, 1));

    public Bench Approve(string task, string by, string? comment = null, params (string Key, object Value)[] values) => Take(new RunInput.Approve(new(task), by, comment, Values(values)));

    public Bench Reject(string task, string by, string? comment = null) => Take(new RunInput.Reject(new(task), by, comment));

    public Bench Signal(string name, params (string Key, object Value)[] data) => Take(new RunInput.Signal(name, Values(data)));

    /// <summary>The clock goes to the instant a task waits for, and the task's timer fires.</summary>
    public Bench WaitDue(string task)
    {
        var wait = State.Of(new(task)).Wait!;
        return Wait(Math.Max(0, (wait.Until!.Value - Now).TotalMilliseconds)).Take(new RunInput.WaitDue(new(task), wait.Attempt));
    }

    /// <summary>The process dies and another takes the run over.</summary>
    public Bench TakeOver() => Crash().Take(new RunInput.Recover("w2", "worker w1 is gone"));

    /// <summary>The latest event of a type.</summary>
    public TEvent Last<TEvent>() where TEvent : RunEvent => Events.Select(e => e.Event).OfType<TEvent>().Last();

    /// <summary>How often a type of event was told.</summary>
    public int Count<TEvent>() where TEvent : RunEvent => Events.Count(e => e.Event is TEvent);

    public Bench RetryDue(string task) => Take(new RunInput.RetryDue(new(task), State.Of(new(task)).Attempt + 1));

    /// <summary>The process dies: everything in memory is gone and the state is folded again from the events.</summary>
    public Bench Crash()
    {
        State = Replay();
        return this;
    }

    public RunState Replay()
    {
        var state = new RunState(new RunPlan(_workflow));
        foreach (var e in Events) state.Apply(e);
        return state;
    }

    public string Status(string task)
    {
        var t = State.Of(new(task));
        return Words.Of(t.Status) + (t.Skip is { } s ? ":" + Words.Of(s) : "");
    }

    private static ImmutableSortedDictionary<string, JsonElement> Values((string Key, object Value)[] values) =>
        ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, values.Select(v => KeyValuePair.Create(v.Key, JsonSerializer.SerializeToElement(v.Value))));

    private void Settle(IReadOnlyList<RecordedEvent> events)
    {
        foreach (var e in events)
        {
            if (e.Seq == State.FinallySeq && e.Event is TaskEvent) Outstanding.RemoveAll(x => x is RunEffect.ArmRunTimeout);
            switch (e.Event)
            {
                case TaskStarted s: Outstanding.RemoveAll(x => x is RunEffect.ArmRetry r && r.Task == s.Task); break;
                case SlaEvent s: Outstanding.RemoveAll(x => x is RunEffect.ArmSla a && a.Task == s.Subject); break;
                case WorkflowRetrying: Outstanding.RemoveAll(x => x is RunEffect.ArmRunTimeout); break;
                case WorkflowFinalizing: Outstanding.RemoveAll(x => x is RunEffect.ArmRunTimeout or RunEffect.ArmSla { Task: null }); break;
                case TaskQueued q: Outstanding.RemoveAll(x => x is RunEffect.ArmRetry r && r.Task == q.Task); break;
                case AttemptClosed c:
                    if (c is not TaskRetrying) Outstanding.RemoveAll(x => x is RunEffect.ArmSla a && a.Task == c.Task);
                    Outstanding.RemoveAll(x => x is RunEffect.ArmWait w && w.Task == c.Task);
                    Outstanding.RemoveAll(x => x is RunEffect.ArmRetry r && r.Task == c.Task
                        || x is RunEffect.StartAttempt a && a.Task == c.Task || x is RunEffect.CancelAttempt k && k.Task == c.Task);
                    break;
                case TaskSkipped: break;
                case WorkflowEnded: Outstanding.Clear(); break;
            }
        }
    }
}
