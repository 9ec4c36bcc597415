using System.Globalization;
using System.Text.Json;
using Orchestrator.Conformance.Harness;
using Orchestrator.TestKit.Telemetry;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>What `telemetry rebuild` exports, against what was exported while the runs went on.</summary>
public sealed class RebuildCases
{
    private const string Repeated = "orchestrator.span.repeated";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact(DisplayName = "TB10 a rebuild gives the spans that were exported live, with all they say: failures, retries, fan-outs, child runs, handlers, skips, approvals, cancels and takeovers")]
    public async Task Whole()
    {
        await using var box = new Sandbox();
        var live = await LiveAsync(box);
        await using var receiver = await OtlpReceiver.StartAsync();
        foreach (var (name, value) in receiver.Variables) box.Environment[name] = value;
        (await box.RunAsync("telemetry", "rebuild", "--since", "1h", "--all")).Exits(0);
        var rebuilt = receiver.Spans.Where(s => s.Scope == "Orchestrator").Select(Facts).Order(StringComparer.Ordinal).ToList();
        rebuilt.ShouldBeUnique();
        string.Join('\n', rebuilt).ShouldBe(string.Join('\n', live.Select(Facts).Distinct().Order(StringComparer.Ordinal)));
        receiver.Orphans().ShouldBeEmpty();
    }

    /// <summary>Runs of all kinds, and their spans as a backend got them.</summary>
    private static async Task<List<ReceivedSpan>> LiveAsync(Sandbox box)
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        foreach (var (name, value) in receiver.Variables) box.Environment[name] = value;
        await MixedAsync(box);
        await ApprovedAsync(box);
        await CancelledAsync(box);
        await KilledAsync(box, receiver);
        foreach (var run in (await box.RunAsync("runs", "--json")).JsonLines())
            await receiver.WaitForAsync(r => r.Spans.Any(s => s.Name.StartsWith("RUN ", StringComparison.Ordinal) && s.Attributes.Text("cicd.pipeline.run.id") == run.RunId()), Patience);
        receiver.Orphans().ShouldBeEmpty();
        return [.. receiver.Spans.Where(s => s.Scope == "Orchestrator")];
    }

    private static async Task MixedAsync(Sandbox box)
    {
        box.Workflow("name: small\nparams: {n: 0}\ntasks: [{id: x, run: 'true'}]\n", "small.yaml");
        (await box.RunAsync("run", box.Workflow($$$"""
            name: mixed
            stages: [s, t]
            fail_fast: false
            tasks:
              - {id: flaky, stage: s, run: 'test $ORCHESTRATOR_ATTEMPT = 3', retry: {max_attempts: 3, initial_delay: 10ms}}
              - {id: each, stage: s, depends_on: [flaky], foreach: [a, {b: 1}, "${{ 1 + 2 }}"], run: 'test $ORCHESTRATOR_ATTEMPT = 2 -o "$ORCHESTRATOR_TASK_ID" != "each[1]"', retry: {max_attempts: 2, initial_delay: 10ms}}
              - {id: grid, matrix: {os: [x, y], n: [1, 2]}, exec: ['true']}
              - {id: noted, run: '"{{{Built.Program}}}" span event halfway; "{{{Built.Program}}}" span end $("{{{Built.Program}}}" span start own) --status error'}
              - {id: child, workflow: small}
              - {id: apart, workflow: {name: small, wait: false}}
              - {id: nap, wait: 20ms}
              - {id: off, enabled: false, noop: true}
              - {id: never, if: "${{ false }}", noop: true}
              - {id: allowed, allow_failure: true, run: 'exit 3'}
              - {id: missing, allow_failure: true, exec: [/no/such/program]}
              - {id: slow, allow_failure: true, timeout: 200ms, run: 'sleep 60'}
              - {id: broken, stage: t, depends_on: [each, grid], run: 'exit 4'}
              - {id: below, stage: t, depends_on: [broken], run: 'true'}
            handlers:
              on_failure: [{id: page, run: 'true'}]
              finally: [{id: tidy, run: 'exit 1'}]
            """))).Exits(1);
    }

    private static async Task ApprovedAsync(Sandbox box)
    {
        var run = box.Start("run", box.Workflow("name: asked\ntasks: [{id: ask, approval: {prompt: 'Well?'}}, {id: after, depends_on: [ask], run: 'true'}]\n"));
        var id = "";
        await Poll.UntilAsync(async () => (id = (await box.RunAsync("approve", "--json")).JsonLines().FirstOrDefault() is { ValueKind: JsonValueKind.Object } asked ? asked.RunId() : "").Length > 0, "the question");
        (await box.RunAsync("approve", id)).Exits(0);
        (await run.EndAsync()).Exits(0);
    }

    private static async Task CancelledAsync(Sandbox box)
    {
        var run = box.Start("run", box.Workflow("name: between\ntasks: [{id: a, run: 'exit 1', retry: {max_attempts: 2, initial_delay: 50s}}, {id: b, depends_on: [a], run: 'true'}]\n"), "--json");
        var id = "";
        await Poll.UntilAsync(async () => (id = (await box.RunAsync("runs", "--workflow", "between", "--json")).JsonLines().Select(r => r.RunId()).FirstOrDefault("")).Length > 0, "the run");
        await Poll.UntilAsync(async () => (await box.EventsAsync(id)).Of("task.retrying").Any(), "the retry");
        run.Signal(2);
        (await run.EndAsync()).Exits(3);
    }

    private static async Task KilledAsync(Sandbox box, OtlpReceiver receiver)
    {
        var flow = box.Workflow($"name: killed\nstages: [s]\ntasks: [{{id: first, stage: s, run: 'true'}}, {{id: many, stage: s, depends_on: [first], foreach: [a, b], run: 'test ${{{{ item }}}} = a && exit 0; touch {box.Root}/started; until test -e {box.Root}/go; do sleep 0.02; done'}}]\n");
        var first = box.Start("run", flow, "--json");
        await Poll.UntilAsync(() => File.Exists(box.PathOf("started")));
        await receiver.WaitForAsync(r => r.Spans.Any(s => s.Name == "task many"), Patience);   // the child that is done
        first.Signal(9);
        await first.EndAsync();
        box.Write("go", "");
        (await box.RunAsync("run", "--resume", (await box.RunAsync("runs", "--workflow", "killed", "--json")).JsonLines().Single().RunId())).Exits(0);
    }

    /// <summary>Everything a span says but the mark that it is exported again.</summary>
    private static string Facts(ReceivedSpan s) => string.Create(CultureInfo.InvariantCulture,
        $"{s.TraceId} {s.SpanId} < {s.ParentId} {s.Kind} {s.Name} {s.Start:O} {s.End:O} {s.Status} {s.StatusMessage} {s.TraceState} [{Text(s.Attributes)}] "
        + $"[{string.Join("; ", s.Links.Select(l => $"{l.TraceId} {l.SpanId} {Text(l.Attributes)}"))}] [{string.Join("; ", s.Events.Select(e => $"{e.Name} {e.Time:O} {Text(e.Attributes)}"))}]");

    private static string Text(Attributes attributes) => string.Join(", ", attributes.Where(a => a.Key != Repeated).OrderBy(a => a.Key, StringComparer.Ordinal).Select(a => string.Create(CultureInfo.InvariantCulture, $"{a.Key}={a.Value}")));
}
