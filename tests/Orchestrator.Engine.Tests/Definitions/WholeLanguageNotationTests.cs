using System.Text;
using Microsoft.Extensions.Configuration;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Lifecycle.Compatibility;
using Orchestrator.Engine.Definitions;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Definitions;

/// <summary>What calls, waits, fans out and rules runs has one version, whether it is written as YAML, JSON or C#.</summary>
public sealed class WholeLanguageNotationTests
{
    private const string AsYaml = """
        name: nightly
        params: {list: {type: list, default: [1, 2]}}
        secrets: {TOKEN: {env: TOKEN}}
        concurrency: {group: "g-${{ run.workflow }}", max: 2, on_conflict: skip}
        priority: low
        rank: 5
        sla: 90m
        retry: {max_attempts: 2, initial_delay: 1m, max_delay: 10m, jitter: true}
        outputs: {rows: "${{ tasks.query.outputs.row_count }}"}
        retention: {age: 30d, count: 100, bytes: 1GiB}
        telemetry: {sample: 0.1}
        callbacks:
          - {url: "https://hooks.example/run", events: [workflow.failed, "task.*"], secret: TOKEN, headers: {X-Team: data}, timeout: 10s, format: codomyrmex}
          - {url: "https://hooks.example/end"}
        report: on_failure
        shell: sh
        defaults: {pool: small, shell: [dash, -eu, -c], idempotent: false, allow_failure: true, run_when: all_done}
        tasks:
          - id: post
            http: {method: post, url: "https://x", headers: {Authorization: "Bearer ${{ secrets.TOKEN }}"}, json: {a: [1, "b", true], n: null}, expect: [200, 4XX], save: out.json}
            retry: {on: {http_status: [503], sql_state: ["40001"]}}
          - {id: query, sql: {connection: db, query: "select @a", params: {a: 1}, csv: rows.csv, max_rows: 5, statement_timeout: 30s}}
          - {id: box, container: {image: alpine, command: [date, "-u"], volumes: ["a:/b"], pull: never, engine: podman}, pool: big, rank: -1, grace: 3s, artifacts: ["*.csv"]}
          - {id: child, workflow: {name: other, params: {n: 1}, wait: false}}
          - {id: nap, wait: 90}
          - {id: until, wait: {until: "2026-12-24T18:00Z"}}
          - {id: signal, wait: {event: paid}}
          - {id: poll, wait: {poll: {exec: [check, now], condition: outputs.ok, interval: 1s, max_interval: 1m}}, timeout: 1h}
          - {id: ask, approval: {prompt: Go?, fields: {why: {required: true}, n: 5}, approvers: [ann, bob], required: 2, expires: 1d}}
          - {id: each, foreach: {items: "${{ params.list }}", as: n, max_parallel: 2, on_failure: stop}, exec: [echo, "${{ n }}"], sla: {expected: 5m, at_risk: 0.5}, enabled: false}
          - {id: plain, foreach: [a, 2], noop: true, transform: {x: "${{ item }}"}, output_limit: 64KiB}
          - {id: bash, run: "echo $0", shell: bash, secret_outputs: [token, key]}
          - {id: perl, run: "print 1", shell: [perl, -e]}
          - {id: watch, wait: {poll: {run: "BEGIN { exit 0 }", shell: [awk]}}}
          - {id: grid, matrix: {axes: [{os: [linux, mac]}, {arch: [x64, arm]}], exclude: [{os: mac, arch: x64}]}, noop: true}
        handlers:
          on_failure: [{id: page, exec: [page, "${{ run.outcome }}"]}]
          finally: [{id: tidy, run: tidy}]
        """;

    private const string AsJson = """
        {"Orchestrator": {"Workflows": {"Inline": {"nightly": {
          "params": {"list": {"type": "list", "default": [1, 2]}},
          "secrets": {"TOKEN": {"env": "TOKEN"}},
          "concurrency": {"group": "g-${{ run.workflow }}", "max": 2, "on_conflict": "skip"},
          "priority": "low", "rank": 5, "sla": {"expected": "1h30m"},
          "retry": {"max_attempts": 2, "initial_delay": "1m", "max_delay": "10m", "jitter": true},
          "outputs": {"rows": "${{ tasks.query.outputs.row_count }}"},
          "retention": {"age": "30d", "count": 100, "bytes": "1GiB"},
          "telemetry": {"sample": 0.1},
          "callbacks": [
            {"url": "https://hooks.example/run", "events": ["workflow.failed", "task.*"], "secret": "TOKEN", "headers": {"X-Team": "data"}, "timeout": "10s", "format": "codomyrmex"},
            {"url": "https://hooks.example/end"}
          ],
          "report": "on_failure",
          "shell": "sh",
          "defaults": {"pool": "small", "shell": ["dash", "-eu", "-c"], "idempotent": false, "allow_failure": true, "run_when": "all_done"},
          "tasks": [
            {"id": "post", "http": {"method": "POST", "url": "https://x", "headers": {"Authorization": "Bearer ${{ secrets.TOKEN }}"}, "json": {"a": [1, "b", true], "n": null}, "expect": [200, "4xx"], "save": "out.json"},
             "retry": {"on": {"http_status": [503], "sql_state": ["40001"]}}},
            {"id": "query", "sql": {"connection": "db", "query": "select @a", "params": {"a": 1}, "csv": "rows.csv", "max_rows": 5, "statement_timeout": 30}},
            {"id": "box", "container": {"image": "alpine", "command": ["date", "-u"], "volumes": ["a:/b"], "pull": "never", "engine": "podman"}, "pool": "big", "rank": -1, "grace": 3, "artifacts": "*.csv"},
            {"id": "child", "workflow": {"name": "other", "params": {"n": 1}, "wait": false}},
            {"id": "nap", "wait": "1m30s"},
            {"id": "until", "wait": {"until": "2026-12-24T18:00Z"}},
            {"id": "signal", "wait": {"event": "paid"}},
            {"id": "poll", "wait": {"poll": {"exec": ["check", "now"], "if": "${{ outputs.ok }}", "interval": 1, "max_interval": 60}}, "timeout": "1h"},
            {"id": "ask", "approval": {"prompt": "Go?", "fields": {"why": {"required": true}, "n": 5}, "approvers": ["ann", "bob"], "required": 2, "expires": "24h"}},
            {"id": "each", "foreach": {"items": "${{ params.list }}", "as": "n", "max_parallel": 2, "on_failure": "stop"}, "exec": ["echo", "${{ n }}"], "sla": {"expected": "5m", "at_risk": 0.5}, "enabled": false},
            {"id": "plain", "foreach": ["a", 2], "noop": true, "transform": {"x": "${{ item }}"}, "output_limit": "65536"},
            {"id": "bash", "run": "echo $0", "shell": "bash", "secret_outputs": ["token", "key"]},
            {"id": "perl", "run": "print 1", "shell": ["perl", "-e"]},
            {"id": "watch", "wait": {"poll": {"run": "BEGIN { exit 0 }", "shell": ["awk"]}}},
            {"id": "grid", "matrix": {"axes": [{"os": ["linux", "mac"]}, {"arch": ["x64", "arm"]}], "exclude": [{"os": "mac", "arch": "x64"}]}, "noop": true}
          ],
          "handlers": {"on_failure": [{"id": "page", "exec": ["page", "${{ run.outcome }}"]}], "finally": [{"id": "tidy", "run": "tidy"}]}
        }}}}}
        """;

    private static Dictionary<string, object?> Values(params (string Key, object? Value)[] all) => all.ToDictionary(v => v.Key, v => v.Value);

    private static WorkflowDefinition Built() => Workflow.Named("nightly")
        .Param("list", ParameterType.List, new object[] { 1, 2 }).SecretFromEnv("TOKEN", "TOKEN")
        .Concurrency("g-${{ run.workflow }}", 2, OnConflict.Skip).Priority(RunPriority.Low).Rank(5).Sla(TimeSpan.FromMinutes(90))
        .Retry(2, TimeSpan.FromMinutes(1), maxDelay: TimeSpan.FromMinutes(10), jitter: true).Output("rows", "${{ tasks.query.outputs.row_count }}")
        .Retention(TimeSpan.FromDays(30), 100, 1L << 30).SampleTraces(0.1).Report(ReportRule.OnFailure)
        .Callback("https://hooks.example/run", ["workflow.failed", "task.*"], "TOKEN", new Dictionary<string, string> { ["X-Team"] = "data" }, TimeSpan.FromSeconds(10), EventFormat.Codomyrmex)
        .Callback("https://hooks.example/end")
        .Shell("sh").Defaults(d => d.Shell("dash", "-eu", "-c").Pool("small").Idempotent(false).AllowFailure().RunWhen(Core.RunWhen.AllDone))
        .Task("post", t => t.Http("https://x", "POST", new Dictionary<string, string> { ["Authorization"] = "Bearer ${{ secrets.TOKEN }}" },
            json: Values(("a", new object[] { 1, "b", true }), ("n", null)), expect: ["200", "4xx"], save: "out.json").Retry(onHttpStatus: [503], onSqlState: ["40001"]))
        .Task("query", t => t.Sql("db", "select @a", parameters: Values(("a", 1)), csv: "rows.csv", maxRows: 5, statementTimeout: TimeSpan.FromSeconds(30)))
        .Task("box", t => t.Container("alpine", ["date", "-u"], volumes: ["a:/b"], pull: PullPolicy.Never, engine: "podman")
            .Pool("big").Rank(-1).Grace(TimeSpan.FromSeconds(3)).Artifacts("*.csv"))
        .Task("child", t => t.Workflow("other", Values(("n", 1)), wait: false))
        .Task("nap", t => t.Wait(TimeSpan.FromSeconds(90)))
        .Task("until", t => t.WaitUntil("2026-12-24T18:00Z"))
        .Task("signal", t => t.WaitForEvent("paid"))
        .Task("poll", t => t.Poll(c => c.Exec("check", "now"), "outputs.ok", TimeSpan.FromSeconds(1), maxInterval: TimeSpan.FromMinutes(1)).Timeout(TimeSpan.FromHours(1)))
        .Task("ask", t => t.Approval("Go?", Values(("why", Values(("required", true))), ("n", 5)), ["ann", "bob"], 2, expires: TimeSpan.FromDays(1)))
        .Task("each", t => t.ForEach("${{ params.list }}", "n", 2, ItemFailure.Stop).Exec("echo", "${{ n }}").Sla(TimeSpan.FromMinutes(5), 0.5).Enabled(false))
        .Task("plain", t => t.ForEach(new object[] { "a", 2 }).Noop().Transform("x", "${{ item }}").OutputLimit(65536))
        .Task("bash", t => t.Run("echo $0").Shell("bash").SecretOutputs("token", "key")).Task("perl", t => t.Run("print 1").Shell("perl", "-e"))
        .Task("watch", t => t.Poll(c => c.Run("BEGIN { exit 0 }").Shell(["awk"])))
        .Task("grid", t => t.Noop().Matrix(Values(("os", new[] { "linux", "mac" }), ("arch", new[] { "x64", "arm" })), [Values(("os", "mac"), ("arch", "x64"))]))
        .OnFailure("page", t => t.Exec("page", "${{ run.outcome }}")).Finally("tidy", t => t.Run("tidy"))
        .Build();

    [Fact]
    public void One_definition_has_one_version_in_yaml_configuration_and_code()
    {
        var yaml = DefinitionReader.Read(AsYaml, "w.yaml");
        yaml.Problems.ShouldBeEmpty();
        var configuration = new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(AsJson))).Build();
        var inline = InlineDefinitions.Read(configuration).ShouldHaveSingleItem().Result;
        inline.Problems.ShouldBeEmpty();
        var expected = Encoding.UTF8.GetString(DefinitionJson.Write(yaml.Workflow!));
        Encoding.UTF8.GetString(DefinitionJson.Write(inline.Workflow!)).ShouldBe(expected);
        Encoding.UTF8.GetString(DefinitionJson.Write(Built())).ShouldBe(expected);
        Encoding.UTF8.GetString(DefinitionJson.Write(DefinitionJson.Read(DefinitionJson.Write(Built())))).ShouldBe(expected);
    }

    [Fact]
    public void Problems_of_a_built_handler_name_it()
    {
        var e = Should.Throw<DefinitionException>(() => Workflow.Named("nightly").Task("a", t => t.Noop()).Finally("a", t => t.Run("${{ secrets.X }}")).Build());
        e.Problems.Select(p => p.Code).ShouldBe([ProblemCodes.DuplicateName, ProblemCodes.SecretExposed], ignoreOrder: true);
        e.Message.ShouldContain("workflow 'nightly': handler 'a'");
    }
}
