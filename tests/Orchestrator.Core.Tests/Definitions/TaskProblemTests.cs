using Xunit;

namespace Orchestrator.Core.Tests.Definitions;

/// <summary>Mistakes in what tasks do, how they fan out and what limits them; the caret marks where the problem must be reported.</summary>
public sealed class TaskProblemTests
{
    private const string Head = "name: a\nparams: {p: x, l: [1]}\nsecrets: {S: {env: S}}\ntasks:\n";

    [Theory]
    [InlineData("http: {^method: POST}", "ORC112", "no `url`", true)]
    [InlineData("http: {url: ^ftp://x}", "ORC113", "https://host/path")]
    [InlineData("http: ^/ready", "ORC113", "not an address")]
    [InlineData("http: {url: '^file:${{ params.p }}'}", "ORC113", "not an address", true)]
    [InlineData("http: {url: http://x, method: ^PSOT}", "ORC113", "Did you mean 'POST'?")]
    [InlineData("http: {url: http://x, json: ^{a: 1}}", "ORC115", "A GET request has no `json`")]
    [InlineData("http: {url: http://x, method: POST, json: {a: 1}, body: ^b}", "ORC115", "both `json` and `body`")]
    [InlineData("http: {url: http://x, method: POST, json: ^}", "ORC111", "not nothing")]
    [InlineData("http: {url: http://x, headers: {^a b: c}}", "ORC113", "name of a header")]
    [InlineData("http: {url: http://x, headers: {a: ^\"b\\r\\nc\"}}", "ORC113", "line break")]
    [InlineData("http: {url: http://x, expect: [200, ^2x]}", "ORC113", "2xx")]
    [InlineData("http: {url: http://x, expect: ^204-200}", "ORC113", "range (200-204)")]
    [InlineData("http: {url: http://x, save: ^../x}", "ORC113", "without `..`")]
    [InlineData("http: {url: http://x, ^mehtod: PUT}", "ORC110", "Did you mean 'method'?")]
    [InlineData("http: ^[http://x]", "ORC111", "an address or a map with `url`")]
    [InlineData("sql: ^{connection: c}", "ORC112", "has no statement")]
    [InlineData("sql: ^{query: q}", "ORC112", "no `connection`")]
    [InlineData("sql: {connection: ^'Host=x;Password=y', query: q}", "ORC113", "it holds the address and the password")]
    [InlineData("sql: {connection: c, query: q, execute: ^e}", "ORC115", "both `query` and `execute`")]
    [InlineData("sql: {connection: c, query: ^'select ${{ params.p }}'}", "ORC113", "Write @name")]
    [InlineData("sql: {connection: c, transaction: ^[]}", "ORC113", "is empty")]
    [InlineData("sql: {connection: c, execute: e, csv: ^x.csv}", "ORC115", "`csv` belongs to `query`")]
    [InlineData("sql: {connection: c, query: q, params: {^a-b: 1}}", "ORC113", "parameter of a statement")]
    [InlineData("sql: {connection: c, query: q, max_rows: ^0}", "ORC113", "Use 1 to")]
    [InlineData("container: {^command: [date]}", "ORC112", "no `image`", true)]
    [InlineData("container: {image: i, command: ^date -u}", "ORC111", "[sh, -c")]
    [InlineData("container: {image: i, volumes: [^data]}", "ORC113", "source:/target")]
    [InlineData("container: {image: i, engine: ^dokcer}", "ORC113", "docker or podman")]
    [InlineData("container: {image: i, pull: ^often}", "ORC113", "missing, always, never")]
    [InlineData("workflow: ^'a b'", "ORC113", "not a workflow name")]
    [InlineData("workflow: {^wait: false}", "ORC112", "no `name`", true)]
    [InlineData("workflow: {name: b}\n    params: ^{a: 1}", "ORC115", "here it belongs inside")]
    [InlineData("run: y\n    params: ^{a: 1}", "ORC115", "belongs to `delegate` and `workflow`")]
    [InlineData("delegate: d\n    with: {a: 1}\n    params: ^{a: 1}", "ORC115", "both `with` and `params`")]
    [InlineData("wait: ^soon", "ORC113", "not a duration")]
    [InlineData("wait: ^{}", "ORC112", "waits for nothing")]
    [InlineData("wait: {for: 1s, until: ^2026-12-24}", "ORC115", "both `for` and `until`")]
    [InlineData("wait: {until: ^tomorrow}", "ORC113", "ISO 8601")]
    [InlineData("wait: {event: ^a b}", "ORC113", "name of an event")]
    [InlineData("wait: {poll: ^{interval: 1s}}", "ORC112", "checks nothing")]
    [InlineData("wait: {poll: {run: x, interval: 1m, max_interval: ^1s}}", "ORC113", "shorter than `interval`")]
    [InlineData("wait: {poll: {run: x, if: outputs.a, condition: ^outputs.b}}", "ORC115", "mean the same")]
    [InlineData("wait: {poll: {run: x, backoff: ^0.5}}", "ORC113", "Use 1 to 100")]
    [InlineData("approval: ^' '", "ORC113", "blank")]
    [InlineData("approval: {^required: 1}", "ORC112", "no `prompt`", true)]
    [InlineData("approval: {prompt: p, approvers: [ann], required: ^2}", "ORC113", "names 1")]
    [InlineData("approval: {prompt: p, approvers: ^[]}", "ORC113", "`approvers` is empty")]
    [InlineData("approval: {prompt: p, fields: {n: {type: integer, default: ^x}}}", "ORC113", "a whole number")]
    [InlineData("approval: {prompt: p, fields: {n: {default: ^'${{ params.p }}'}}}", "ORC113", "holds an expression")]
    [InlineData("approval: {prompt: p, expires: ^0}", "ORC113", "Use 1s to")]
    public void A_mistake_in_what_a_task_does_is_reported_where_it_stands(string action, string code, string words, bool atMap = false) =>
        Only($"  - id: x\n    {action}\n", code, words, atMap);

    [Theory]
    [InlineData("foreach: ^5", "ORC111", "a list, or one expression")]
    [InlineData("foreach: ^params.l", "ORC111", "a list, or one expression")]
    [InlineData("foreach: ^'${{ params.l }}, ${{ params.p }}'", "ORC201", "a single expression whose value is a list", true)]
    [InlineData("foreach: ^{as: x}", "ORC112", "no `items`")]
    [InlineData("foreach: {items: [1], as: ^item}", "ORC113", "has a meaning of its own in expressions")]
    [InlineData("foreach: {items: [1], as: ^a-b}", "ORC113", "letters, digits or '_'")]
    [InlineData("foreach: {items: [1], max_parallel: ^0}", "ORC113", "Use 1 to 10000")]
    [InlineData("foreach: {items: [1], on_failure: ^stpo}", "ORC113", "Did you mean 'stop'?")]
    [InlineData("foreach: ['${{ ^item }}']", "ORC204", "before there are items")]
    [InlineData("foreach: [1]\n    matrix: ^{a: [1]}", "ORC115", "both `foreach` and `matrix`")]
    [InlineData("if: ^item > 1", "ORC204", "only in a task with `foreach`")]
    [InlineData("env: {N: '${{ item }}'}\n    foreach: {items: [1, '${{ ^env.N }}']}", "ORC204", "made from an item")]
    [InlineData("foreach: ['${{ ^secrets.S }}']", "ORC205", "journal")]
    [InlineData("matrix: ^[1]", "ORC111", "a map of axes")]
    [InlineData("matrix: ^{max_parallel: 2}", "ORC112", "no axis")]
    [InlineData("matrix: {a: ^1}", "ORC111", "a list, or one expression")]
    [InlineData("matrix: {^a b: [1]}", "ORC113", "name of an axis")]
    [InlineData("matrix: {a: [1], exclude: [{^b: 1}]}", "ORC110", "The axes are a")]
    [InlineData("matrix: {a: [1], exclude: [^1]}", "ORC111", "a map such as")]
    [InlineData("matrix: {a: [1], exclude: [{a: ^'${{ params.p }}'}]}", "ORC113", "holds an expression")]
    [InlineData("matrix: {axes: {a: [1]}, ^b: [2]}", "ORC110", "not a key of `matrix`")]
    [InlineData("matrix: {axes: [{a: [1]}, {^a: [2]}]}", "ORC120", "declared twice")]
    [InlineData("env: {A: '${{ ^item }}'}", "ORC204", "only in a task with `foreach`")]
    [InlineData("matrix: {a: [1]}\n    env: {A: '${{ ^item }}'}", "ORC204", "only in a task with `foreach`")]
    [InlineData("matrix: {a: [1]}\n    env: {A: '${{ ^matrix.b }}'}", "ORC202", "no axis 'b'")]
    [InlineData("foreach: {items: [1], as: file}\n    env: {A: '${{ ^fiel }}'}", "ORC201", "Unknown name 'fiel'")]
    [InlineData("env: {A: '${{ ^file.name }}'}", "ORC201", "Unknown name 'file'")]
    [InlineData("env: {A: '${{ ^outputs.x }}'}", "ORC204", "only in `transform`")]
    [InlineData("env: {A: '${{ ^run.outcome }}'}", "ORC204", "only in handlers")]
    [InlineData("transform: {^a b: x}", "ORC113", "name of a result")]
    [InlineData("transform: {a: '${{ ^secrets.S }}'}", "ORC205", "journal")]
    [InlineData("pool: ^a b", "ORC113", "`pool` is `a b`")]
    [InlineData("rank: ^1.5", "ORC111", "a whole number")]
    [InlineData("sla: ^quick", "ORC113", "not a duration")]
    [InlineData("sla: ^{at_risk: 0.5}", "ORC112", "no `expected`")]
    [InlineData("sla: {expected: 1m, at_risk: ^2}", "ORC113", "Use 0.01 to 1")]
    [InlineData("enabled: ^maybe", "ORC111", "true or false")]
    [InlineData("output_limit: ^1KiB", "ORC113", "Use 4KiB to 64MiB")]
    [InlineData("output_limit: ^1MB", "ORC113", "not a size")]
    [InlineData("grace: ^1h", "ORC113", "Use 0s to 10m")]
    [InlineData("artifacts: [a, ^/etc/passwd]", "ORC113", "relative path")]
    [InlineData("artifacts: [^a/../../b]", "ORC113", "without `..`")]
    [InlineData("retry: {jitter: ^some}", "ORC111", "true or false")]
    [InlineData("retry: {on: {http_status: [^2xx]}}", "ORC113", "Use 100 to 599")]
    [InlineData("retry: {on: {sql_state: [^123]}}", "ORC113", "SQLSTATE")]
    public void A_mistake_around_a_task_is_reported_where_it_stands(string keys, string code, string words, bool atStart = false) =>
        Only($"  - id: x\n    {keys}\n    noop: true\n", code, words, false, atStart);

    [Theory]
    [InlineData("transform: {a: '${{ secrets.S }}'}\n    secret_outputs: [a, ^b]", "ORC113", "not a result of task")]
    [InlineData("secret_outputs: [^a b]", "ORC113", "name of a result")]
    [InlineData("foreach: [1]\n    secret_outputs: ^[a]", "ORC115", "without `foreach`")]
    [InlineData("outputs: stdout_json\n    secret_outputs: ^a", "ORC115", "$ORCHESTRATOR_OUTPUT")]
    public void A_secret_result_that_could_not_be_kept_secret_is_reported_where_it_stands(string keys, string code, string words) =>
        Only($"  - id: x\n    run: 'true'\n    {keys}\n", code, words);

    [Theory]
    [InlineData("run: psql ${{ ^secrets.S }}", "Pass it by env")]
    [InlineData("exec: [psql, '-p${{ ^secrets.S }}']", "Pass it by env")]
    [InlineData("env: {P: '${{ secrets.S }}'}\n    run: psql ${{ ^env.P }}", "Write $P")]
    [InlineData("container: {image: i, command: ['${{ ^secrets.S }}']}", "list of processes")]
    [InlineData("workflow: {name: b, params: {p: '${{ ^secrets.S }}'}}", "journal")]
    [InlineData("approval: 'Is it ${{ ^secrets.S }}?'", "journal")]
    [InlineData("wait: '${{ ^secrets.S }}'", "journal")]
    public void A_secret_is_refused_where_others_would_see_it(string action, string words) => Only($"  - id: x\n    {action}\n", "ORC205", words);

    [Theory]
    [InlineData("script: \"#!/bin/sh\\necho ${{ secrets.S }}\"")]
    [InlineData("http: {url: http://x, headers: {Authorization: 'Bearer ${{ secrets.S }}'}}")]
    [InlineData("sql: {connection: c, query: 'select @p', params: {p: '${{ secrets.S }}'}}")]
    [InlineData("delegate: d\n    with: {p: '${{ secrets.S }}'}")]
    [InlineData("run: psql\n    env: {PGPASSWORD: '${{ secrets.S }}'}")]
    public void A_secret_may_stand_where_nobody_else_looks(string action) => Yaml.Valid($"{Head}  - id: x\n    {action}\n");

    [Fact]
    public void A_decision_is_made_without_secrets() => Only("  - id: x\n    if: ^secrets.S == 'x'\n    noop: true\n", "ORC204", "decisions are made without secrets");

    [Fact]
    public void Ten_thousand_children_are_allowed_and_one_more_is_not()
    {
        Yaml.Valid($"name: a\ntasks: [{{id: x, noop: true, foreach: [{Numbers(10_000)}]}}]");
        Yaml.Problems($"name: a\ntasks: [{{id: x, noop: true, foreach: [{Numbers(10_001)}]}}]").ShouldHaveSingle("ORC105 `foreach` has 10001 items");
        Yaml.Valid($"name: a\ntasks: [{{id: x, noop: true, matrix: {{a: [{Numbers(100)}], b: [{Numbers(100)}]}}}}]");
        Yaml.Problems($"name: a\ntasks: [{{id: x, noop: true, matrix: {{a: [{Numbers(101)}], b: [{Numbers(100)}]}}}}]").ShouldHaveSingle("ORC105 `matrix` has 10100 combinations");
    }

    private static string Numbers(int count) => string.Join(", ", Enumerable.Range(0, count));

    // A missing key is reported at its map, which a caret on the first key behind the brace or on the value stands for.
    private static void Only(string tasks, string code, string words, bool atMap = false, bool atStart = false)
    {
        if (atMap) tasks = tasks.Replace("{^", "^{", StringComparison.Ordinal).Replace("'^", "^'", StringComparison.Ordinal);
        if (atStart) tasks = tasks.Replace("^'", "'^", StringComparison.Ordinal);
        ProblemTableTests.Only(Head + tasks, code, words);
    }
}
