using System.Text.RegularExpressions;
using Orchestrator.Core.Expressions;

namespace Orchestrator.Architecture.Tests.Kit;

/// <summary>What the documents list is what the program has: a name that is added, renamed or dropped in one of them fails here.</summary>
public sealed partial class DocumentTests
{
    private static readonly string Language = Repository.Read("config/README.md");

    [Fact]
    public void The_table_of_functions_is_the_list_of_functions() =>
        Rows(Section(Language, "## Expressions")).Where(r => r.Length == 4 && r[0].Contains('(', StringComparison.Ordinal)).Select(r => string.Join(" | ", r))
            .ShouldBe(ExpressionFunctions.All.Select(f => $"`{f.Signature}` | {f.Meaning} | `{f.Example}` | `{f.Result}`"));

    [Theory]
    [InlineData("Workflow"), InlineData("Task"), InlineData("Defaults"), InlineData("Retry"), InlineData("RetryOn"), InlineData("Parameter"), InlineData("Secret"), InlineData("Schedule")]
    public void Every_key_of_the_language_is_in_the_readme(string set)
    {
        var keys = ProductAssemblies.Core.GetType("Orchestrator.Core.Definitions.Reading.Vocabulary", throwOnError: true)!.GetField(set)!.GetValue(null)!;
        var accepted = (IReadOnlyList<string>)keys.GetType().GetProperty("Accepted")!.GetValue(keys)!;
        var spans = string.Join(' ', Spans().Matches(Language).Select(m => m.Value));
        accepted.Where(key => !Regex.IsMatch(spans, $@"(?<!\w){key}(?!\w)")).ShouldBeEmpty();
    }

    [Fact]
    public void Every_rule_type_and_kind_of_failure_is_in_the_readme()
    {
        foreach (var word in Core.Words.All<Core.RunWhen>().Concat(Core.Words.All<Core.Definitions.ParameterType>())) Language.ShouldContain($"`{word}`");
        // What only later kinds of task can end with is no news yet.
        foreach (var word in Core.Words.All<Core.FailureKind>().Except(["http_status", "sql_error", "expired", "rejected"])) Language.ShouldContain($"`{word}`");
    }

    [Fact]
    public void A_projects_readme_lists_the_rooms_it_has()
    {
        foreach (var project in Repository.SourceProjects)
        {
            var folder = Repository.At($"src/{project}");
            var rooms = Directory.GetDirectories(folder).Select(Path.GetFileName).Where(name => name is not ("bin" or "obj" or "Properties"));
            var listed = Rows(Repository.Read($"src/{project}/README.md")).Select(r => r[0].Trim('`')).Where(name => name[0] is not '/').ToList();
            listed.Where(name => !name.EndsWith(".cs", StringComparison.Ordinal)).Order().ShouldBe(rooms.Order(), project);
            listed.Where(name => name.EndsWith(".cs", StringComparison.Ordinal) && !File.Exists(Path.Combine(folder, name))).ShouldBeEmpty();
        }
    }

    [Fact]
    public void The_table_of_streams_has_every_event_of_schedules_backfills_and_triggers()
    {
        string[] kinds = ["schedule.", "schedules.", "backfill.", "trigger."];
        var types = ProductAssemblies.Core.GetTypes().SelectMany(t => t.GetCustomAttributesData()).Where(a => a.AttributeType.Name == "EventTypeAttribute")
            .Select(a => (string)a.ConstructorArguments[0].Value!).Where(t => kinds.Any(k => t.StartsWith(k, StringComparison.Ordinal)));
        var listed = Rows(Section(Language, "### Streams of schedules, backfills and triggers")).Where(r => r.Length == 4).SelectMany(r => EventName().Matches(r[2]).Select(m => m.Groups[1].Value)).ToHashSet();
        // It is in the stream of a worker, as the text says.
        listed.Add("schedule.refused");
        listed.Order(StringComparer.Ordinal).ShouldBe(types.Order(StringComparer.Ordinal));
    }

    /// <summary>The cells of a text's table rows whose first cell is code.</summary>
    private static IEnumerable<string[]> Rows(string text) => text.Split('\n').Where(l => l.StartsWith("| `", StringComparison.Ordinal))
        .Select(l => l.Trim().Trim('|').Split(" | ").Select(c => c.Trim()).ToArray());

    /// <summary>From a heading to the next of its level.</summary>
    private static string Section(string text, string heading)
    {
        var start = text.IndexOf(heading + "\n", StringComparison.Ordinal);
        start.ShouldBeGreaterThanOrEqualTo(0, heading);
        var end = text.IndexOf("\n" + heading[..(heading.IndexOf(' ', StringComparison.Ordinal) + 1)], start + 1, StringComparison.Ordinal);
        return end < 0 ? text[start..] : text[start..end];
    }

    [GeneratedRegex(@"`((?:schedules?|backfill|trigger)\.\w+)`")]
    private static partial Regex EventName();

    [GeneratedRegex("`[^`\n]+`|^```yaml.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Spans();
}
