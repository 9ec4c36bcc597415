using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Expressions;

public sealed class RootTests
{
    [Theory]
    [InlineData("params.day", "\"2026-03-08\"")]
    [InlineData("params['day']", "\"2026-03-08\"")]
    [InlineData("params.load-eu", "true")]
    [InlineData("params.n - 1", "6")]
    [InlineData("params.list[3].four", "4")]
    [InlineData("params.price", "1.10")]
    [InlineData("env.STAGING + '/x'", "\"/srv/staging/x\"")]
    [InlineData("length(secrets.DB)", "16")]
    [InlineData("run.id", "\"0198c0de-0000-7000-8000-000000000001\"")]
    [InlineData("run.workflow", "\"sales-nightly\"")]
    [InlineData("run.tenant", "\"acme\"")]
    [InlineData("run.trigger", "\"schedule\"")]
    [InlineData("run.started_at", "\"2026-03-09T02:00:00.000000Z\"")]
    [InlineData("now", "\"2026-03-09T02:00:00.000000Z\"")]
    [InlineData("now()", "\"2026-03-09T02:00:00.000000Z\"")]
    [InlineData("date(now, -1)", "\"2026-03-08\"")]
    [InlineData("schedule.id", "\"nightly\"")]
    [InlineData("schedule.due_at", "\"2026-03-09T00:00:00.000000Z\"")]
    [InlineData("tasks.check.status == 'completed'", "true")]
    [InlineData("tasks.check.outputs.rows > 0", "true")]
    [InlineData("tasks.check.outputs.rows-2", "40")]
    [InlineData("tasks.check.outputs['odd key']", "1")]
    [InlineData("tasks.check.outputs.id", "9007199254740993")]
    [InlineData("tasks.check.outputs.deep.a.b[-1]", "30")]
    [InlineData("contains(tasks.check.outputs, 'rows')", "true")]
    [InlineData("length(tasks.check.outputs)", "5")]
    [InlineData("tasks.check.exit_code", "0")]
    [InlineData("tasks.check.attempts", "2")]
    [InlineData("tasks.check.duration_ms", "1234.5")]
    [InlineData("tasks.load-eu.exit_code", "null")]
    [InlineData("tasks[\"load-eu\"].status", "\"skipped\"")]
    [InlineData("tasks.2nd.exit_code", "3")]
    [InlineData("item.name", "\"a.csv\"")]
    [InlineData("item['sizes'][-1]", "5")]
    [InlineData("file.sizes[0] + 1", "4")]
    [InlineData("length(item)", "2")]
    [InlineData("matrix.os", "\"linux\"")]
    [InlineData("matrix.node-version", "22")]
    [InlineData("matrix['os'] == 'linux'", "true")]
    [InlineData("outputs.rows-1", "8")]
    [InlineData("outputs['odd key'][0]", "1")]
    [InlineData("length(outputs)", "2")]
    [InlineData("default(outputs.gone, 0)", "0")]
    [InlineData("run.attempt", "2")]
    [InlineData("run.trace_id", "\"4bf92f3577b34da6a3ce929d0e0e4736\"")]
    [InlineData("run.outcome", "\"failed\"")]
    [InlineData("run.error", "null")]
    [InlineData("join(run.failed_tasks, ' ')", "\"check 2nd\"")]
    public void Roots_offer_what_the_run_knows(string text, string json) => Eval.Of(text).ShouldBe(json);

    [Theory]
    [InlineData("params.dya", "There is no parameter 'dya'. Did you mean 'day'? There are 8, among them day, huge, list, load-eu, n.")]
    [InlineData("params.n-1", "There is no parameter 'n-1'. To subtract from 'n', put spaces around the '-'.")]
    [InlineData("env.HOME", "There is no declared variable 'HOME'. There are: EMPTY, STAGING.")]
    [InlineData("secrets.DBX", "There is no secret 'DBX'. Did you mean 'DB'? There are: DB.")]
    [InlineData("tasks.chekc.status", "There is no task 'chekc'. Did you mean 'check'? There are: 2nd, check, load-eu.")]
    [InlineData("tasks.check.outputs.row", "There is no output of task 'check' named 'row'. Did you mean 'rows'? There are: deep, file, id, odd key, rows.")]
    [InlineData("tasks.load-eu.outputs.x", "There is no output of task 'load-eu' named 'x'. There are none here.")]
    [InlineData("matrix.oss", "There is no axis 'oss'. Did you mean 'os'? There are: node-version, os.")]
    [InlineData("outputs.row", "There is no output 'row'. Did you mean 'rows'? There are: odd key, rows.")]
    [InlineData("paarms", "Unknown name 'paarms'. Did you mean 'params'?")]
    public void What_is_missing_is_named_with_what_exists(string text, string message) => Eval.Failure(text).ShouldEndWith(": " + message);

    [Theory]
    [InlineData("default(params.no, 'x')", "\"x\"")]
    [InlineData("default(params.nothing, 'x')", "\"x\"")]
    [InlineData("default(params.region, 'x')", "\"eu\"")]
    [InlineData("default(tasks.gone.outputs.rows.deep[0], 0)", "0")]
    [InlineData("default(tasks.check.outputs.deep.z.y, 1)", "1")]
    [InlineData("default(tasks.check.outputs.deep.a.b[9], 1)", "1")]
    [InlineData("default(env.NO, default(env.NEITHER, 'z'))", "\"z\"")]
    public void Default_stands_in_for_what_is_missing_or_null(string text, string json) => Eval.Of(text).ShouldBe(json);

    [Theory]
    [InlineData("item.name", "only in a task with foreach")]
    [InlineData("file.name", "Unknown name 'file'.")]
    [InlineData("matrix.os", "only in a task with matrix")]
    [InlineData("outputs.rows", "Another task's results are tasks.ID.outputs")]
    public void What_belongs_to_a_place_has_no_value_elsewhere(string text, string message)
    {
        var elsewhere = Eval.Scope with { Item = null, ItemName = null, Matrix = null, Outputs = null };
        Should.Throw<Core.Expressions.ExpressionException>(() => Eval.Parse(text).Evaluate(elsewhere)).Message.ShouldContain(message);
    }

    [Fact]
    public void Default_does_not_hide_other_errors() => Eval.Failure("default(1 / 0, 2)").ShouldContain("by zero");

    [Fact]
    public void A_run_without_a_schedule_says_so()
    {
        var scope = Eval.Scope with { Schedule = null };
        Should.Throw<Core.Expressions.ExpressionException>(() => Eval.Parse("schedule.id").Evaluate(scope)).Message.ShouldContain("No schedule started this run");
        Eval.Parse("default(schedule.id, 'by hand')").Evaluate(scope).ToText().ShouldBe("by hand");
    }

    [Fact]
    public void References_are_collected_without_evaluating()
    {
        var text = "tasks.check.outputs.rows > 0 && params['day'] != env.X ? secrets.DB : [run.id, schedule.id, default(tasks[\"load-eu\"].status, tasks.check.status)]";
        Eval.Parse("[item, file.name, matrix.os, outputs.rows]").References.Select(r => r.ToString()).ShouldBe(["item", "matrix.os", "outputs"]);
        Eval.Parse(text).References.Select(r => r.ToString())
            .ShouldBe(["tasks.check", "params.day", "env.X", "secrets.DB", "run.id", "schedule.id", "tasks.load-eu"]);
    }
}
