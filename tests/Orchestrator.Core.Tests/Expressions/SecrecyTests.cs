using Orchestrator.Core.Expressions;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Expressions;

public sealed class SecrecyTests
{
    public static TheoryData<string> Wrong =>
    [
        "secrets.DB + 1", "-secrets.DB", "!secrets.DB", "secrets.DB && true", "secrets.DB < 1", "secrets.DB.x", "secrets.DB[0]", "[1][secrets.DB]",
        "json('{}')[secrets.DB]", "json(secrets.DB)", "number(secrets.DB)", "date(secrets.DB)", "date(now, 0, secrets.DB + '%' + '\\\\')",
        "matches('a', '(' + secrets.DB)", "matches('a', '(?=' + secrets.DB + ')')", "format('{' + secrets.DB)", "min(secrets.DB, 1)", "round(1, secrets.DB)",
        "contains(1, secrets.DB)", "join(secrets.DB, ',')", "tasks.check.outputs[secrets.DB]", "json('{\"' + secrets.DB + '\": 1}').other",
        "default(1 / 0, secrets.DB)", "secrets.DB ? 1 : 2",
    ];

    [Theory, MemberData(nameof(Wrong))]
    public void An_error_never_tells_a_secret(string text)
    {
        var error = Should.Throw<ExpressionException>(() => Eval.Parse(text).Evaluate(Eval.Scope));
        // ToString covers inner exceptions too.
        error.ToString().ShouldNotContain(Eval.Password);
        error.ToString().ShouldNotContain("hunter2");
    }

    [Fact]
    public void A_refused_hole_never_tells_a_secret()
    {
        var scope = Eval.Scope with { Secrets = new Dictionary<string, string> { ["DB"] = Eval.Password + " ;" } };
        Template.TryParse("psql ${{ secrets.DB }}", out var template, out _).ShouldBeTrue();
        Should.Throw<ExpressionException>(() => template!.Render(scope, TemplateMode.Shell)).ToString().ShouldNotContain("hunter2");
    }

    [Fact]
    public void A_value_written_into_a_log_by_mistake_shows_its_kind_only() => Eval.Value("secrets.DB").ToString().ShouldBe("string");
}
