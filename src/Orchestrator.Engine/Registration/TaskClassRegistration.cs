using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orchestrator.Engine.Executors.Delegate;

namespace Orchestrator.Engine.Registration;

/// <summary>Tasks that are classes: made by the container, one for each attempt.</summary>
public static class TaskClassRegistration
{
    private const string Suffix = "Task";

    /// <summary>A class without typed input and results. Registered as scoped, unless the container knows it already.</summary>
    /// <param name="name">What tasks of kind delegate call it; null: the class's name in kebab case without "Task", so <c>LoadSalesTask</c> is <c>load-sales</c>.</param>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public static IOrchestratorBuilder AddTask<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TTask>(this IOrchestratorBuilder builder, string? name = null)
        where TTask : class, IOrchestratorTask
    {
        Scoped<TTask>(builder);
        return builder.AddTask(name ?? NameOf(typeof(TTask)), (context, stop) => context.Services.GetRequiredService<TTask>().ExecuteAsync(context, stop));
    }

    /// <summary>A class with typed input and results.</summary>
    /// <inheritdoc cref="AddTask{TTask}(IOrchestratorBuilder, string?)"/>
    [RequiresUnreferencedCode(DelegateReflection.Reason), RequiresDynamicCode(DelegateReflection.Reason)]
    public static IOrchestratorBuilder AddTask<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TTask, TIn, TOut>(this IOrchestratorBuilder builder, string? name = null)
        where TTask : class, IOrchestratorTask<TIn, TOut>
    {
        Scoped<TTask>(builder);
        return builder.AddTask<TIn, TOut>(name ?? NameOf(typeof(TTask)), static (input, context, stop) => context.Services.GetRequiredService<TTask>().ExecuteAsync(input, context, stop));
    }

    /// <summary>A class with typed input and results, for trimmed and native programs.</summary>
    /// <param name="input">How `with` is read, from a <see cref="System.Text.Json.Serialization.JsonSerializerContext"/>.</param>
    /// <param name="output">How results are written.</param>
    /// <inheritdoc cref="AddTask{TTask}(IOrchestratorBuilder, string?)"/>
    public static IOrchestratorBuilder AddTask<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TTask, TIn, TOut>(
        this IOrchestratorBuilder builder, JsonTypeInfo<TIn> input, JsonTypeInfo<TOut> output, string? name = null)
        where TTask : class, IOrchestratorTask<TIn, TOut>
    {
        Scoped<TTask>(builder);
        return builder.AddTask(name ?? NameOf(typeof(TTask)), static (input, context, stop) => context.Services.GetRequiredService<TTask>().ExecuteAsync(input, context, stop), input, output);
    }

    private static void Scoped<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TTask>(IOrchestratorBuilder builder) where TTask : class
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.TryAddScoped<TTask>();
    }

    /// <summary>LoadHTMLReportTask becomes load-html-report.</summary>
    internal static string NameOf(Type type)
    {
        var word = type.Name.Split('`')[0];
        if (word.Length > Suffix.Length && word.EndsWith(Suffix, StringComparison.Ordinal)) word = word[..^Suffix.Length];
        var name = new StringBuilder(word.Length + 4);
        for (var i = 0; i < word.Length; i++)
        {
            var begins = i > 0 && char.IsUpper(word[i]) && (!char.IsUpper(word[i - 1]) || i + 1 < word.Length && char.IsLower(word[i + 1]));
            if (begins) name.Append('-');
            name.Append(char.ToLowerInvariant(word[i]));
        }
        return name.ToString();
    }
}
