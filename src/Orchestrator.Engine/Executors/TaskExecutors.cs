using System.Collections.Frozen;
using Orchestrator.Engine.Executors.Delegate;
using Orchestrator.Engine.Executors.Noop;
using Orchestrator.Engine.Executors.Process;

namespace Orchestrator.Engine.Executors;

/// <summary>The executor of each kind of task.</summary>
public sealed class TaskExecutors(IReadOnlyDictionary<string, ITaskExecutor> byKind)
{
    private readonly FrozenDictionary<string, ITaskExecutor> _byKind = byKind.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The kinds that need nothing but this machine.</summary>
    public TaskExecutors(ProcessTaskExecutor processes, DelegateTaskExecutor delegates, NoopTaskExecutor noop)
        : this(new Dictionary<string, ITaskExecutor>
        {
            ["run"] = processes, ["exec"] = processes, ["script"] = processes, ["delegate"] = delegates, ["noop"] = noop, ["switch"] = new SwitchTaskExecutor(),
        })
    {
    }

    /// <summary>These and one more kind.</summary>
    public TaskExecutors And(string kind, ITaskExecutor executor) =>
        new(new Dictionary<string, ITaskExecutor>(_byKind, StringComparer.Ordinal) { [kind] = executor });

    /// <summary>All kinds, sorted.</summary>
    public IReadOnlyList<string> Kinds => [.. _byKind.Keys.Order(StringComparer.Ordinal)];

    /// <summary>The executor of a kind; null when there is none.</summary>
    public ITaskExecutor? Find(string kind) => _byKind.GetValueOrDefault(kind);

    /// <summary>The executor of <see cref="Core.Definitions.TaskAction.Kind"/>.</summary>
    /// <exception cref="KeyNotFoundException">No executor is registered for that kind.</exception>
    public ITaskExecutor For(string kind) => Find(kind)
        ?? throw new KeyNotFoundException($"No executor is registered for tasks of kind '{kind}'; known: {string.Join(", ", Kinds)}.");
}
