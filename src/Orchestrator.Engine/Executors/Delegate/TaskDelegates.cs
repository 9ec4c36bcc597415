using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Orchestrator.Engine.Executors.Delegate;

/// <summary>C# code that tasks of kind delegate call by name.</summary>
public sealed class TaskDelegates
{
    private static readonly Task<DelegateOutputs> Nothing = Task.FromResult(DelegateOutputs.Nothing);
    private readonly ConcurrentDictionary<string, Func<DelegateContext, CancellationToken, Task<DelegateOutputs>>> _byName = new(StringComparer.Ordinal);

    /// <summary>All names, sorted.</summary>
    public IReadOnlyList<string> Names => [.. _byName.Keys.Order(StringComparer.Ordinal)];

    /// <summary>
    /// Registers code under a name. Its result becomes the task's outputs: null is none, a dictionary or an object gives one output for
    /// each key or property (snake_case), anything else is the output `value`.
    /// </summary>
    /// <exception cref="ArgumentException">The name is empty or taken.</exception>
    [RequiresUnreferencedCode(DelegateReflection.Reason), RequiresDynamicCode(DelegateReflection.Reason)]
    public TaskDelegates Add(string name, Func<DelegateContext, CancellationToken, Task<object?>> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return Add(name, (context, stop) => ReadAsync(run(context, stop)));

        static async Task<DelegateOutputs> ReadAsync(Task<object?> work) => DelegateReflection.Outputs(await work.ConfigureAwait(false));
    }

    /// <summary>Registers code without results under a name.</summary>
    /// <exception cref="ArgumentException">The name is empty or taken.</exception>
    public TaskDelegates Add(string name, Func<DelegateContext, CancellationToken, Task> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return Add(name, (context, stop) =>
        {
            var task = run(context, stop);
            return task.IsCompletedSuccessfully ? Nothing : WithoutResultAsync(task);
        });
    }

    /// <summary>Registers code whose results are outputs already.</summary>
    /// <exception cref="ArgumentException">The name is empty or taken.</exception>
    internal TaskDelegates Add(string name, Func<DelegateContext, CancellationToken, Task<DelegateOutputs>> run)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return _byName.TryAdd(name, run) ? this : throw new ArgumentException($"A delegate '{name}' is registered already.", nameof(name));
    }

    /// <summary>The code of that name, if there is any.</summary>
    internal Func<DelegateContext, CancellationToken, Task<DelegateOutputs>>? Find(string name) => _byName.GetValueOrDefault(name);

    private static async Task<DelegateOutputs> WithoutResultAsync(Task task)
    {
        await task.ConfigureAwait(false);
        return DelegateOutputs.Nothing;
    }
}
