using System.Text.Json;
using Orchestrator.Conformance.Harness;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>Jobs as other systems write them, and what they are here: the words of the first are answered, the second runs.</summary>
public sealed class JobCases
{
    private static string Log(JsonElement json, string task) => File.ReadAllText(Path.Combine(json.GetProperty("report_dir").GetString()!, $"logs/{task}.1.log")).TrimEnd('\n');

    [Fact(DisplayName = "LJ01 a Dagu file: its words are answered one by one, and the rewritten job runs")]
    public async Task Dagu()
    {
        await using var box = new Sandbox();
        (await box.RunAsync("validate", box.Workflow("""
            name: etl
            schedule: "0 2 * * *"
            maxActiveSteps: 2
            handlerOn:
              failure: {command: echo failed}
            steps:
              - name: extract
                command: echo 3
                output: ROWS
              - name: load
                command: echo loaded ${ROWS}
                depends: [extract]
                continueOn: {failure: true}
                retryPolicy: {limit: 2, intervalSec: 1}
            """))).Refuses(2, "schedules:", "max_parallel: 2", "handlers:", "`tasks:`");
        var (finished, json) = await box.RunJsonAsync(box.Workflow("""
            name: etl
            schedules: [{id: nightly, cron: "0 2 * * *", enabled: false}]
            max_parallel: 2
            tasks:
              - {id: extract, run: 'echo "rows=3" >> "$ORCHESTRATOR_OUTPUT"'}
              - {id: load, depends_on: [extract], run: "echo loaded ${{ tasks.extract.outputs.rows }}", allow_failure: true, retry: {retries: 2, initial_delay: 1s}}
            handlers: {on_failure: [{id: tell, run: echo failed}]}
            """));
        finished.Exits(0);
        Log(json, "load").ShouldBe("loaded 3");
    }

    [Fact(DisplayName = "LJ02 a GitHub-style file: a matrix with include, needs and always()")]
    public async Task GitHub()
    {
        await using var box = new Sandbox();
        (await box.RunAsync("validate", box.Workflow("""
            name: ci
            on: [push]
            tasks:
              - id: test
                runs-on: ubuntu-latest
                strategy: {matrix: {py: [3.9, 3.10]}}
                timeout-minutes: 10
                run: pytest
              - id: publish
                needs: [test]
                if: always()
                run: ./publish
            """))).Refuses(2, "schedules:", "`matrix:` itself", "timeout: 10m", "depends_on: [test]", "run_when: all_done");
        var (finished, json) = await box.RunJsonAsync(box.Workflow("""
            name: ci
            tasks:
              - id: test
                matrix: {py: [3.9, 3.10], include: [{py: 3.10, cover: yes}]}
                timeout: 10m
                env: {COVER: "${{ default(matrix.cover, 'no') }}"}
                run: 'echo "python ${{ matrix.py }} $COVER"'
              - {id: publish, depends_on: [test], run_when: all_done, run: "echo after ${{ tasks.test.outputs.count }}"}
            """));
        finished.Exits(0);
        (Log(json, "test[0]"), Log(json, "test[1]"), Log(json, "publish")).ShouldBe(("python 3.9 no", "python 3.10 yes", "after 2"));
    }

    [Fact(DisplayName = "LJ03 a crontab: its lines become schedules, its variables env, and its PATH is inherited")]
    public async Task Crontab()
    {
        await using var box = new Sandbox();
        (await box.RunAsync("validate", box.Workflow("name: backup\nenv: {PATH: \"/opt/bin:$PATH\"}\ncron: 15 3 * * 1-5\ntasks: [{id: dump, run: echo dump}]\n")))
            .Refuses(2, "`$PATH`, which is not expanded", "cron: \"15 3 * * 1-5\"");
        var (finished, json) = await box.RunJsonAsync(box.Workflow("""
            name: backup
            env: {MAILTO: ops@example.org}
            schedules:
              - {id: weekdays, cron: "15 3 * * 1-5", timezone: Europe/Helsinki, enabled: false}
              - {id: hourly, cron: "@hourly", enabled: false}
            tasks:
              - {id: dump, run: 'PATH=/opt/bin:$PATH; echo "dump for $MAILTO"', timeout: 1h, success_exit_codes: [24]}
              - {id: prune, depends_on: [dump], run: exit 24, success_exit_codes: [24]}
            """));
        finished.Exits(0);
        Log(json, "dump").ShouldBe("dump for ops@example.org");
    }

    [Fact(DisplayName = "LJ04 a Makefile: rules become tasks, and one target runs with what it needs")]
    public async Task Makefile()
    {
        await using var box = new Sandbox();
        var flow = box.Workflow("""
            name: build
            x-step: &step {shell: sh}
            tasks:
              - {<<: *step, id: deps, run: 'echo lib > "$ORCHESTRATOR_RUN_DIR/lib"'}
              - {<<: *step, id: compile, depends_on: [deps], run: 'cat "$ORCHESTRATOR_RUN_DIR/lib"; echo bin > "$ORCHESTRATOR_RUN_DIR/bin"'}
              - {<<: *step, id: test, depends_on: [compile], run: 'cat "$ORCHESTRATOR_RUN_DIR/bin"'}
              - {<<: *step, id: docs, run: exit 1}
              - {id: all, depends_on: [test, docs], noop: true}
            """);
        var (finished, json) = await box.RunJsonAsync(flow, "--target", "test");
        finished.Exits(0);
        (Log(json, "compile"), Log(json, "test")).ShouldBe(("lib", "bin"));
        json.GetProperty("tasks").GetProperty("docs").GetProperty("status").GetString().ShouldBe("skipped");
        (await box.RunAsync("run", flow)).Exits(1);
    }

    [Fact(DisplayName = "LJ05 an Airflow DAG: a branch, a trigger rule, results between tasks, and the day of the run")]
    public async Task Airflow()
    {
        await using var box = new Sandbox();
        (await box.RunAsync("validate", box.Workflow("""
            dag_id: sales
            schedule_interval: "@daily"
            default_args: {retries: 2}
            tasks:
              - {task_id: extract, bash_command: "echo {{ ds }}"}
              - {id: report, trigger_rule: all_done, run: "echo ${{ ds }}"}
            """))).Refuses(2, "name: sales", "cron: \"@daily\"", "`defaults:`", "id: extract", "run: echo {{ ds }}", "run_when:", "schedule.due_at");
        var (finished, json) = await box.RunJsonAsync(box.Workflow("""
            name: sales
            params: {day: {type: date, default: "${{ date(default(schedule.due_at, now)) }}"}}
            schedules: [{id: daily, cron: "@daily", enabled: false}]
            defaults: {retry: {retries: 2, initial_delay: 1s}}
            tasks:
              - {id: extract, run: 'echo "{\"rows\": 12}" >> "$ORCHESTRATOR_OUTPUT"'}
              - {id: branch, depends_on: [extract], switch: {value: "${{ tasks.extract.outputs.rows > 10 }}", cases: [{is: "true", then: full}], default: sample}}
              - {id: full, depends_on: [branch], run: echo full}
              - {id: sample, depends_on: [branch], run: echo sample}
              - {id: report, depends_on: [full, sample], run_when: none_failed, run: "echo ${{ params.day }} ${{ tasks.full.status }} ${{ tasks.sample.status }}"}
            """), "--param", "day=2026-01-31");
        finished.Exits(0);
        Log(json, "report").ShouldBe("2026-01-31 completed skipped");
    }
}
