using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization.Metadata;
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
            return DelegateOutputs.Nothing;
        });
    }

    /// <summary>Code with results.</summary>
    /// <exception cref="ArgumentException">The name is empty or taken.</exception>
    [RequiresUnreferencedCode(DelegateReflection.Reason), RequiresDynamicCode(DelegateReflection.Reason)]
    public static IOrchestratorBuilder AddTask<TOut>(this IOrchestratorBuilder builder, string name, Func<DelegateContext, CancellationToken, Task<TOut>> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return Add(builder, name, async (context, stop) => DelegateReflection.Outputs(await run(context, stop).ConfigureAwait(false)));
    }

    /// <summary>Code with results, for trimmed and native programs.</summary>
    /// <param name="output">How results are written, from a <see cref="System.Text.Json.Serialization.JsonSerializerContext"/>, whose naming policy names the outputs.</param>
    /// <inheritdoc cref="AddTask{TOut}(IOrchestratorBuilder, string, Func{DelegateContext, CancellationToken, Task{TOut}})"/>
    public static IOrchestratorBuilder AddTask<TOut>(
        this IOrchestratorBuilder builder, string name, Func<DelegateContext, CancellationToken, Task<TOut>> run, JsonTypeInfo<TOut> output)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(output);
        return Add(builder, name, async (context, stop) => DelegateOutputs.Of(await run(context, stop).ConfigureAwait(false), output));
    }

    /// <summary>
    /// Code with typed input: `with` is read into <typeparamref name="TIn"/> by name (snake_case), from `value` where the type has no members.
    /// What does not fit fails the attempt, not retryable, and names the property.
    /// </summary>
    /// <exception cref="ArgumentException">The name is empty or taken, or the type cannot be read from JSON.</exception>
    [RequiresUnreferencedCode(DelegateReflection.Reason), RequiresDynamicCode(DelegateReflection.Reason)]
    public static IOrchestratorBuilder AddTask<TIn>(this IOrchestratorBuilder builder, string name, Func<TIn, DelegateContext, CancellationToken, Task> run) =>
        AddTask(builder, name, run, DelegateReflection.Input<TIn>());

    /// <summary>Code with typed input, for trimmed and native programs.</summary>
    /// <param name="input">How `with` is read, from a <see cref="System.Text.Json.Serialization.JsonSerializerContext"/>, whose options decide on names and on members it does not know.</param>
    /// <inheritdoc cref="AddTask{TIn}(IOrchestratorBuilder, string, Func{TIn, DelegateContext, CancellationToken, Task})"/>
    public static IOrchestratorBuilder AddTask<TIn>(
        this IOrchestratorBuilder builder, string name, Func<TIn, DelegateContext, CancellationToken, Task> run, JsonTypeInfo<TIn> input)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(input);
        return Add(builder, name, async (context, stop) =>
        {
            await run(DelegateInput.Read(context.With, input), context, stop).ConfigureAwait(false);
            return DelegateOutputs.Nothing;
        });
    }

    /// <summary>Code with typed input and results.</summary>
    /// <inheritdoc cref="AddTask{TIn}(IOrchestratorBuilder, string, Func{TIn, DelegateContext, CancellationToken, Task})"/>
    [RequiresUnreferencedCode(DelegateReflection.Reason), RequiresDynamicCode(DelegateReflection.Reason)]
    public static IOrchestratorBuilder AddTask<TIn, TOut>(this IOrchestratorBuilder builder, string name, Func<TIn, DelegateContext, CancellationToken, Task<TOut>> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        var input = DelegateReflection.Input<TIn>();
        return Add(builder, name, async (context, stop) => DelegateReflection.Outputs(await run(DelegateInput.Read(context.With, input), context, stop).ConfigureAwait(false)));
    }

    /// <summary>Code with typed input and results, for trimmed and native programs.</summary>
    /// <param name="output">How results are written; its naming policy names the outputs.</param>
    /// <inheritdoc cref="AddTask{TIn}(IOrchestratorBuilder, string, Func{TIn, DelegateContext, CancellationToken, Task}, JsonTypeInfo{TIn})"/>
    public static IOrchestratorBuilder AddTask<TIn, TOut>(
        this IOrchestratorBuilder builder, string name, Func<TIn, DelegateContext, CancellationToken, Task<TOut>> run, JsonTypeInfo<TIn> input, JsonTypeInfo<TOut> output)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(output);
        return Add(builder, name, async (context, stop) => DelegateOutputs.Of(await run(DelegateInput.Read(context.With, input), context, stop).ConfigureAwait(false), output));
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
    private static IOrchestratorBuilder Add(IOrchestratorBuilder builder, string name, Func<DelegateContext, CancellationToken, Task<DelegateOutputs>> run)
    {
        OrchestratorBuilder.Of(builder).Delegates.Add(name, (context, stop) => Task.Run(() => run(context, stop), CancellationToken.None));
        return builder;
    }
}
