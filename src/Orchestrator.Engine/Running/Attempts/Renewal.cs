using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Running.Attempts;

/// <summary>A task whose secret results were lost, and what it takes to run it again.</summary>
/// <param name="Task">The task.</param>
/// <param name="Templates">Its texts.</param>
/// <param name="Number">The first attempt the journal knows nothing of.</param>
/// <param name="Start">What its expressions see.</param>
internal sealed record Renewal(TaskDefinition Task, TaskTemplates Templates, int Number, StartPermit Start)
{
    /// <summary>The tasks that have to run again before one at an index may start, those first that others of them need.</summary>
    /// <param name="run">The run; on its loop.</param>
    /// <param name="index">The task that is to start.</param>
    public static IReadOnlyList<Renewal> Of(OpenRun run, int index)
    {
        var state = run.State;
        if (state.TemplatesOf(index).SecretReads.IsEmpty) return [];
        var renewals = new List<Renewal>();
        var seen = new HashSet<int> { index };
        var open = new Stack<(int Index, bool AreItsNeedsKnown)>();
        Push(index);
        while (open.TryPop(out var at))
            if (at.AreItsNeedsKnown) renewals.Add(For(run, at.Index));
            else
            {
                open.Push((at.Index, true));
                Push(at.Index);
            }
        return renewals;

        void Push(int reader)
        {
            foreach (var read in state.TemplatesOf(reader).SecretReads)
                if (state.TryIndexOf(new(read.Task), out var producer) && IsLost(run, producer, read.Output) && seen.Add(producer))
                    open.Push((producer, false));
        }
    }

    private static bool IsLost(OpenRun run, int producer, string? output) =>
        run.State[producer] is { Status: Core.TaskStatus.Completed, SecretOutputs: { IsEmpty: false } names } && (output is null || names.Contains(output))
        && !run.Held.Has(run.State.IdOf(producer));

    private static Renewal For(OpenRun run, int producer)
    {
        var task = run.State[producer];
        var number = Math.Max(task.Attempt, task.LastRenewal) + 1;
        return new(run.State.DefinitionOf(producer), run.State.TemplatesOf(producer), number, RunAttempts.Permit(run, producer));
    }

    /// <summary>Why an attempt cannot start: its tasks were not run again, or to no avail.</summary>
    public TaskOutcome.Failed Lost(string why) => new(FailureKind.SecretLost,
        $"The secret results of task '{Task.Id}' ({string.Join(", ", Task.SecretOutputs)}) were lost with the process that held them, "
        + $"and are not there again: {why}");
}
