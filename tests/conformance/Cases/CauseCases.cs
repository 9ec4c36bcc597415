using Orchestrator.Conformance.Harness;
using Orchestrator.TestKit.Telemetry;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>What is said of the cause of a failure: its kind from a closed list, and the exception's type where one was thrown.</summary>
public sealed class CauseCases
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact(DisplayName = "TR16 the type of an exception that made an attempt fail is in the journal, on spans of attempt and task and on the event's record; where none did, it is absent")]
    public async Task ExceptionType()
    {
        await using var box = new Sandbox();
        await using var receiver = await OtlpReceiver.StartAsync();
        foreach (var (name, value) in receiver.Variables) box.Environment[name] = value;
        var (finished, json) = await box.RunJsonAsync(box.Workflow("""
            name: causes
            fail_fast: false
            tasks:
              - {id: refused, http: {url: "http://127.0.0.1:1/x"}, retry: {max_attempts: 2, initial_delay: 10ms}}
              - {id: missing, exec: [/nowhere/at-all]}
              - {id: exits, run: 'exit 3'}
              - {id: fine, run: 'true'}
            """));
        finished.Exits(1);
        await receiver.WaitForAsync(r => r.Spans.Any(s => s.Name == "RUN causes") && r.Logs.Any(l => l.EventName == "orchestrator.workflow.failed"), Patience);
        const string Http = "System.Net.Http.HttpRequestException";
        var attempts = receiver.Spans.Where(s => s.Name == "attempt refused").ToList();
        attempts.Count.ShouldBe(2);
        attempts.ShouldAllBe(a => a.Attributes.Text("exception.type") == Http && a.Attributes.Text("error.type") == "error");
        receiver.Span("task refused").Attributes.Text("exception.type").ShouldBe(Http);
        receiver.Span("attempt missing").Attributes.Text("error.type").ShouldBe("spawn_error");
        receiver.Span("attempt missing").Attributes.Text("exception.type").ShouldEndWith(".SpawnRefusedException");
        foreach (var none in (string[])["attempt exits", "task exits", "attempt fine", "task fine", "RUN causes"]) receiver.Span(none).Attributes.ShouldNotContainKey("exception.type");
        receiver.Logs.Where(l => l.EventName is "orchestrator.task.failed" or "orchestrator.task.retrying" && l.Attributes.Text("cicd.pipeline.task.name") == "refused")
            .Select(l => l.Attributes.Text("exception.type")).ShouldBe([Http, Http]);

        var run = json.GetProperty("run_id").GetString()!;
        var events = await box.EventsAsync(run);
        events.Where(e => e.Text("task") == "refused" && e.Type() is "task.retrying" or "task.failed").Count(e => e.Data().Text("exception_type") == Http).ShouldBe(2);
        events.Where(e => e.Text("task") == "exits").ShouldAllBe(e => e.Data().Text("exception_type") == null);
        (await box.RunAsync("replay", run)).Exits(0);
    }
}
