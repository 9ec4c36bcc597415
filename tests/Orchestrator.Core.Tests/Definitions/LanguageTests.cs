using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Orchestrator.Core.Definitions;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Definitions;

/// <summary>What the words of the language mean to the model.</summary>
public sealed class LanguageTests
{
    private static TaskDefinition Task(string id) => Yaml.Valid(Sample.Everything).Tasks.Single(t => t.Id == new TaskId(id));

    private static T Action<T>(string id) where T : TaskAction => Task(id).Action.ShouldBeOfType<T>();

    [Fact]
    public void Requests_statements_and_containers_arrive_in_the_model()
    {
        var http = Action<HttpAction>("grid");
        (http.Method, http.Expect[1], http.Save, http.Json!.Value.GetRawText()).ShouldBe(("PUT", "2xx", "a/${{ matrix.os }}.json", """{"deep":[1,null],"v":"${{ matrix.version }}"}"""));
        Action<HttpAction>("get").ShouldBe(new HttpAction("https://acme.example/ready") { Headers = Action<HttpAction>("get").Headers, Form = Action<HttpAction>("get").Form, Expect = [] });
        Action<HttpAction>("form").Form["a"].ShouldBe("b");
        Action<HttpAction>("text").Body.ShouldBe("${{ params.day }}");
        var query = Action<SqlAction>("query");
        (query.Connection, query.MaxRows, query.StatementTimeout, query.Parameters.Count).ShouldBe(("warehouse", 10, TimeSpan.FromSeconds(30), 2));
        Action<SqlAction>("both").Transaction.ShouldBe(["delete from a", "delete from b"]);
        Action<SqlAction>("file").File.ShouldBe("sql/${{ params.region }}.sql");
        var box = Action<ContainerAction>("box");
        (box.Image, box.Entrypoint, box.Volumes.Single(), box.Network, box.User, box.Pull, box.Engine)
            .ShouldBe(("alpine:${{ params.limit }}", "/bin/busybox", "./data:/data:ro", "none", "1000:1000", PullPolicy.Always, "podman"));
    }

    [Fact]
    public void Calls_waits_and_questions_arrive_in_the_model()
    {
        Action<WorkflowAction>("child").Detach.ShouldBeTrue();
        var called = Action<WorkflowAction>("child2");
        (called.Name, called.Detach, called.Params["day"].GetString()).ShouldBe(("other", false, "x"));
        Action<WaitAction>("nap").For.ShouldBe("1m30s");
        Action<WaitAction>("nap2").For.ShouldBe("${{ params.limit }}");
        Action<WaitAction>("until").Until.ShouldBe("2026-12-24T18:00:00+02:00");
        Action<WaitAction>("signal").Event.ShouldBe("payment.received");
        var poll = Action<WaitAction>("poll").Poll!;
        (poll.Condition, poll.Interval, poll.Backoff, poll.MaxInterval, poll.Check.Kind).ShouldBe(("outputs.status == 200", TimeSpan.FromSeconds(1), 2, TimeSpan.FromMinutes(1), "http"));
        var ask = Action<ApprovalAction>("ask");
        (ask.Required, ask.Role, ask.Expires, ask.Fields.Single(f => f.Name == "rows").Type).ShouldBe((2, "admin", TimeSpan.FromDays(1), ParameterType.Integer));
        Action<ApprovalAction>("ask2").Prompt.ShouldBe("Go on?");
    }

    [Fact]
    public void Fan_outs_arrive_in_the_model()
    {
        var each = Task("each").FanOut!;
        (each.Items!.Value.GetString(), each.As, each.MaxParallel, each.OnFailure).ShouldBe(("${{ tasks.check.outputs.parts }}", "part", 3, ItemFailure.Ignore));
        var grid = Task("grid").FanOut!;
        grid.Axes.Select(a => $"{a.Name} {a.Values.GetRawText()}").ShouldBe(["os [\"linux\",\"windows\"]", "version \"${{ params.list }}\""]);
        (grid.Items, grid.Exclude.Single()["version"].GetInt32(), grid.OnFailure).ShouldBe((null, 1, ItemFailure.Stop));
    }

    [Fact]
    public void What_rules_runs_and_tasks_arrives_in_the_model()
    {
        var w = Yaml.Valid(Sample.Everything);
        (w.Concurrency, w.Priority, w.Rank, w.Sla, w.Report).ShouldBe(
            (new ConcurrencyDefinition("sales-${{ params.region }}") { Max = 2, OnConflict = OnConflict.CancelRunning }, RunPriority.High, -3, new SlaDefinition(TimeSpan.FromMinutes(90)) { AtRisk = 0.5 }, ReportRule.OnFailure));
        w.Retention.ShouldBe(new RetentionDefinition { Age = TimeSpan.FromDays(30), Count = 1000, Bytes = 3L << 29 });
        w.Telemetry.ShouldBe(new TelemetryDefinition { Sample = 0.1 });
        w.Retry!.MaxAttempts.ShouldBe(2);
        w.Outputs["rows"].ShouldBe("${{ tasks.check.outputs.rows }}");
        w.Handlers!.All.Select(h => $"{h.Id} {h.Action.Kind}").ShouldBe(["cheer run", "page exec", "undo workflow", "tidy script"]);
        w.Handlers.OnFailure.Single().Env["LANG"].ShouldBe("C", "defaults hold for handlers too");
        var fetch = w.Tasks[0];
        (fetch.Rank, fetch.Sla, fetch.Grace, fetch.OutputLimit, fetch.Pool).ShouldBe((7, new SlaDefinition(TimeSpan.FromMinutes(5)), TimeSpan.FromSeconds(2), 65536L, "small"));
        fetch.Artifacts.ShouldBe(["out/*.csv", "log-${{ params.day }}.txt"]);
        fetch.Transform["rows"].ShouldBe("${{ outputs.rows * 2 }}");
        (fetch.Retry!.Jitter, string.Join(",", fetch.Retry.OnHttpStatus), string.Join(",", fetch.Retry.OnSqlState)).ShouldBe((true, "429,503", "08,40001"));
        Task("each").Pool.ShouldBe("big");
        Task("nap").Pool.ShouldBeNull("a wait holds no slot");
    }

    [Theory]
    [InlineData("foreach: [{n: 1}]\n    if: item.n > 0\n    noop: true")]
    [InlineData("foreach: {items: [1], as: n}\n    env: {N: '${{ n }}'}\n    if: n > 0 && env.N != ''\n    run: 'echo ${{ n }} ${{ item }}'\n    working_dir: '${{ n }}'\n    artifacts: ['${{ n }}.txt']\n    transform: {x: '${{ outputs.y + n }}'}")]
    [InlineData("foreach: {items: [1], as: n}\n    wait: {poll: {run: 'check ${{ n }}', if: outputs.left < n}}")]
    [InlineData("matrix: {a: [1], b-c: ['${{ params.p }}', x]}\n    approval: 'Go on with ${{ matrix.a }} and ${{ matrix.b-c }}?'")]
    [InlineData("foreach: '${{ params.p }}'\n    workflow: {name: '${{ item }}', params: {p: '${{ item }}'}}")]
    [InlineData("workflow: a")]
    [InlineData("foreach: []\n    noop: true")]
    public void An_item_is_seen_where_a_child_is_described(string task) => Yaml.Valid($"name: a\nparams: {{p: x}}\ntasks:\n  - id: x\n    {task}\n");

    [Fact]
    public void Every_part_of_the_language_survives_the_normal_form_in_any_combination()
    {
        var lines = Sample.Everything.Split('\n');
        string[] tasks = [.. lines.SkipWhile(l => l != "tasks:").Where(l => l.StartsWith("  - {id: ", StringComparison.Ordinal))];
        string[] keys = [.. lines.Where(l => l.Length > 0 && char.IsAsciiLetter(l[0]) && !l.EndsWith(':') && !l.StartsWith("outputs", StringComparison.Ordinal) && !l.StartsWith("name", StringComparison.Ordinal))];
        var documents = from t in Gen.SubListOf(tasks).Where(t => t.Count > 0)
                        from k in Gen.SubListOf(keys)
                        select (k, t);
        Prop.ForAll(documents.ToArbitrary(), d =>
        {
            string[] given = [.. d.k, "params: {day: x, region: eu, limit: 1, list: [1]}", "secrets: {TOKEN: {env: T}}"];
            var text = string.Join('\n', ["name: a", .. given.DistinctBy(l => l.Split(':')[0]), "tasks:", .. d.t.Select(t => t.Replace("depends_on: [load], ", "", StringComparison.Ordinal))]);
            var bytes = DefinitionJson.Write(Yaml.Valid(text));
            Encoding.UTF8.GetString(DefinitionJson.Write(DefinitionJson.Read(bytes))).ShouldBe(Encoding.UTF8.GetString(bytes));
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("4096", 4096)]
    [InlineData("64KiB", 65536)]
    [InlineData("1.5 MiB", 3L << 19)]
    [InlineData("2TiB", 2L << 40)]
    [InlineData("0", 0)]
    [InlineData("7B", 7)]
    public void Sizes_are_read(string text, long bytes)
    {
        SizeText.TryParse(text, out var size).ShouldBeTrue();
        size.ShouldBe(bytes);
        SizeText.TryParse(SizeText.Format(size), out var again).ShouldBeTrue();
        again.ShouldBe(bytes);
    }

    [Theory]
    [InlineData("")]
    [InlineData("MiB")]
    [InlineData("1MB")]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("9223372036854775808")]
    [InlineData("9999999TiB")]
    [InlineData("1,000")]
    public void What_is_no_size_is_not_read(string text) => SizeText.TryParse(text, out _).ShouldBeFalse();
}
