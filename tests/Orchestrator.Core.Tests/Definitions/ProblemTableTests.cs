using Orchestrator.Core.Definitions;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Definitions;

/// <summary>Each mistake with its exact code, the words that name the culprit, and its place: where the ^ stands.</summary>
public sealed class ProblemTableTests
{
    private const string Head = "name: a\ntasks:\n";

    [Theory]
    [InlineData("^", "ORC103", "no workflow")]
    [InlineData("^# only a remark\n", "ORC103", "no workflow")]
    [InlineData("---\n...^\n", "ORC103", "no workflow")]
    [InlineData("^- a\n", "ORC111", "must be a map, not a list")]
    [InlineData("name: [\n^", "ORC101", "not YAML")]
    [InlineData("name: a\ntasks: [{id: x, run: y}]\n^---\nname: b\n", "ORC104", "second document")]
    [InlineData("name: a\n^name: b\ntasks: [{id: x, run: y}]\n", "ORC106", "`name` occurs twice")]
    [InlineData("name: ^!!str a\ntasks: [{id: x, run: y}]\n", "ORC107", "tag")]
    [InlineData("? ^[a]\n: b\n", "ORC107", "must be text")]
    [InlineData("name: ^*nope\n", "ORC107", "No anchor")]
    [InlineData("name: a\n^task: []\ntasks: [{id: x, run: y}]\n", "ORC110", "Did you mean 'tasks'?")]
    [InlineData("name: a\n^scripts: {}\ntasks: [{id: x, run: y}]\n", "ORC114", "`scripts` is not available in this version")]
    [InlineData("^tasks: [{id: x, run: y}]\n", "ORC112", "no `name`")]
    [InlineData("name: ^-a\ntasks: [{id: x, run: y}]\n", "ORC113", "`name` is `-a`")]
    [InlineData("^name: a\n", "ORC112", "no `tasks`")]
    [InlineData("name: a\ntasks: ^[]\n", "ORC112", "`tasks` is empty")]
    [InlineData("name: a\ntasks: ^{x: {run: y}}\n", "ORC111", "must be a list of tasks, not a map")]
    [InlineData("name: a\nmax_parallel: ^0\ntasks: [{id: x, run: y}]\n", "ORC113", "Use 1 to")]
    [InlineData("name: a\nmax_parallel: ^many\ntasks: [{id: x, run: y}]\n", "ORC111", "a whole number, not `many`")]
    [InlineData("name: a\nfail_fast: ^yes\ntasks: [{id: x, run: y}]\n", "ORC111", "true or false, not `yes`")]
    [InlineData("name: a\ntimeout: ^5 minutes\ntasks: [{id: x, run: y}]\n", "ORC113", "not a duration")]
    [InlineData("name: a\nenv: {^2A: x}\ntasks: [{id: x, run: y}]\n", "ORC113", "environment variable")]
    [InlineData("name: a\nenv: {A: ^[x]}\ntasks: [{id: x, run: y}]\n", "ORC111", "`env.A` must be text, not a list")]
    [InlineData("name: a\ninherit_env: [^A-B]\ntasks: [{id: x, run: y}]\n", "ORC113", "environment variable")]
    [InlineData("name: a\nsecrets: {A: ^hunter2}\ntasks: [{id: x, run: y}]\n", "ORC111", "where its value is")]
    [InlineData("name: a\nsecrets: {A: ^{file: x, env: Y}}\ntasks: [{id: x, run: y}]\n", "ORC115", "exactly one")]
    [InlineData("name: a\nstages: [one, ^one]\ntasks: [{id: x, run: y}]\n", "ORC120", "declared twice")]
    [InlineData("name: a\nparams: {n: {type: ^int}}\ntasks: [{id: x, run: y}]\n", "ORC113", "`type` is `int`")]
    [InlineData("name: a\nparams: {n: {type: integer, default: ^x}}\ntasks: [{id: x, run: y}]\n", "ORC113", "a whole number, not `x`")]
    [InlineData("name: a\nparams: {n: ^{type: enum}}\ntasks: [{id: x, run: y}]\n", "ORC112", "without `values`")]
    [InlineData("name: a\nparams: {n: \"${{ ^run.id }}\"}\ntasks: [{id: x, run: y}]\n", "ORC204", "before there is a run")]
    [InlineData("name: a\nschedules: [{id: s, cron: ^\"99 2 * * *\"}]\ntasks: [{id: x, run: y}]\n", "ORC125", "99")]
    [InlineData("name: a\nschedules: [{id: s, cron: '@daily', timezone: ^Europe/Helsinky}]\ntasks: [{id: x, run: y}]\n", "ORC125", "Europe/Helsinki")]
    [InlineData("name: a\nschedules: [{id: s, cron: '@daily', ^stop: '0 3 * * *'}]\ntasks: [{id: x, run: y}]\n", "ORC110", "action: stop")]
    [InlineData("name: a\nschedules: [{id: s, cron: '@daily', action: stop, overlap: ^skip}]\ntasks: [{id: x, run: y}]\n", "ORC115", "no meaning for `action: stop`")]
    [InlineData("name: a\nschedules: [^{id: s}]\ntasks: [{id: x, run: y}]\n", "ORC112", "every, at, rrule")]
    [InlineData("name: a\nschedules: [{id: s, cron: '@daily', every: ^5m}]\ntasks: [{id: x, run: y}]\n", "ORC115", "both `cron` and `every`")]
    [InlineData("name: a\nschedules: [{id: s, cron: ^'0 0 30 2 *'}]\ntasks: [{id: x, run: y}]\n", "ORC125", "never fires")]
    [InlineData("name: a\nschedules: [{id: s, rrule: ^FREQ=DAILY}]\ntasks: [{id: x, run: y}]\n", "ORC125", "needs `start`")]
    [InlineData("name: a\nschedules: [{id: s, cron: '@daily', start: ^tomorrow}]\ntasks: [{id: x, run: y}]\n", "ORC125", "'tomorrow' is not a time")]
    [InlineData("name: a\nschedules: [{id: s, every: 1h, dst: ^{gap: skip}}]\ntasks: [{id: x, run: y}]\n", "ORC115", "has no meaning for `every`")]
    [InlineData("name: a\nschedules: [{id: s, cron: '* 1-5 * * *', dst: ^{overlap: first}}]\ntasks: [{id: x, run: y}]\n", "ORC115", "at least hourly")]
    [InlineData("name: a\nschedules: [{id: s, cron: '@daily', calendars: {exclude: [^holidays]}}]\ntasks: [{id: x, run: y}]\n", "ORC125", "no calendar 'holidays'")]
    [InlineData("name: a\ncalendars: {h: {dates: [^2026-02-30]}}\ntasks: [{id: x, run: y}]\n", "ORC125", "a date such as")]
    [InlineData("name: a\ncalendars: {h: {weekdays: [sat]}}\nschedules: [^{id: s, cron: '0 0 * * SAT', calendars: {exclude: h}}]\ntasks: [{id: x, run: y}]\n", "ORC125", "is never due")]
    [InlineData("name: a\nschedules: [{id: s, cron: '@daily', catchup: ^some}]\ntasks: [{id: x, run: y}]\n", "ORC113", "none, latest, all")]
    [InlineData("name: a\nschedules: [{id: s, cron: '@daily', catchup: ^all}]\ntasks: [{id: x, run: y}]\n", "ORC112", "has no `window`")]
    [InlineData("name: a\nschedules: [{id: s, cron: '@daily', catchup: ^{policy: all, max: 3}}]\ntasks: [{id: x, run: y}]\n", "ORC112", "has no `window`")]
    [InlineData("name: a\nschedules: [{id: s, cron: '@daily', timezone: ^EST}]\ntasks: [{id: x, run: y}]\n", "ORC125", "write America/New_York or America/Panama")]
    [InlineData("name: a\nschedules: [{id: s, every: 5m, jitter: ^6m}]\ntasks: [{id: x, run: y}]\n", "ORC125", "6m, more than the 5m between")]
    [InlineData("name: a\nschedules: [{id: s, cron: '0 8,9 * * MON', jitter: ^2h}]\ntasks: [{id: x, run: y}]\n", "ORC125", "2h, more than the 1h between")]
    [InlineData("name: a\nschedules: [{id: s, at: ['2026-01-01T08:00', '2026-01-01T08:10'], jitter: ^15m}]\ntasks: [{id: x, run: y}]\n", "ORC125", "15m, more than the 10m between")]
    [InlineData("name: a\nschedules: [{id: s, rrule: FREQ=HOURLY, start: '2026-01-01', jitter: ^61m}]\ntasks: [{id: x, run: y}]\n", "ORC125", "1h1m, more than the 1h between")]
    [InlineData("name: a\nschedules: [{id: s, cron: ^'0 0 15W * *'}]\ntasks: [{id: x, run: y}]\n", "ORC125", "'W' belongs to the form with seconds")]
    [InlineData("name: a\nschedules: [{id: s, cron: ^'0 0 * * 6#3'}]\ntasks: [{id: x, run: y}]\n", "ORC125", "'#' belongs to the form with seconds")]
    [InlineData("name: a\nschedules: [{id: s, cron: ^'0 0 31 4,6 *'}]\ntasks: [{id: x, run: y}]\n", "ORC125", "never fires")]
    [InlineData("name: a\nschedules: [{id: s, rrule: ^'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30', start: '2026-01-01'}]\ntasks: [{id: x, run: y}]\n", "ORC125", "never fires")]
    [InlineData("name: a\nschedules: [{id: s, cron: '@daily', params: {^regoin: eu}}]\nparams: {region: us}\ntasks: [{id: x, run: y}]\n", "ORC126", "Did you mean 'region'?")]
    [InlineData("name: a\nschedules: [{id: s, cron: '@daily'}, {id: ^s, cron: '@daily'}]\ntasks: [{id: x, run: y}]\n", "ORC120", "declared twice")]
    public void A_mistake_in_a_workflow_is_reported_where_it_stands(string yaml, string code, string words) =>
        Only(yaml, code, words);

    [Theory]
    [InlineData("  - ^x\n", "ORC111", "A task must be a map")]
    [InlineData("  - ^run: y\n", "ORC112", "no `id`")]
    [InlineData("  - {id: ^a b, run: y}\n", "ORC113", "not a task id")]
    [InlineData("  - ^{id: x}\n", "ORC112", "does nothing")]
    [InlineData("  - {id: x, run: y, exec: ^[z]}\n", "ORC115", "both `run` and `exec`")]
    [InlineData("  - {id: x, log_output: ^merged, run: y}\n", "ORC113", "combined, separate")]
    [InlineData("  - {id: x, run: y, ^depend_on: [z]}\n", "ORC110", "Did you mean 'depends_on'?")]
    [InlineData("  - {id: x, run: ^}\n", "ORC111", "must be text, not nothing")]
    [InlineData("  - {id: x, run: ^'  '}\n", "ORC113", "blank")]
    [InlineData("  - {id: x, exec: ^[]}\n", "ORC113", "`exec` is empty")]
    [InlineData("  - {id: x, exec: ^echo hi}\n", "ORC111", "a list: the program and its arguments")]
    [InlineData("  - {id: x, script: ^'echo hi'}\n", "ORC113", "`#!`")]
    [InlineData("  - {id: x, run: y, with: ^{a: 1}}\n", "ORC115", "`with` belongs to `delegate`")]
    [InlineData("  - {id: x, noop: ^false}\n", "ORC111", "true or empty")]
    [InlineData("  - {id: x, run: y}\n  - {id: ^x, run: z}\n", "ORC120", "first on line 3")]
    [InlineData("  - {id: x, run: y, depends_on: [^yy]}\n  - {id: y, run: z}\n", "ORC121", "does not define")]
    [InlineData("  - {id: x, run: y, depends_on: ^chekc}\n  - {id: check, run: z}\n", "ORC121", "Did you mean 'check'?")]
    [InlineData("  - {id: x, run: y, depends_on: [^x]}\n", "ORC123", "depends on itself")]
    [InlineData("  - ^{id: x, run: y, depends_on: [z]}\n  - {id: y, run: y, depends_on: [x]}\n  - {id: z, run: y, depends_on: [y]}\n", "ORC122", "x -> y -> z -> x")]
    [InlineData("  - {id: x, run: y, stage: ^load}\n", "ORC124", "not declared")]
    [InlineData("  - {id: x, run: y, run_when: ^all_doen}\n", "ORC113", "Did you mean 'all_done'?")]
    [InlineData("  - {id: x, run: y, outputs: ^json}\n", "ORC113", "stdout_json")]
    [InlineData("  - {id: x, run: y, retry: {max_attempts: 2, retries: ^1}}\n", "ORC115", "both")]
    [InlineData("  - {id: x, run: y, retry: {max_attempts: ^0}}\n", "ORC113", "Use 1 to")]
    [InlineData("  - {id: x, run: y, retry: ^3}\n", "ORC111", "a map such as {max_attempts: 3}")]
    [InlineData("  - {id: x, run: y, retry: {initial_delay: ^2m}}\n", "ORC113", "longer than `max_delay` (1m)")]
    [InlineData("  - {id: x, run: y, retry: {on: {exit_codes: [^0]}}}\n", "ORC113", "0 is success")]
    [InlineData("  - {id: x, run: y, retry: {on: {kinds: [^crash]}}}\n", "ORC113", "`crash`")]
    [InlineData("  - {id: x, run: y, timeout: ^\"0\"}\n", "ORC113", "Use 1ms to 45d")]
    public void A_mistake_in_a_task_is_reported_where_it_stands(string tasks, string code, string words) =>
        Only(Head + tasks, code, words);

    [Theory]
    [InlineData("  - {id: x, run: 'echo ${{ ^params.day }}'}\n", "ORC202", "no parameter 'day'")]
    [InlineData("  - {id: x, run: \"echo \\\"a\\\" ${{ ^params.day }}\"}\n", "ORC202", "no parameter 'day'")]
    [InlineData("  - id: x\n    run: |\n      echo one\n        echo ${{ ^params.TOKEN }}\n", "ORC202", "no parameter 'TOKEN'")]
    [InlineData("  - id: x\n    run: >-\n      echo\n      ${{ ^env.HOST }}\n", "ORC202", "no declared variable 'HOST'")]
    [InlineData("  - {id: x, run: 'echo ${{ 1 + ^}}'}\n", "ORC201", "")]
    [InlineData("  - {id: x, run: 'echo ^${{ 1'}\n", "ORC201", "not closed")]
    [InlineData("  - {id: x, run: y, if: 1 ==^}\n", "ORC201", "")]
    [InlineData("  - {id: x, run: y, if: '${{ ^params.go }}'}\n", "ORC202", "no parameter 'go'")]
    [InlineData("  - {id: x, run: y, if: ^params.go}\n", "ORC202", "no parameter 'go'")]
    [InlineData("  - {id: x, run: 'echo ${{ ^tasks.z.status }}'}\n", "ORC202", "no task 'z'")]
    [InlineData("  - {id: x, run: 'echo ${{ ^tasks.z.status }}'}\n  - {id: z, run: y}\n", "ORC203", "does not run after it")]
    [InlineData("  - {id: x, run: 'echo ${{ ^tasks.x.status }}'}\n", "ORC203", "its own results")]
    [InlineData("  - {id: x, run: y, env: {A: '1', B: '${{ ^env.A }}'}}\n", "ORC204", "can use only the workflow's variables")]
    [InlineData("  - {id: x, run: y, env: {A: '${{ ^secrets.B }}'}}\n", "ORC202", "no secret 'B'")]
    [InlineData("  - {id: x, delegate: d, with: {a: ['${{ ^params.b }}']}}\n", "ORC202", "no parameter 'b'")]
    public void A_mistake_in_an_expression_is_reported_inside_the_text(string tasks, string code, string words) =>
        Only(Head + tasks, code, words);

    [Fact]
    public void All_problems_are_reported_at_once_in_the_order_of_their_places()
    {
        const string yaml = """
            nmae: a
            timeout: never
            tasks:
              - {id: a b, run: echo}
              - {id: c, depends_on: [d], rnu: echo}
              - {id: e, run: "${{ params.x }}", run_when: sometimes}
            """;
        DefinitionReader.Read(yaml, "w.yaml").Problems.Select(p => $"{p.Code} {p.At.Line}").ShouldBe(
            ["ORC110 1", "ORC112 1", "ORC113 2", "ORC113 4", "ORC112 5", "ORC121 5", "ORC110 5", "ORC202 6", "ORC113 6"]);
    }

    internal static void Only(string marked, string code, string words)
    {
        var before = marked[..marked.IndexOf('^', StringComparison.Ordinal)];
        var place = $"w.yaml:{before.Count(c => c == '\n') + 1}:{before.Length - before.LastIndexOf('\n')}";
        var result = DefinitionReader.Read(marked.Remove(before.Length, 1), "w.yaml");
        var problem = result.Problems.ShouldHaveSingleItem(string.Join("\n", result.Problems));
        $"{place}: {problem.Code}".ShouldBe($"{problem.At}: {code}", problem.ToString());
        problem.ToString().ShouldContain(words);
        result.Workflow.ShouldBeNull();
    }
}
