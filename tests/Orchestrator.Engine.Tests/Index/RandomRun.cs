using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Tests.Index;

/// <summary>The events of a run, drawn from a seed: tasks that complete, fail, are retried or skipped, in any order; the end may be missing.</summary>
internal sealed class RandomRun
{
    private static readonly DateTimeOffset s_begin = new(2026, 3, 1, 22, 0, 0, TimeSpan.Zero);
    private static readonly string[] s_workflows = ["nightly", "backup", "report's \"weekly\""];
    private readonly List<RecordedEvent> _events = [];
    private readonly Random _random;
    private DateTimeOffset _time;

    public RandomRun(int seed)
    {
        _random = new(seed);
        _time = s_begin.AddMinutes(_random.Next(300)).AddMicroseconds(_random.Next(1_000_000));   // two days
        var bytes = new byte[10];
        _random.NextBytes(bytes);
        Id = RunId.New(_time, bytes);
        Write();
    }

    public RunId Id { get; }

    public IReadOnlyList<RecordedEvent> Events => _events;

    public bool HasEnded => _events[^1].Event is WorkflowEnded;

    private void Write()
    {
        Add(new WorkflowCreated
        {
            Workflow = s_workflows[_random.Next(s_workflows.Length)], DefinitionVersion = new('a', 64), TenantId = _random.Next(3) == 0 ? "acme" : "default",
            Trigger = (TriggerKind)_random.Next(3), ScheduleId = _random.Next(2) == 0 ? "daily" : null, RequestedBy = "ann",
            CorrelationId = _random.Next(2) == 0 ? Id.ToString() : "order-7",
            Labels = System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty.Add("team", _random.Next(2) == 0 ? "data" : "o'neil \"x\""),
        });
        if (_random.Next(20) == 0) return;
        Add(new WorkflowQueued("accepted", "default", 0, 1));
        if (_random.Next(20) == 0) return;
        var count = _random.Next(1, 6);
        Add(new WorkflowStarted { TotalTasks = count, QueueWaitMs = _random.NextDouble() * 1000, InstanceId = $"node-{_random.Next(3)}" });
        int completed = 0, failed = 0, skipped = 0;
        for (var i = 0; i < count; i++)
        {
            var task = new TaskId($"task-{i}");
            if (_random.Next(8) == 0)
            {
                Add(new TaskSkipped(task, SkipReason.Condition));
                skipped++;
                continue;
            }
            var attempt = 1;
            Add(new TaskStarted(task, attempt, 5, "run"));
            for (; _random.Next(4) == 0 && attempt < 4; attempt++)
            {
                Add(new TaskRetrying(task, attempt)
                {
                    AttemptDurationMs = _random.NextDouble() * 100, NextAttempt = attempt + 1, DelayMs = 1, RetryAt = _time, Error = "again",
                    ErrorType = FailureKind.ExitCode, ExitCode = 75, Process = Used(75),
                });
                Add(new TaskStarted(task, attempt + 1, 5, "run"));
            }
            if (_random.Next(15) == 0) return;   // under way
            if (_random.Next(5) == 0)
            {
                failed++;
                Add(new TaskFailed(task, attempt)
                {
                    AttemptDurationMs = 5, DurationMs = 7.25, QueueMs = 1, Attempts = attempt, Error = new string('x', 600), Kind = FailureKind.Timeout, Process = Used(null),
                });
            }
            else
            {
                completed++;
                Add(new TaskCompleted(task, attempt) { AttemptDurationMs = 5, DurationMs = _random.NextDouble() * 5000, QueueMs = 2, Attempts = attempt, ExitCode = 0, Process = Used(0) });
            }
        }
        if (_random.Next(10) == 0) return;
        var counts = new RunCounts(count, completed, failed, 0, skipped, 0);
        if (failed == 0) Add(new WorkflowCompleted { Counts = counts, DurationMs = 1234.5, Reason = "done" });
        else
            Add(new WorkflowFailed
            {
                Counts = counts, DurationMs = 99, Reason = "a task failed", Error = "it broke", ErrorType = FailureKind.Timeout, ErrorClass = ErrorClass.Timeout,
                FailedStage = "default", FailedTasks = [new("task-0")],
            });
    }

    private ProcessFacts Used(int? exit) => new("sh", 1, exit, Usage: _random.Next(2) == 0 ? null : new(1.5, 0.25, _random.Next(2) == 0 ? null : 4096, 512, 1024));

    private void Add(JournalEvent e)
    {
        _time = _time.AddMicroseconds(_random.Next(1, 3_000_000));
        _events.Add(new(StreamId.Run(Id), _events.Count + 1, _time, e));
    }
}
