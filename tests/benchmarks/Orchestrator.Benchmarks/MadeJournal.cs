using System.Buffers;
using System.Security.Cryptography;
using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Serialization;

namespace Orchestrator.Benchmarks;

/// <summary>A data directory whose only writer has died: runs of process tasks, open but for their last task or finished and not yet archived, interleaved as a busy engine writes them.</summary>
internal static class MadeJournal
{
    private const string Writer = "dead";

    /// <summary>The workflow of the runs.</summary>
    public static WorkflowDefinition Definition(int tasks)
    {
        var workflow = Workflow.Named("made");
        for (var i = 0; i < tasks; i++)
        {
            var task = i;
            workflow.Task($"task-{task}", t => { t.Noop(); if (task > 0) t.DependsOn($"task-{task - 1}"); });
        }
        return workflow.Build();
    }

    /// <summary>The same with the definition stored, so that the runs can be taken over.</summary>
    public static void WriteWithDefinition(string data, int runs, int tasks, bool finished = false) =>
        Write(data, runs, tasks, new DefinitionStore(new RunPaths(data)).Save(Definition(tasks)), finished);

    /// <summary>Writes it; returns the segments' paths.</summary>
    public static IReadOnlyList<string> Write(string data, int runs, int tasks, string definitionVersion, bool finished = false)
    {
        var definition = Definition(tasks);
        var folder = Directory.CreateDirectory(Path.Combine(new RunPaths(data).Journal, Writer)).FullName;
        File.WriteAllText(Path.Combine(folder, "lock"), "");
        var now = TimeProvider.System.GetUtcNow();
        var open = Enumerable.Range(0, runs).Select(_ => new MadeRun(RunId.New(now, RandomNumberGenerator.GetBytes(10)), definition, definitionVersion)).ToArray();
        using var codec = new JournalCodec();
        var lines = new ArrayBufferWriter<byte>(1 << 20);
        var paths = new List<string>();
        FileStream? segment = null;
        long commit = 0;
        for (var turn = 0; turn < (finished ? tasks + 1 : tasks); turn++)
            foreach (var run in open)
            {
                lines.ResetWrittenCount();
                commit++;
                var events = run.Next(now.AddMilliseconds(commit), commit);
                if (segment is null || segment.Length > 64 << 20)
                {
                    var ends = segment?.Length ?? 0;
                    segment?.Dispose();
                    paths.Add(Path.Combine(folder, Segment.NameOf(paths.Count + 1)));
                    segment = new FileStream(paths[^1], FileMode.CreateNew);
                    segment.Write(new SegmentHeader(Writer, paths.Count, paths.Count - 1, ends).Line());
                }
                for (var i = 0; i < events.Count; i++) codec.Write(lines, events[i], new(commit, segment.Length, i == events.Count - 1 ? events.Count : 0));
                segment.Write(lines.WrittenSpan);
            }
        segment?.Dispose();
        return paths;
    }

    /// <summary>A run that goes on by one task a turn, as the engine's decisions would have it.</summary>
    private sealed class MadeRun(RunId id, WorkflowDefinition definition, string definitionVersion)
    {
        private readonly StreamId _stream = StreamId.Run(id);
        private readonly RunState _state = new(new RunPlan(definition));
        private int _started;

        public IReadOnlyList<RecordedEvent> Next(DateTimeOffset now, double milliseconds)
        {
            var turn = new Turn(_state, _stream, new(new(now, milliseconds), 1));
            if (_state.Version == 0)
            {
                turn.Take(new RunInput.Create(new WorkflowCreated { Workflow = definition.Name, DefinitionVersion = definitionVersion, Trigger = TriggerKind.Api, CorrelationId = id.ToString() }, 0));
                turn.Take(new RunInput.Admit("dead"));
            }
            else
            {
                var task = new TaskId($"task-{_started++}");
                turn.Take(new RunInput.AttemptFinished(task, 1, new TaskOutcome.Succeeded
                {
                    Process = new("sh", 4711 + _started, 0, null, 0), LogRef = $"logs/{task}.1.log",
                }, 12.345));
            }
            return turn.Events;
        }
    }
}
