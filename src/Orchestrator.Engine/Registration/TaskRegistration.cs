using Orchestrator.Engine.Executors;
using Orchestrator.Engine.Executors.Delegate;

namespace Orchestrator.Engine.Registration;

/// <summary>
/// C# that tasks of kind delegate call by name. What it returns becomes the task's outputs: members of an object or entries of a dictionary
/// (snake_case), anything else the output `value`, null none. <see cref="TaskFailedException"/> fails the attempt in the code's own words; any
/// other exception is a panic, which fails the attempt and nothing else. Code that ignores its token is left behind after the stop grace.
/// </summary>
public static class TaskRegistration
{
    /// <summary>Code without results.</summary>
    /// <exception cref="ArgumentException">The name is empty or taken.</exception>
    public static IOrchestratorBuilder AddTask(this IOrchestratorBuilder builder, string name, Func<DelegateContext, CancellationToken, Task> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return Add(builder, name, async (context, stop) =>
        {
            await run(context, stop).ConfigureAwait(false);
            return null;
        });
    }

    /// <summary>Code with results.</summary>
    /// <exception cref="ArgumentException">The name is empty or taken.</exception>
    public static IOrchestratorBuilder AddTask<TOut>(this IOrchestratorBuilder builder, string name, Func<DelegateContext, CancellationToken, Task<TOut>> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return Add(builder, name, async (context, stop) => await run(context, stop).ConfigureAwait(false));
    }

    /// <summary>
    /// Code with typed input: `with` is read into <typeparamref name="TIn"/> by name (snake_case), from `value` where the type has no members.
    /// What does not fit fails the attempt, not retryable, and names the property.
    /// </summary>
    /// <exception cref="ArgumentException">The name is empty or taken, or the type cannot be read from JSON.</exception>
    public static IOrchestratorBuilder AddTask<TIn>(this IOrchestratorBuilder builder, string name, Func<TIn, DelegateContext, CancellationToken, Task> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        DelegateJson.Check(typeof(TIn));
        return Add(builder, name, async (context, stop) =>
        {
            await run(DelegateJson.Read<TIn>(context.With), context, stop).ConfigureAwait(false);
            return null;
        });
    }

    /// <summary>Code with typed input and results.</summary>
    /// <inheritdoc cref="AddTask{TIn}(IOrchestratorBuilder, string, Func{TIn, DelegateContext, CancellationToken, Task})"/>
    public static IOrchestratorBuilder AddTask<TIn, TOut>(this IOrchestratorBuilder builder, string name, Func<TIn, DelegateContext, CancellationToken, Task<TOut>> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        DelegateJson.Check(typeof(TIn));
        return Add(builder, name, async (context, stop) => await run(DelegateJson.Read<TIn>(context.With), context, stop).ConfigureAwait(false));
    }

    /// <summary>Who carries out tasks of a kind, in place of our own executor if there is one. It is disposed with the host.</summary>
    public static IOrchestratorBuilder AddExecutor(this IOrchestratorBuilder builder, string kind, Func<IServiceProvider, ITaskExecutor> make)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(kind);
        ArgumentNullException.ThrowIfNull(make);
        OrchestratorBuilder.Of(builder).Executors[kind] = make;
        return builder;
    }

    // On a thread of its own until its first await: code that blocks there can be left behind like any other.
    private static IOrchestratorBuilder Add(IOrchestratorBuilder builder, string name, Func<DelegateContext, CancellationToken, Task<object?>> run)
    {
        OrchestratorBuilder.Of(builder).Delegates.Add(name, (context, stop) => Task.Run(() => run(context, stop), CancellationToken.None));
        return builder;
    }
}
