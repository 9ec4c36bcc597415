using System.Text.Json;
using Orchestrator.Core.Expressions;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Expressions;

public sealed class FunctionTests
{
    public static TheoryData<string> Names => [.. ExpressionFunctions.All.Select(f => f.Name)];

    [Theory, MemberData(nameof(Names))]
    public void The_documented_example_gives_the_documented_result(string name)
    {
        var function = ExpressionFunctions.All.Single(f => f.Name == name);
        JsonElement.DeepEquals(Eval.Value(function.Example).ToJson(), Eval.Json(function.Result))
            .ShouldBeTrue($"{function.Example} is {Eval.Of(function.Example)}, not {function.Result}");
        function.Signature.ShouldStartWith(name + "(");
        function.Example.ShouldContain(name + "(");
    }

    [Theory]
    [InlineData("contains([1, [2]], [2])", "true")]
    [InlineData("contains('abc', 'x')", "false")]
    [InlineData("contains(json('{\"a\":null}'), 'a')", "true")]
    [InlineData("matches('abc', 'B')", "false")]
    [InlineData("matches('line1\\nline2', '(?m)^line2$')", "true")]
    [InlineData("split('', ',')", "[\"\"]")]
    [InlineData("split('a::b', '::')", "[\"a\",\"b\"]")]
    [InlineData("join([], ',')", "\"\"")]
    [InlineData("join([null, true, [1]], ' ')", "\" true [1]\"")]
    [InlineData("format('{{{0}}} {1} {0}', 1, [2])", "\"{1} [2] 1\"")]
    [InlineData("format('plain')", "\"plain\"")]
    [InlineData("number(' -1.5e2 ')", "-150")]
    [InlineData("number(3)", "3")]
    [InlineData("min([5])", "5")]
    [InlineData("floor(-1.5)", "-2")]
    [InlineData("ceil(-1.5)", "-1")]
    [InlineData("round(2.5)", "3")]
    [InlineData("round(-2.5)", "-3")]
    [InlineData("round(2.0)", "2")]
    [InlineData("date('2026-01-01T01:00:00+02:00')", "\"2025-12-31\"")]
    [InlineData("date('2026-01-01', 31, 'yyyyMMdd')", "\"20260201\"")]
    [InlineData("date('2026-01-05', 0, 'd')", "\"5\"")]
    [InlineData("date(now, 0, 'MMM')", "\"Mar\"")]
    [InlineData("string([1, 'ä'])", "\"[1,\\\"ä\\\"]\"")]
    [InlineData("string(null)", "\"\"")]
    [InlineData("to_json(tasks.check.outputs.deep)", "\"{\\\"a\\\":{\\\"b\\\":[10,20,30]},\\\"z\\\":null}\"")]
    [InlineData("length('')", "0")]
    public void Functions_do_what_they_say(string text, string json) =>
        JsonElement.DeepEquals(Eval.Value(text).ToJson(), Eval.Json(json)).ShouldBeTrue(Eval.Of(text));

    [Theory]
    [InlineData("upper(1)", "The first argument of upper is a text, not a number.")]
    [InlineData("starts_with('a', null)", "The second argument of starts_with is a text, not null.")]
    [InlineData("contains(1, 1)", "The first argument of contains is a text, a list or an object, not a number.")]
    [InlineData("contains('1', 1)", "The second argument of contains is a text, not a number.")]
    [InlineData("length(null)", "The first argument of length is a text, a list or an object, not null.")]
    [InlineData("join('a', ',')", "The first argument of join is a list, not a text.")]
    [InlineData("split('a', '')", "The second argument of split is not empty.")]
    [InlineData("replace('a', '', 'b')", "The second argument of replace is not empty.")]
    [InlineData("format('{')", "a '{' that is not {0}")]
    [InlineData("format('}')", "a '}' without '{'")]
    [InlineData("format('{1}', 'a')", "asks for {1}, but only 1 value follow it.")]
    [InlineData("number('x')", "does not spell a number")]
    [InlineData("number(true)", "The first argument of number is a text, not a boolean.")]
    [InlineData("min('a', 1)", "min takes numbers, not a text.")]
    [InlineData("max([])", "max of an empty list is nothing.")]
    [InlineData("round(1, 1.5)", "The second argument of round is a whole number from 0 to 28.")]
    [InlineData("json('{')", "The argument of json is not one JSON value.")]
    [InlineData("json('1 2')", "The argument of json is not one JSON value.")]
    [InlineData("date('yesterday')", "The first argument of date is an instant or date")]
    [InlineData("date('2026-01-01', 4000000)", "The second argument of date is a whole number")]
    [InlineData("date('9999-12-31', 1)", "outside the years 1 to 9999")]
    [InlineData("date('2026-01-01', 0, '')", "a format of 1 to 64 characters")]
    [InlineData("matches('a', '(')", "is not a regular expression (InsufficientClosingParentheses at character 1)")]
    [InlineData("matches('a', '(a)\\\\1')", "back-reference")]
    public void A_wrong_argument_is_named(string text, string message) => Eval.Failure(text).ShouldContain(message);
}
