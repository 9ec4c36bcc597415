using FsCheck;
using FsCheck.Fluent;
using Orchestrator.Core.Expressions;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Expressions;

public sealed class ExpressionProperties
{
    private const string Metacharacters = " \t\r\n\0;&|<>()$`\\\"'*?[]{}#~!^\u00e4";

    // Pieces that parse often, so that the properties reach beyond the lexer.
    private static readonly string[] Pieces =
    [
        "1", "2.5", "'a b'", "\"$x\"", "true", "null", "params.n", "params.day", "params.list", "tasks.check.outputs.file", "tasks.check.outputs.deep",
        "secrets.DB", "env.STAGING", "now", "params.no", "+", "-", "*", "/", "%", "==", "<", "&&", "||", "!", "?", ":", "(", ")", "[", "]", ",", ".", ".a",
        "raw(", "upper(", "default(", "join(", "format(", "json(", "to_json(", "matches(", "date(", "split(", "contains(", "}}", "${{", "$", "'", "\\", " ",
    ];

    private static readonly Gen<string> Nearly = Gen.Elements(Pieces).ListOf().Select(p => string.Join("", p));

    private static readonly string[] Values = [.. Pieces.TakeWhile(p => p != "+")];

    private static readonly string[] Unary = ["-", "!", "raw", "upper", "length", "string", "to_json", "json", "number", "date", "floor", "trim"];

    private static readonly string[] Joined = ["+", "-", "*", "/", "%", "==", "!=", "<", ">=", "&&", "||", "contains", "default", "join", "split", "format", "min", "matches"];

    private static readonly Gen<string> WellFormed = Gen.Sized(size => Tree(Math.Min(size, 5)));

    private static readonly Gen<string> AnyText = Gen.OneOf(Nearly, ArbMap.Default.GeneratorFor<string>().Select(s => s ?? ""));

    [Fact]
    public void Parsing_never_throws_and_errors_lie_inside_the_text() => Prop.ForAll(AnyText.ToArbitrary(), text =>
    {
        if (!Expression.TryParse(text, out _, out var error)) Inside(error, text);
        if (!Template.TryParse(text, out _, out error)) Inside(error, text);
        if (!Template.TryParse("${{" + text + "}}", out _, out error)) Inside(error, "${{" + text + "}}");
        if (!Expression.TryParseCondition(text, out _, out error)) Inside(error, text);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));

    [Fact]
    public void Evaluating_gives_a_value_or_an_expression_exception_without_the_secret() => Prop.ForAll(WellFormed.ToArbitrary(), text =>
    {
        var expression = Eval.Parse(text);
        try
        {
            var value = expression.Evaluate(Eval.Scope);
            ExpressionValue.FromJson(value.ToJson()).ShouldBe(value);
            expression.Evaluate(Eval.Scope).ShouldBe(value);
        }
        catch (ExpressionException e)
        {
            e.Message.ShouldNotContain(Eval.Password);
        }
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(5_000));

    [Fact]
    public void A_shell_text_gets_no_metacharacter_from_a_value() => Prop.ForAll(AnyValue.ToArbitrary(), value =>
    {
        var scope = Eval.Scope with { Env = new Dictionary<string, string> { ["X"] = value } };
        Template.TryParse("<${{ env.X }}>", out var template, out _).ShouldBeTrue();
        try
        {
            var rendered = template!.Render(scope, TemplateMode.Shell)[1..^1];
            rendered.ShouldBe(value);
            rendered.ShouldNotBeEmpty();
            rendered.ShouldAllBe(c => char.IsAscii(c) && !Metacharacters.Contains(c));
        }
        catch (ExpressionException e)
        {
            (e.Message.Contains("Pass it by env", StringComparison.Ordinal) || value.Contains('\0')).ShouldBeTrue(e.Message);
        }
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(3_000));

    [Fact]
    public void A_text_without_holes_is_rendered_as_it_is() => Prop.ForAll(AnyText.ToArbitrary(), text =>
    {
        text = text.Replace("${{", "", StringComparison.Ordinal);
        if (Template.MayHaveHoles(text)) return;
        Template.TryParse(text, out var template, out _).ShouldBeTrue();
        template!.IsLiteral.ShouldBeTrue();
        template.Render(Eval.Scope, TemplateMode.Shell).ShouldBe(text);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(1_000));

    [Fact]
    public void Escaping_every_hole_gives_the_text_back() => Prop.ForAll(AnyText.ToArbitrary(), text =>
    {
        Template.TryParse(text.Replace("${{", "$${{", StringComparison.Ordinal), out var template, out _).ShouldBeTrue();
        template!.Render(Eval.Scope, TemplateMode.Text).ShouldBe(text);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(1_000));

    private static Gen<string> Tree(int size)
    {
        if (size == 0) return Gen.Elements(Values);
        var (one, two) = (Tree(size - 1), Gen.Zip(Tree(size - 1), Tree(size / 2)));
        return Gen.OneOf(
            Gen.Elements(Values),
            Gen.Zip(Gen.Elements(Unary), one).Select(p => $"{p.Item1}({p.Item2})"),
            Gen.Zip(Gen.Elements(Joined), two).Select(p => char.IsLetter(p.Item1[0]) ? $"{p.Item1}({p.Item2.Item1}, {p.Item2.Item2})" : $"({p.Item2.Item1}) {p.Item1} ({p.Item2.Item2})"),
            two.Select(p => $"[{p.Item1}, {p.Item2}]"),
            two.Select(p => $"({p.Item1})[{p.Item2}]"),
            Gen.Zip(Tree(size / 2), two).Select(p => $"({p.Item1}) == true ? ({p.Item2.Item1}) : ({p.Item2.Item2})"));
    }

    private static Gen<string> AnyValue => Gen.OneOf(
        ArbMap.Default.GeneratorFor<string>().Select(s => s ?? ""),
        Gen.Elements([.. "abcXYZ019_./:@%+=,-"]).ListOf().Select(c => string.Concat(c)),
        Gen.Elements([.. "ab1-" + Metacharacters.Replace("\0", "", StringComparison.Ordinal)]).ListOf().Select(c => string.Concat(c)));

    private static void Inside(ExpressionError error, string text)
    {
        error.Message.ShouldNotBeNullOrWhiteSpace();
        error.Offset.ShouldBeInRange(0, text.Length);
        error.Length.ShouldBeInRange(0, text.Length - error.Offset);
    }
}
