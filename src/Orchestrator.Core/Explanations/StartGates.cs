using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Explanations;

/// <summary>What a task needs to start once its own gates are open: the run's max_parallel, a pool's slot, a slot, its turn, a worker.</summary>
internal static class StartGates
{
    private const int MaxHolders = 20;

    public static IEnumerable<Gate> Of(ExplainedRun run, int index, Scene scene)
    {
        var state = run.State;
        var (task, definition) = (state[index], state.DefinitionOf(index));
        if (!Starting.TakesSlot(definition))
        {
            yield return new("slot", "none needed", true, "It waits without a slot.");
            yield return OfWorker(run);
            yield break;
        }
        var isWaiting = task.IsQueued && task.Status is TaskStatus.Pending or TaskStatus.Retrying;
        if (state.Plan.Definition.MaxParallel is { } most)
        {
            var running = state.RunningTasks.Count;
            yield return new("max_parallel", Of(running, most), !isWaiting || running < most, $"The run has {Said.Count(running, "task")} in flight of at most {most}.")
            {
                Facts = isWaiting ? [.. state.RunningTasks.Take(MaxHolders).Select(i => new GateFact(state.IdOf(i).ToString(), Words.Of(state[i].Status)))] : [],
            };
        }
        var others = isWaiting ? Sharing(run, scene) : [];
        if (definition.Pool is { } pool) yield return Pool(pool, isWaiting, others, scene);
        if (!isWaiting)
        {
            yield return new("slot", null, task.Status == TaskStatus.Running && !task.IsParked ? true : null,
                task.Status == TaskStatus.Running ? task.IsParked ? "It waits without a slot." : "It holds a slot." : "It waits for no slot.");
            yield return OfWorker(run);
            yield break;
        }
        var used = others.Sum(o => o.Holding.Length);
        var hasSlot = scene.Limits.Slots == int.MaxValue || used < scene.Limits.Slots;
        yield return new("slot", scene.Limits.Slots == int.MaxValue ? null : Of(used, scene.Limits.Slots), hasSlot,
            hasSlot ? $"{Said.Count(used, "slot")} of the worker {(used == 1 ? "is" : "are")} in use." : $"All {scene.Limits.Slots} slots of the worker are in use.{Now(scene)}")
        {
            Facts = hasSlot ? [] : Holders(others, static _ => true),
        };
        yield return Turn(state, index);
        yield return OfWorker(run);
    }

    /// <summary>The worker that has the run.</summary>
    public static Gate OfWorker(ExplainedRun run)
    {
        var name = run.Worker is { Length: > 0 } known ? known : null;
        var who = name is null ? "the process that accepted it" : $"worker {name}";
        if (run.State.IsTerminal) return new("worker", name, null, "The run has ended: it needs no worker.");
        if (run.Owner.IsAlive == false) return new("worker", name, false, $"No process is executing the run: {who} has ended. The next `orchestrator serve` of the data directory takes it over; `orchestrator run --resume` does so by hand.");
        if (run.Owner.StoppedAt is { } stopped) return new("worker", name, false, $"{Capital(who)} began to stop at {Said.Time(stopped)}: it starts no more tasks.");
        return run.Owner.IsAlive == true ? new("worker", name, true, $"{Capital(who)} has the run.") : new("worker", name, null, $"{Capital(who)} had the run.");
    }

    /// <summary>Runs of the same worker: they share its slots.</summary>
    public static IReadOnlyList<RunFacts> Sharing(ExplainedRun run, Scene scene) =>
        [.. scene.Others.Where(o => o.IsStarted && (run.Worker is null || o.Worker is null || o.Worker == run.Worker))];

    internal static string Now(Scene scene) => scene.IsPast ? " (The limit is today's configuration.)" : "";

    internal static string Of(int used, int size) => string.Create(CultureInfo.InvariantCulture, $"{used} of {size}");

    private static Gate Pool(string pool, bool isWaiting, IReadOnlyList<RunFacts> others, Scene scene)
    {
        if (!isWaiting) return new("pool", pool, null, $"It takes a slot of pool {pool}.");
        var size = scene.Limits.Pools.TryGetValue(pool, out var configured) ? configured : 1;
        var used = others.Sum(o => o.Holding.Count(h => h.Pool == pool));
        return new("pool", $"{pool}: {Of(used, size)}", used < size, used < size ? $"Pool {pool} has {Said.Count(size - used, "free slot")}." : $"Pool {pool} is full: {used} of {size} in use.{Now(scene)}")
        {
            Facts = Holders(others, p => p == pool),
        };
    }

    private static Gate Turn(RunState state, int index)
    {
        var (rank, before) = (state.DefinitionOf(index).Rank, 0);
        for (var i = 0; i < state.TaskCount; i++)
            if (i != index && state[i] is { IsQueued: true, Status: TaskStatus.Pending or TaskStatus.Retrying } other && Starting.TakesSlot(state.DefinitionOf(i))
                && (state.DefinitionOf(i).Rank < rank || state.DefinitionOf(i).Rank == rank && (other.ReadyAt.Utc < state[index].ReadyAt.Utc || other.ReadyAt.Utc == state[index].ReadyAt.Utc && i < index))) before++;
        return new("rank", rank.ToString(CultureInfo.InvariantCulture), before == 0, before == 0
            ? "It is the next task of its run." : $"{Said.Count(before, "task")} of its run {(before == 1 ? "goes" : "go")} before it: the smaller rank first, then the one that has waited longer.");
    }

    private static ImmutableArray<GateFact> Holders(IReadOnlyList<RunFacts> others, Func<string?, bool> isMeant) =>
        [.. others.SelectMany(o => o.Holding.Where(h => isMeant(h.Pool)).Select(h => new GateFact($"{o.Id}/{h.Task}", o.Workflow))).Take(MaxHolders)];

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
