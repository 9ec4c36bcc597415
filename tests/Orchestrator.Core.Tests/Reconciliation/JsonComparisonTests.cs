using System.Text.Json;
using Orchestrator.Core.Reconciliation;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Reconciliation;

public sealed class JsonComparisonTests
{
    [Theory]
    [InlineData("""{"a":1,"b":[1,2]}""", """{"b":[1,2],"a":1.0}""", "")]
    [InlineData("""{"a":1,"new":2}""", """{"a":1}""", "")]
    [InlineData("""{"a":1}""", """{"a":1,"gone":2}""", "gone: nothing, 2")]
    [InlineData("""{"a":{"b":[{"c":1}]}}""", """{"a":{"b":[{"c":2}]}}""", "a.b[0].c: 1, 2")]
    [InlineData("""{"a":[1]}""", """{"a":[1,2]}""", "a.length: 1, 2")]
    [InlineData("""{"a":null}""", """{"a":0}""", "a: null, 0")]
    [InlineData("""{"dir":"x","a":1}""", """{"dir":"y","a":2}""", "a: 1, 2")]
    public void Places_that_differ_are_named(string expected, string found, string told)
    {
        using var a = JsonDocument.Parse(expected);
        using var b = JsonDocument.Parse(found);
        string.Join("; ", JsonComparison.Of(a.RootElement, b.RootElement, new HashSet<string> { "dir" }).Select(p => $"{p.Place}: {p.Expected}, {p.Found}")).ShouldBe(told);
    }

    [Fact]
    public void Not_more_places_are_told_than_asked_for()
    {
        using var a = JsonDocument.Parse(JsonSerializer.Serialize(Enumerable.Range(0, 50)));
        using var b = JsonDocument.Parse(JsonSerializer.Serialize(Enumerable.Range(1, 50)));
        JsonComparison.Of(a.RootElement, b.RootElement, new HashSet<string>(), most: 3).Count.ShouldBe(3);
    }
}
