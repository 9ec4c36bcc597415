using System.Text.RegularExpressions;

namespace Orchestrator.Architecture.Tests.Rules;

/// <summary>JSON is read within one set of bounds: a file or body that is nested too deep is an error, wherever it comes in.</summary>
public sealed partial class JsonReadingTests
{
    // Each with the reason why it reads without the common bounds.
    private static readonly Dictionary<string, string> Unbounded = new(StringComparer.Ordinal)
    {
        ["src/Orchestrator.Core/Serialization/JsonBounds.cs"] = "the bounds themselves: counts the levels of what it is given",
        ["src/Orchestrator.Core/Serialization/JsonPath.cs"] = "names the place of a fault, which may lie deeper than any bound",
        ["src/Orchestrator.Engine/Executors/Process/LastJsonLine.cs"] = "asks only whether a line of output is an object; its depth is judged where its values are taken",
    };

    [Fact]
    public void Json_is_read_through_JsonBounds() => Uses().Where(use => !Unbounded.ContainsKey(use.File)).Select(use => $"{use.File}:{use.Line} {use.Text}").ShouldBeEmpty(
        "pass JsonBounds.Reading or JsonBounds.Documents, or call JsonBounds.Parse");

    [Fact]
    public void An_exception_from_this_rule_is_still_needed() => Unbounded.Keys.Except(Uses().Select(use => use.File)).ShouldBeEmpty();

    [Theory]
    [InlineData("var json = new Utf8JsonReader(line);", true)]
    [InlineData("using var document = JsonDocument.Parse(text);", true)]
    [InlineData("using var document = await JsonDocument.ParseAsync(body, default, stop);", true)]
    [InlineData("JsonNode.Parse(text)", true)]
    [InlineData("JsonElement.Parse(text)", true)]
    [InlineData("var json = new Utf8JsonReader(line, JsonBounds.Reading);", false)]
    [InlineData("using var document = JsonDocument.Parse(text, JsonBounds.Documents);", false)]
    [InlineData("var value = JsonBounds.Parse(text);", false)]
    public void The_rule_finds_every_way_to_read(string line, bool isFound) => IsUnbounded(line).ShouldBe(isFound);

    private static IEnumerable<(string File, int Line, string Text)> Uses() => Repository.Files("src", "*.cs")
        .SelectMany(file => SourceText.WithoutCommentsAndTexts(Repository.Read(file)).Split('\n').Select((line, i) => (File: file, Line: i + 1, Text: line.Trim())))
        .Where(line => IsUnbounded(line.Text));

    private static bool IsUnbounded(string line) => Reading().IsMatch(line) && !line.Contains("JsonBounds.", StringComparison.Ordinal);

    [GeneratedRegex(@"\bnew Utf8JsonReader\(|\bUtf8JsonReader \w+ = new\(|\bJson(Document|Element|Node)\.Parse(Async)?\(")]
    private static partial Regex Reading();
}
