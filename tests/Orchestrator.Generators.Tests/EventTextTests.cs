using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;
using Orchestrator.Generators.Events;
using Shouldly;
using Xunit;

namespace Orchestrator.Generators.Tests;

public sealed class EventTextTests
{
    /// <summary>Set to <c>write</c>, the texts are written anew; a look at the difference is part of the change.</summary>
    private const string Variable = "ORCHESTRATOR_GOLDEN";

    private static readonly string[] Events =
    [
        """
        public enum Cause { One, Two }
        public sealed record Part([property: Recurring] string Name, int? Size);
        [EventType("task.tried", 4051, EventSeverity.Warn)]
        public sealed partial record TaskTried(TaskId Task, int Attempt, [property: Recurring] string Reason) : TaskEvent(Task, Attempt)
        {
            public bool Always => true;
            public required double DurationMs { get; init; }
            public Cause? Why { get; init; }
            [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] public long Bytes { get; init; }
            [JsonPropertyName("piece")] public Part? Part { get; init; }
            [JsonIgnore] public string Hidden => "no";
            public ImmutableSortedDictionary<string, JsonElement>? Values { get; init; }
        }
        """,
        """
        [EventType("first.missing", 4050, EventSeverity.Info)]
        public sealed partial record FirstMissing(string? Note, RunId Run, DateTimeOffset? Until) : JournalEvent
        {
            public ImmutableArray<string> Names { get; init; } = [];
        }
        [EventType("free.value", 4052, EventSeverity.Debug)]
        public sealed partial record FreeValue(JsonElement Value) : JournalEvent;
        """,
    ];

    public static TheoryData<string> Files => ["TaskTried.g.cs", "FirstMissing.g.cs", "EventRows.g.cs", "ReadShapes.g.cs", "EventParts.g.cs", "KnownEvents.g.cs"];

    [Theory, MemberData(nameof(Files))]
    public void The_generated_text_is_the_one_checked_in(string file)
    {
        var text = Source.Generate(Events).GeneratedSources.Single(s => s.HintName == file).SourceText.ToString();
        var path = Golden(file[..^".g.cs".Length] + ".txt");
#pragma warning disable RS0030 // The switch is the developer's, not the program's.
        if (Environment.GetEnvironmentVariable(Variable) == "write") File.WriteAllText(path, text);
#pragma warning restore RS0030
        text.ShouldBe(File.ReadAllText(path), $"If this is meant, run the test with {Variable}=write and look at what changed.");
        text.ShouldNotContain("\r");
    }

    [Fact]
    public void The_order_of_files_changes_nothing_but_the_place_of_no_table_row() =>
        Text(Events).ShouldBe(Text([.. Events.Reverse()]));

    [Fact]
    public void An_edit_elsewhere_or_above_an_event_repeats_nothing()
    {
        var compilation = Source.Of([.. Events, "public static class Other { public static int N => 1; }"]);
        var driver = Source.Driver().RunGenerators(compilation);
        var edited = compilation.ReplaceSyntaxTree(compilation.SyntaxTrees[^1], Source.Tree("public static class Other { public static int N => 2; }", "File3.cs"));
        Reasons(driver = driver.RunGenerators(edited)).ShouldAllBe(r => r == IncrementalStepRunReason.Cached || r == IncrementalStepRunReason.Unchanged);
        var moved = edited.ReplaceSyntaxTree(edited.SyntaxTrees[1], Source.Tree("\n\n" + Events[0], "File1.cs"));
        Reasons(driver = driver.RunGenerators(moved)).ShouldAllBe(r => r == IncrementalStepRunReason.Cached || r == IncrementalStepRunReason.Unchanged);
        var renamed = moved.ReplaceSyntaxTree(moved.SyntaxTrees[1], Source.Tree(Events[0].Replace("task.tried", "task.tested", StringComparison.Ordinal), "File1.cs"));
        Reasons(driver.RunGenerators(renamed)).ShouldContain(IncrementalStepRunReason.Modified);
    }

    private static string Text(string[] events) => string.Concat(Source.Generate(events).GeneratedSources.OrderBy(s => s.HintName, StringComparer.Ordinal).Select(s => s.SourceText.ToString()));

    private static IEnumerable<IncrementalStepRunReason> Reasons(GeneratorDriver driver) =>
        driver.GetRunResult().Results.Single().TrackedSteps[EventTypeGenerator.Models].SelectMany(s => s.Outputs).Select(o => o.Reason);

    private static string Golden(string name, [CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "Golden", name);
}
