using Orchestrator.Core.Expressions;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Expressions;

public sealed class TemplateTests
{
    [Theory]
    [InlineData("plain $X ${X} }} {{", "plain $X ${X} }} {{")]
    [InlineData("", "")]
    [InlineData("$${{ x }}", "${{ x }}")]
    [InlineData("a $${{ b }} $$${{ c }}", "a ${{ b }} $${{ c }}")]
    [InlineData("${{ params.day }}", "2026-03-08")]
    [InlineData("${{params.n}}/${{params.region}}", "7/eu")]
    [InlineData("a ${{ '}}' }} $${{ ${{ \"{{\" }} b", "a }} ${{ {{ b")]
    [InlineData("[${{ params.nothing }}] ${{ true }} ${{ 1.50 }} ${{ [1, 'a'] }} ${{ tasks.check.outputs.deep.a }}", "[] true 1.50 [1,\"a\"] {\"b\":[10,20,30]}")]
    [InlineData("${{ tasks.check.outputs.file }}", "a b.csv")]
    public void Text_mode_puts_any_value_in(string text, string rendered) => Render(text, TemplateMode.Text).ShouldBe(rendered);

    [Theory]
    [InlineData("x --day ${{ params.day }} ; $Y", "x --day 2026-03-08 ; $Y")]
    [InlineData("${{ 'a_B/c.d:e@f%g+h=i,j-9' }}", "a_B/c.d:e@f%g+h=i,j-9")]
    [InlineData("n=${{ params.n + 0.5 }}", "n=7.5")]
    [InlineData("${{ raw(tasks.check.outputs.file) }}", "a b.csv")]
    [InlineData("${{ raw('') }}", "")]
    [InlineData("echo $${{ x; }}", "echo ${{ x; }}")]
    public void Shell_mode_puts_harmless_values_in(string text, string rendered) => Render(text, TemplateMode.Shell).ShouldBe(rendered);

    [Theory]
    [InlineData("' '")]
    [InlineData("'a;b'")]
    [InlineData("'$(reboot)'")]
    [InlineData("'a\\nb'")]
    [InlineData("'~'")]
    [InlineData("'*'")]
    [InlineData("\"'\"")]
    [InlineData("'\\u00e4'")]
    [InlineData("[1]")]
    [InlineData("upper(raw('a b'))")]
    [InlineData("raw('a') + ' b'")]
    public void Shell_mode_refuses_what_a_shell_may_interpret(string expression) =>
        Should.Throw<ExpressionException>(() => Render("x ${{ " + expression + " }}", TemplateMode.Shell)).Message
            .ShouldBe($"${{{{ {expression} }}}}: The value holds characters a shell may interpret; only letters, digits and _./:@%+=,- are put into a command line. Pass it by env and write \"$NAME\", or accept the risk with raw(...).");

    [Theory]
    [InlineData("''")]
    [InlineData("null")]
    [InlineData("env.EMPTY")]
    public void Shell_mode_refuses_an_empty_value(string expression) =>
        Should.Throw<ExpressionException>(() => Render("rm -rf /${{ " + expression + " }}", TemplateMode.Shell)).Message.ShouldContain("The value is empty");

    [Fact]
    public void A_nul_character_goes_nowhere()
    {
        foreach (var mode in Enum.GetValues<TemplateMode>())
            Should.Throw<ExpressionException>(() => Render("${{ raw('a\\u0000b') }}", mode)).Message.ShouldContain("NUL");
    }

    [Theory]
    [InlineData("${{ params.n }}", "7")]
    [InlineData("${{ params.list }}", "[1, \"two\", [3], {\"four\": 4}]")]
    [InlineData("${{ params.nothing }}", "null")]
    [InlineData("${{ [1, 'a'] }}", "[1,\"a\"]")]
    [InlineData(" ${{ params.n }}", "\" 7\"")]
    [InlineData("${{ params.n }}${{ params.n }}", "\"77\"")]
    [InlineData("plain", "\"plain\"")]
    [InlineData("$${{ x }}", "\"${{ x }}\"")]
    [InlineData("", "\"\"")]
    public void A_text_that_is_exactly_one_hole_keeps_the_kind_of_its_value(string text, string json) =>
        Parse(text).RenderValue(Eval.Scope).GetRawText().ShouldBe(json);

    [Fact]
    public void A_literal_is_rendered_without_making_anything()
    {
        var template = Parse("just text");
        template.IsLiteral.ShouldBeTrue();
        template.References.ShouldBeEmpty();
        template.Render(Eval.Scope, TemplateMode.Shell).ShouldBeSameAs(template.Text);
    }

    [Fact]
    public void References_of_all_holes_are_collected_once() =>
        Parse("${{ params.a }} ${{ tasks.b.status }} ${{ params.a }}").References.Select(r => r.ToString()).ShouldBe(["params.a", "tasks.b"]);

    private static Template Parse(string text) => Template.TryParse(text, out var template, out var error) ? template : throw new FormatException(error.ToString());

    private static string Render(string text, TemplateMode mode) => Parse(text).Render(Eval.Scope, mode);
}
