using System.Globalization;
using System.Text.Json;
using Orchestrator.Core.Expressions;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Expressions;

public sealed class BoundTests
{
    private static readonly string Mega = new('a', ExpressionLimits.ResultLength);

    [Theory]
    [InlineData("(", "1", ")")]
    [InlineData("[", "1", "]")]
    [InlineData("-", "1", "")]
    [InlineData("!", "true", "")]
    [InlineData("upper(", "'a'", ")")]
    [InlineData("true ? 1 : ", "2", "")]
    [InlineData("[1][", "0", "]")]
    public void Nesting_has_a_bottom(string open, string core, string close)
    {
        Expression.TryParse(Repeat(open, 60) + core + Repeat(close, 60), out _, out _).ShouldBeTrue();
        Eval.ParseError(Repeat(open, 65) + core + Repeat(close, 65)).Message.ShouldStartWith("This is nested deeper than 64 levels. ");
        Eval.ParseError(Repeat(open, 1_400) + core).Message.ShouldStartWith("This is nested deeper than 64 levels. ");
    }

    [Theory]
    [InlineData("1", " + 1", "4001")]
    [InlineData("true", " && true", "true")]
    [InlineData("false", " || false", "false")]
    [InlineData("1", " * 1", "1")]
    public void A_long_chain_is_not_deep(string first, string more, string json) =>
        Eval.Of(first + Repeat(more, 4_000 * 4 / more.Length)).ShouldBe(json);

    [Fact]
    public void A_long_text_is_refused()
    {
        Eval.ParseError(Repeat(" ", ExpressionLimits.TextLength) + "1").Message.ShouldStartWith("An expression has at most 16384 characters. ");
        Template.TryParse("${{ 1 }}" + Mega, out _, out var error).ShouldBeFalse();
        error!.Message.ShouldContain("at most 1048576 characters");
        Template.TryParse(Repeat("${{ 1 }} ", 1_000), out _, out _).ShouldBeTrue();
        Template.TryParse(Repeat("${{ 1 }} ", 1_001), out _, out error).ShouldBeFalse();
        error!.Message.ShouldBe("A text has at most 1000 expressions. Split it.");
    }

    [Fact]
    public void Results_cannot_grow_without_end()
    {
        var scope = Eval.Scope with { Env = new Dictionary<string, string> { ["M"] = Mega, ["S"] = "a" } };
        string[] growing =
        [
            "env.M + env.S", "replace(env.M, 'a', env.M)", "join([env.M, env.M], '')", "join([1, 2, 3], env.M)", "format('{0}{0}', env.M)",
            "string([env.M, env.M, env.M])", "to_json([env.M, env.M, env.M])", "upper(env.M) + env.M",
            "to_json([" + string.Join(",", Enumerable.Repeat("env.M", 20)) + "])",
        ];
        foreach (var text in growing) Fails(text, scope).ShouldContain("than 1048576", customMessage: text.Length > 100 ? text[..100] : text);

        Template.TryParse(Repeat("${{ env.M }}", 5), out var template, out _).ShouldBeTrue();
        Should.Throw<ExpressionException>(() => template!.Render(scope, TemplateMode.Text)).Message.ShouldContain("longer than 4194304");
    }

    [Fact]
    public void Steps_and_lists_are_counted()
    {
        var list = JsonSerializer.SerializeToElement(Enumerable.Range(0, 99_000));
        var scope = Eval.Scope with { Params = new Dictionary<string, JsonElement> { ["l"] = list, ["s"] = JsonSerializer.SerializeToElement(Repeat(",", 200_000)) } };
        Eval.Parse("contains(params.l, -1)").Evaluate(scope).IsTrue.ShouldBeFalse();
        Fails("contains(params.l, -1) || contains(params.l, -2)", scope).ShouldContain("more than 100000 steps");
        Fails("[" + string.Join(",", Enumerable.Repeat("upper(env.M)", 100)) + "]", scope with { Env = new Dictionary<string, string> { ["M"] = Mega } })
            .ShouldContain("more than 100000 steps");
        Fails("split(params.s, ',')", scope).ShouldContain("more than 100000 steps");
        Fails("params.l", scope with { Params = new Dictionary<string, JsonElement> { ["l"] = JsonSerializer.SerializeToElement(Enumerable.Range(0, 100_001)) } })
            .ShouldContain("longer than 100000 elements");
    }

    [Theory]
    [InlineData("(a+)+$")]
    [InlineData("(a|aa)*b")]
    [InlineData("(.*)*x")]
    [InlineData("a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?aaaaaaaaaaaaaaaaaaaab")]
    public void Patterns_that_explode_elsewhere_answer(string pattern) =>
        Eval.Value($"matches('{Repeat("a", 10_000)}!', '{pattern}')").IsTrue.ShouldBeFalse();

    [Theory]
    [InlineData("((((a{100}){100}){100}){100}){100}")]
    [InlineData("((a{1000}){1000}){1000}")]
    [InlineData("a{1000000}")]
    [InlineData("(a{1,50}b{1,50}){1,400}")]
    [InlineData("(?x)#[\\n(a{1000}){1000}")]
    [InlineData("a{5,(b{900}){900}")]
    public void Patterns_with_huge_counts_are_refused_before_they_are_built(string pattern) =>
        Eval.Failure($"matches('a', '{pattern}')").ShouldContain("repeats too much");

    [Fact]
    public void A_pattern_that_takes_long_is_given_up()
    {
        var scope = Eval.Scope with { Env = new Dictionary<string, string> { ["T"] = Repeat("ab1a", 16_000) } };
        Fails("matches(env.T, '([a-z]{1,9}[0-9a-m]{1,9}){300}!')", scope).ShouldEndWith("The pattern of matches takes too long.");
    }

    [Fact]
    public void Long_patterns_and_long_texts_are_refused()
    {
        var scope = Eval.Scope with { Env = new Dictionary<string, string> { ["M"] = Mega } };
        Fails("matches(env.M, 'a')", scope).ShouldContain("longer than 65536");
        Fails("matches('a', env.M)", scope).ShouldContain("longer than 1000");
    }

    [Fact]
    public void The_culture_changes_nothing()
    {
        var before = CultureInfo.CurrentCulture;
        var strange = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        (strange.NumberFormat.NumberDecimalSeparator, strange.NumberFormat.NegativeSign) = (",", "~");
        strange.DateTimeFormat.AbbreviatedMonthNames = [.. Enumerable.Repeat("?", 13)];
        CultureInfo.CurrentCulture = strange;
        try
        {
            Eval.Value("-1.5 + number('-0.25')").ToText().ShouldBe("-1.75");
            Eval.Of("date('2026-03-01', -1, 'd MMM')").ShouldBe("\"28 Feb\"");
            Eval.Failure("[1][5]").ShouldContain("1 element");
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    private static string Fails(string text, ExpressionScope scope) =>
        Should.Throw<ExpressionException>(() => Eval.Parse(text).Evaluate(scope), text.Length > 100 ? text[..100] : text).Message;

    private static string Repeat(string text, int times) => string.Concat(Enumerable.Repeat(text, times));
}
