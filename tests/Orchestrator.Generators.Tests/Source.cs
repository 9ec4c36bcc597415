using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Orchestrator.Generators.Events;

namespace Orchestrator.Generators.Tests;

/// <summary>A compilation with the few types of Core that events are made of, and the generator on it.</summary>
internal static class Source
{
    private const string Core = """
        global using System;
        global using System.Collections.Immutable;
        global using System.Text.Json;
        global using System.Text.Json.Serialization;
        global using Orchestrator.Core.Definitions;
        global using Orchestrator.Core.Lifecycle;
        global using Orchestrator.Core.Runs;

        namespace Orchestrator.Core.Definitions { public readonly record struct TaskId(string Value); }
        namespace Orchestrator.Core.Lifecycle { public enum EventSeverity { Debug, Info, Warn, Error } }
        namespace Orchestrator.Core.Runs
        {
            public readonly record struct RunId(Guid Value);
            public abstract record JournalEvent { [JsonIgnore] public abstract string Type { get; } }
            public abstract record RunEvent : JournalEvent;
            public abstract record TaskEvent([property: JsonIgnore] TaskId Task, [property: JsonIgnore] int Attempt) : RunEvent
            {
                [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), Recurring] public string? Role { get; init; }
            }
            internal sealed class EventTypeAttribute(string name, int number, EventSeverity severity) : Attribute;
            internal sealed class RecurringAttribute : Attribute;
        }
        """;

    private static readonly CSharpParseOptions Options = new(LanguageVersion.Preview);

    private static readonly MetadataReference[] References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(f => Path.GetFileName(f) is "System.Runtime.dll" or "System.Private.CoreLib.dll" or "System.Text.Json.dll" or "System.Collections.Immutable.dll" or "System.Memory.dll" or "System.Collections.dll")
            .Select(f => MetadataReference.CreateFromFile(f)),
    ];

    /// <summary>An event of the product's namespace.</summary>
    public static CSharpCompilation Of(params string[] files) => CSharpCompilation.Create("Orchestrator.Core",
        [.. files.Select(f => "namespace Orchestrator.Core.Runs;\n" + f).Prepend(Core).Select((f, i) => CSharpSyntaxTree.ParseText(f, Options, $"File{i}.cs"))],
        References, new(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));

    public static SyntaxTree Tree(string file, string path) => CSharpSyntaxTree.ParseText("namespace Orchestrator.Core.Runs;\n" + file, Options, path);

    public static GeneratorDriver Driver() => CSharpGeneratorDriver.Create(
        [new EventTypeGenerator().AsSourceGenerator()], parseOptions: Options, driverOptions: new(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));

    public static GeneratorRunResult Generate(params string[] files) => Driver().RunGenerators(Of(files)).GetRunResult().Results.Single();

    /// <summary>What the generator says, each with the line it points at (from 1, the namespace is the first).</summary>
    public static IReadOnlyList<string> Problems(params string[] files) =>
        [.. Generate(files).Diagnostics.Select(d => $"{d.Id} {d.Location.GetLineSpan().StartLinePosition.Line + 1}: {d.GetMessage(System.Globalization.CultureInfo.InvariantCulture)}").Order(StringComparer.Ordinal)];
}
