using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Definitions;

namespace Orchestrator.Engine.Running.Attempts;

/// <summary>
/// Secret results of a run's tasks, in the memory of the process that executes the run and nowhere else. They go with the run, or with the process; who
/// needs them then has the task run again.
/// </summary>
#pragma warning disable CA1001 // A semaphore nobody took a wait handle of holds nothing to free.
internal sealed class HeldSecrets
#pragma warning restore CA1001
{
    private readonly ConcurrentDictionary<TaskId, ImmutableSortedDictionary<string, JsonElement>> _values = new();
    private readonly ConcurrentDictionary<TaskId, int> _numbers = new();
    private readonly SemaphoreSlim _renewing = new(1, 1);

    /// <summary>Whether the secret results of a task are here.</summary>
    public bool Has(TaskId task) => _values.ContainsKey(task);

    /// <summary>The secret results of a task; null where they are not here.</summary>
    public ImmutableSortedDictionary<string, JsonElement>? Of(TaskId task) => _values.GetValueOrDefault(task);

    /// <summary>Keeps what an attempt of a task made; those of an earlier attempt go.</summary>
    public void Hold(TaskId task, ImmutableSortedDictionary<string, JsonElement> values) => _values[task] = values;

    /// <summary>One task of the run is run again at a time: a second caller finds what the first one got.</summary>
    public Task EnterAsync(CancellationToken stop) => _renewing.WaitAsync(stop);

    /// <summary>The next may.</summary>
    public void Leave() => _renewing.Release();

    /// <summary>The number of the next attempt to get a task's secret results again.</summary>
    /// <param name="task">The task.</param>
    /// <param name="least">The first that the journal knows nothing of.</param>
    public int NextNumber(TaskId task, int least) =>
        _numbers.AddOrUpdate(task, static (_, least) => least, static (_, last, least) => Math.Max(last + 1, least), least);
}
