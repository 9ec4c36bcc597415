using Orchestrator.Engine.Executors.Delegate;

namespace Orchestrator.Engine.Registration;

/// <summary>
/// A task as a class. One is made for each attempt, within a dependency injection scope of that attempt, and disposed with the scope: what it asks for in its
/// constructor may be scoped, such as a database context.
/// </summary>
public interface IOrchestratorTask
{
    /// <summary>Carries out one attempt.</summary>
    /// <param name="context">What is known of the attempt.</param>
    /// <param name="stop">Fires when the attempt should end: it is cancelled, its time is up, or the host stops.</param>
    /// <exception cref="TaskFailedException">The attempt failed, in words of your own.</exception>
    Task ExecuteAsync(DelegateContext context, CancellationToken stop);
}

/// <summary>A task as a class, with typed input and results.</summary>
/// <typeparam name="TIn">What `with` is read into, by name (snake_case).</typeparam>
/// <typeparam name="TOut">What becomes the task's outputs.</typeparam>
/// <inheritdoc cref="IOrchestratorTask"/>
public interface IOrchestratorTask<TIn, TOut>
{
    /// <summary>Carries out one attempt.</summary>
    /// <param name="input">The task's `with`.</param>
    /// <returns>Members of an object or entries of a dictionary become outputs of their names, anything else the output `value`.</returns>
    /// <inheritdoc cref="IOrchestratorTask.ExecuteAsync"/>
    Task<TOut> ExecuteAsync(TIn input, DelegateContext context, CancellationToken stop);
}
