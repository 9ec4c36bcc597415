using Orchestrator.Core.Expressions;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Expressions;

public sealed class ParseErrorTests
{
    [Theory]
    [InlineData("", 0, 0, "There is no expression here.")]
    [InlineData("1 +", 3, 0, "A value was expected, not the end.")]
    [InlineData("1 2", 2, 1, "An operator was expected, not a number.")]
    [InlineData("(1", 2, 0, "The ')' of the parentheses was expected, not the end.")]
    [InlineData("[1, 2", 5, 0, "The ']' of the list was expected, not the end.")]
    [InlineData("[1][0", 5, 0, "The ']' of the index was expected, not the end.")]
    [InlineData("true ? 1", 8, 0, "The ':' of '?:' was expected, not the end.")]
    [InlineData("'abc", 0, 4, "This text is not closed. It ends with another '.")]
    [InlineData("'a\\d'", 2, 2, "Unknown escape.")]
    [InlineData("'\\u12'", 1, 5, "'\\u' takes four hexadecimal digits.")]
    [InlineData("1 = 2", 2, 1, "'=' is not an operator. Write '==' to compare.")]
    [InlineData("true & false", 5, 1, "Write '&&' for and.")]
    [InlineData("env.X | upper", 6, 1, "not with a pipe")]
    [InlineData("1 < 2 < 3", 6, 1, "Comparisons do not chain.")]
    [InlineData("1 == 1 == true", 7, 2, "Comparisons do not chain.")]
    [InlineData("12abc", 0, 2, "This is not a number.")]
    [InlineData("1.", 0, 2, "This is not a number.")]
    [InlineData("99999999999999999999999999999999", 0, 32, "This number is too large")]
    [InlineData("{}", 0, 1, "Objects come from json('...').")]
    [InlineData("$X", 0, 1, "Variables are env.NAME")]
    [InlineData("param.day", 0, 5, "Unknown name 'param'. Did you mean 'params'?")]
    [InlineData("True", 0, 4, "Unknown name 'True'. Did you mean 'true'?")]
    [InlineData("upper", 0, 5, "The function is called as upper(text).")]
    [InlineData("production == 1", 0, 10, "put text in quotes: 'production'")]
    [InlineData("uper('a')", 0, 4, "There is no function 'uper'. Did you mean 'upper'?")]
    [InlineData("frobnicate('a')", 0, 10, "There are: contains, starts_with")]
    [InlineData("upper()", 0, 5, "'upper' does not take 0 arguments. It is called as upper(text).")]
    [InlineData("now(1)", 0, 3, "'now' does not take 1 argument. It is called as now().")]
    [InlineData("fil.name", 0, 3, "Unknown name 'fil'.")]
    [InlineData("item.", 5, 0, "There must be a member's name after '.', not the end.")]
    [InlineData("matrix", 0, 6, "'matrix' alone is not a value. Name one of them, as in matrix.axis")]
    [InlineData("tasks.check[0].status", 6, 5, "Their results are tasks.check.outputs.results[0]")]
    [InlineData("params", 0, 6, "'params' alone is not a value. Name one of them, as in params.name")]
    [InlineData("secrets == 1", 0, 7, "'secrets' alone is not a value.")]
    [InlineData("run", 0, 3, "as in run.id")]
    [InlineData("tasks.check", 6, 5, "Name a member of the task: status, outputs, exit_code, attempts or duration_ms")]
    [InlineData("tasks.check['status']", 6, 5, "Name a member of the task")]
    [InlineData("tasks.check.rows", 12, 4, "Results are read as tasks.check.outputs.rows.")]
    [InlineData("tasks.check.output.rows", 12, 6, "Did you mean 'outputs'?")]
    [InlineData("tasks[params.which].status", 6, 6, "takes a name in quotes, not a computed one")]
    [InlineData("tasks['a' + 'b'].status", 6, 3, "takes a name in quotes, not a computed one")]
    [InlineData("env[1]", 4, 1, "takes a name in quotes, not a computed one")]
    [InlineData("run.workflw", 4, 7, "There is no 'workflw' in 'run', only id, workflow, tenant, started_at, trigger, attempt, trace_id, outcome, error, failed_tasks. Did you mean 'workflow'?")]
    [InlineData("schedule.when", 9, 4, "There is no 'when' in 'schedule', only id, due_at.")]
    [InlineData("params.", 7, 0, "There must be a name after 'params.', as in params.name or params[\"name\"], not the end.")]
    [InlineData("[1].", 4, 0, "There must be a member's name after '.', not the end.")]
    [InlineData("params.a\u0000", 8, 1, "An unexpected character.")]
    public void An_error_says_where_and_what_to_write(string text, int offset, int length, string message)
    {
        var error = Eval.ParseError(text);
        error.Message.ShouldContain(message);
        (error.Offset, error.Length).ShouldBe((offset, length));
    }

    [Theory]
    [InlineData("a ${{ params.x }} b ${{ 1 + }}", 28, "A value was expected")]
    [InlineData("a ${{ params.x", 2, "'${{' is not closed by '}}'.")]
    [InlineData("a ${{ 'x }}", 2, "'${{' is not closed by '}}'.")]
    [InlineData("${{}}", 3, "There is no expression here.")]
    [InlineData("${{ ${{ 1 }} }}", 4, "'$' is not part of an expression.")]
    public void An_error_in_a_template_counts_from_the_start_of_the_text(string text, int offset, string message)
    {
        Template.TryParse(text, out _, out var error).ShouldBeFalse();
        error!.Message.ShouldContain(message);
        error.Offset.ShouldBe(offset);
    }

    [Theory]
    [InlineData("  ${{ 1 + }}", 10, "A value was expected")]
    [InlineData("1 +", 3, "A value was expected")]
    [InlineData("${{ true }} && ${{ false }}", 0, "A condition is one expression.")]
    [InlineData("${{ true", 0, "not closed")]
    public void An_error_in_a_condition_counts_from_the_start_of_the_text(string text, int offset, string message)
    {
        Expression.TryParseCondition(text, out _, out var error).ShouldBeFalse();
        error!.Message.ShouldContain(message);
        error.Offset.ShouldBe(offset);
    }
}
