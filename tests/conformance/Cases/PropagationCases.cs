using Orchestrator.Conformance.Harness;
using Orchestrator.TestKit.Http;
using Orchestrator.TestKit.Telemetry;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>What tasks pass on of their trace, as the processes and receivers they call see it.</summary>
public sealed class PropagationCases
{
    [Fact(DisplayName = "TR13 `propagate` decides what of the trace a process is given, by task or by defaults, and nothing stale takes its place")]
    public async Task Processes()
    {
        await using var box = new Sandbox();
        box.Environment["TRACEPARENT"] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        box.Environment["TRACESTATE"] = "vendor=1";
        const string Say = "run: 'for n in TRACEPARENT TRACESTATE BAGGAGE; do echo \"$n=${!n-absent}\" >> \"$ORCHESTRATOR_OUTPUT\"; done'";
        var (finished, json) = await box.RunJsonAsync(box.Workflow($$"""
            name: handed
            inherit_env: [TRACEPARENT, TRACESTATE, BAGGAGE]
            defaults: {propagate: context}
            tasks:
              - {id: nothing, propagate: none, {{Say}}}
              - {id: context, {{Say}}}
              - {id: all, propagate: context+baggage, {{Say}}}
              - {id: own, propagate: none, env: {TRACEPARENT: mine}, {{Say}}}
            """));
        finished.Exits(0);
        string[] Got(string task) => [.. ((string[])["TRACEPARENT", "TRACESTATE", "BAGGAGE"]).Select(n => json.GetProperty("tasks").GetProperty(task).GetProperty("outputs").GetProperty(n).GetString()!)];
        Got("nothing").ShouldBe(["absent", "absent", "absent"]);
        Got("context")[0].ShouldStartWith("00-0af7651916cd43dd8448eb211c80319c-");
        Got("context")[1..].ShouldBe(["vendor=1", "absent"]);
        Got("all")[0].ShouldStartWith("00-0af7651916cd43dd8448eb211c80319c-");
        Got("all")[2].ShouldBe($"orchestrator.run.id={json.GetProperty("run_id").GetString()},cicd.pipeline.name=handed");
        Got("own").ShouldBe(["mine", "absent", "absent"]);
    }

    [Theory(DisplayName = "TR14 `propagate` decides what of the trace an HTTP request carries, with tracing on and off; its span is there all the same")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Requests(bool traced)
    {
        await using var site = await LoopbackSite.StartAsync(c => LoopbackSite.TextAsync(c, 200, "ok", "text/plain"));
        await using var box = new Sandbox();
        await using var receiver = await OtlpReceiver.StartAsync();
        if (traced)
            foreach (var (name, value) in receiver.Variables) box.Environment[name] = value;
        var (finished, json) = await box.RunJsonAsync(box.Workflow($$"""
            name: asks
            tasks:
              - {id: a, propagate: none, http: {url: "{{site.Url}}/none"} }
              - {id: b, propagate: context, http: {url: "{{site.Url}}/context"} }
              - {id: c, http: {url: "{{site.Url}}/all"} }
            """));
        finished.Exits(0);
        IReadOnlyDictionary<string, string> Headers(string path) => site.Seen.Single(r => r.Path == path).Headers;
        Headers("/none").Keys.ShouldNotContain("traceparent");
        Headers("/none").Keys.ShouldNotContain("baggage");
        Headers("/context")["traceparent"].ShouldContain(json.GetProperty("trace_id").GetString()!);
        Headers("/context").Keys.ShouldNotContain("baggage");
        Headers("/all")["baggage"].ShouldContain("cicd.pipeline.name");
        if (!traced) return;
        await receiver.WaitForAsync(r => r.Spans.Count(s => s.Scope == "System.Net.Http" && s.TraceId == json.GetProperty("trace_id").GetString()) == 3, TimeSpan.FromSeconds(30));
    }

    [Fact(DisplayName = "TR15 a word that is none is refused with the one that was meant")]
    public async Task Refused()
    {
        await using var box = new Sandbox();
        (await box.RunAsync("validate", box.Workflow("name: x\ntasks: [{id: a, run: 'true', propagate: contxt}]\n"))).Refuses(2, "propagate", "Did you mean 'context'");
    }
}
