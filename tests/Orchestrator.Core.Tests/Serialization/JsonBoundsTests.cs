using System.Text;
using Orchestrator.Core.Serialization;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Serialization;

public sealed class JsonBoundsTests
{
    [Theory]
    [InlineData("null")]
    [InlineData("1e999")]
    [InlineData("\"\"")]
    [InlineData("\"\\u0000\"")]
    [InlineData("\"\\ud83d\\ude00\"")]
    [InlineData("\"\\\\ud800\"")]          // a backslash and letters, no escape of a surrogate
    [InlineData("{\"a\":1,\"a\":2}")]
    [InlineData("{\"\\ud83d\\ude00\":[\"\\\"\\n\"]}")]
    public void A_value_that_can_be_kept_has_no_fault(string json) => Fault(json).ShouldBeNull();

    [Theory]
    [InlineData("\"\\ud800\"", "")]
    [InlineData("\"\\udc00\"", "")]
    [InlineData("\"\\uD800\\n\"", "")]
    [InlineData("\"\\ud800\\ud800\\udc00\"", "")]
    [InlineData("[1,\"a\",\"\\udfff\"]", "[2]")]
    [InlineData("{\"a\":{\"b\":[0,{\"c\":\"x\\ud800\"}]}}", "a.b[1].c")]
    [InlineData("{\"a\":{\"\\ud800\":1}}", "a")]
    [InlineData("[[],{},\"\\ud800\"]", "[2]")]
    public void Half_of_a_surrogate_pair_is_found_where_it_stands(string json, string path)
    {
        var fault = Fault(json).ShouldNotBeNull();
        (fault.Path, fault.IsTooDeep).ShouldBe((path, false));
        fault.Of("parameter 'x'").ShouldContain("holds half of a surrogate pair");
    }

    [Fact]
    public void Bytes_that_are_not_utf8_are_found_where_they_stand() =>
        JsonBounds.Fault([.. "{\"a\":\"b\",\"c\":[\""u8, 0xED, 0xA0, 0x80, .. "\"]}"u8]).ShouldNotBeNull().Path.ShouldBe("c[0]");

    [Theory]
    [InlineData('[')]
    [InlineData('{')]
    public void A_value_may_be_nested_64_levels_deep_and_no_deeper(char open)
    {
        JsonBounds.Fault(JsonBounds.Parse(Nested(JsonBounds.MaxDepth, open))).ShouldBeNull();
        var fault = JsonBounds.Fault(JsonBounds.Parse(Nested(JsonBounds.MaxDepth + 1, open))).ShouldNotBeNull();
        fault.IsTooDeep.ShouldBeTrue();
        fault.Of("parameter 'x'").ShouldContain("is nested more than 64 levels deep");
        JsonBounds.Fault(Nested(5000, open)).ShouldNotBeNull().Path.Length.ShouldBeLessThan(100);
    }

    [Fact]
    public void What_is_no_json_is_left_to_its_reader() => JsonBounds.Fault("{\"a\":"u8).ShouldBeNull();

    [Fact]
    public void A_text_must_be_whole_characters()
    {
        // Not attributes: what they hold is stored as UTF-8.
        foreach (var text in new[] { "a\ud800", "\udc00a", "\ud800\ud800\udc00" }) JsonBounds.Fault(text).ShouldNotBeNull();
        foreach (var text in new[] { "\ud83d\ude00", "", null }) JsonBounds.Fault(text).ShouldBeNull();
    }

    private static byte[] Nested(int depth, char open) => Encoding.UTF8.GetBytes(open == '['
        ? new string('[', depth) + new string(']', depth)
        : string.Concat(Enumerable.Repeat("{\"a\":", depth - 1)) + "{}" + new string('}', depth - 1));

    private static JsonFault? Fault(string json) => JsonBounds.Fault(JsonBounds.Parse(Encoding.UTF8.GetBytes(json)));
}
