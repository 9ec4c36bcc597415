using System.Reflection;
using System.Runtime.CompilerServices;

namespace Orchestrator.Architecture.Tests;

/// <summary>The product's assemblies as built beside the tests.</summary>
internal static class ProductAssemblies
{
    public static Assembly Core { get; } = Assembly.Load("Orchestrator.Core");

    public static Assembly Engine { get; } = Assembly.Load("Orchestrator.Engine");

    public static Assembly AspNetCore { get; } = Assembly.Load("Orchestrator.AspNetCore");

    public static Assembly Worker { get; } = Assembly.Load("orchestrator");

    public static IReadOnlyList<Assembly> All { get; } = [Core, Engine, AspNetCore, Worker];

    /// <summary>Types people wrote: not what compilers and generators add.</summary>
    public static IEnumerable<Type> WrittenTypes(Assembly assembly) => assembly.GetTypes()
        .Where(type => type.Namespace?.StartsWith("Orchestrator", StringComparison.Ordinal) == true)
        .Where(type => !type.Name.Contains('<', StringComparison.Ordinal) && !IsGenerated(type));

    /// <summary>Every method of every type, the compiler's included.</summary>
    public static IEnumerable<MethodInfo> Methods(Assembly assembly) => assembly.GetTypes().SelectMany(type =>
        type.GetMethods(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly));

    private static bool IsGenerated(Type? type) => type is not null
        && (type.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false)
            || type.IsDefined(typeof(System.CodeDom.Compiler.GeneratedCodeAttribute), inherit: false)
            || IsGenerated(type.DeclaringType));
}
