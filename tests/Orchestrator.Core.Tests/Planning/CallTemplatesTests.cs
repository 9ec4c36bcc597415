using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Expressions;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Tests.Expressions;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Planning;

public sealed class CallTemplatesTests
{
    [Fact]
    public void A_request_gets_its_values_and_JSON_keeps_their_kinds()
    {
        var action = new HttpAction("https://x/${{ params.day }}")
        {
            Headers = Map("X-Rows", "${{ tasks.check.outputs.rows }}"), Json = JsonSerializer.SerializeToElement(new { rows = "${{ tasks.check.outputs.rows }}" }),
            Form = Map("f", "${{ params.n }}"), Body = "b ${{ params.n }}", Save = "${{ params.day }}.csv",
        };
        var call = Of(action).Render(Eval.Scope).Http!;
        (call.Url, call.Headers["X-Rows"], call.Json!.Value.GetRawText(), call.Form["f"], call.Body, call.Save)
            .ShouldBe(("https://x/2026-03-08", "42", """{"rows":42}""", "7", "b 7", "2026-03-08.csv"));
        Of(action).TaskNames.Distinct().ShouldBe(["check"]);
    }

    [Fact]
    public void A_container_gets_its_values()
    {
        var action = new ContainerAction("acme/load:${{ params.n }}")
        {
            Command = ["--day", "${{ params.day }}"], Volumes = ["/srv/${{ params.region }}:/in:ro"], Workdir = "/w", User = "${{ params.n }}",
        };
        var call = Of(action).Render(Eval.Scope).Container!;
        call.Image.ShouldBe("acme/load:7");
        call.Command.ShouldBe(["--day", "2026-03-08"]);
        call.Volumes.ShouldBe(["/srv/eu:/in:ro"]);
        (call.Workdir, call.User, call.Entrypoint, call.Network).ShouldBe(("/w", "7", null, null));
    }

    [Fact]
    public void Patterns_of_artifacts_get_their_values() =>
        Of(new NoopAction(), t => t with { Artifacts = ["out/${{ params.day }}/*.csv", "log"] }).Render(Eval.Scope).Artifacts.ShouldBe(["out/2026-03-08/*.csv", "log"]);

    [Fact]
    public void A_text_that_does_not_parse_is_named() =>
        Should.Throw<ExpressionException>(() => Of(new HttpAction("x") { Headers = Map("X-A", "${{ params. }}") }).References).Message.ShouldStartWith("tasks.t.http.headers.X-A");

    private static ImmutableSortedDictionary<string, string> Map(string key, string value) => ImmutableSortedDictionary<string, string>.Empty.Add(key, value);

    private static TaskTemplates Of(TaskAction action, Func<TaskDefinition, TaskDefinition>? with = null)
    {
        var task = new TaskDefinition { Id = new("t"), Action = action };
        return TaskTemplates.Of(new WorkflowDefinition { Name = "w", Tasks = [] }, with?.Invoke(task) ?? task);
    }
}
