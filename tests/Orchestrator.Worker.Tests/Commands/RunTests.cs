namespace Orchestrator.Worker.Tests.Commands;

public sealed class RunTests
{
    private const string Two = "name: two\nparams: {n: {type: integer, default: 1}}\ntasks: [{id: a, run: 'echo n=${{ params.n }}'}, {id: b, noop: true, depends_on: [a]}]\n";

    [Fact]
    public async Task Json_is_exactly_one_document_with_the_fixed_keys()
    {
        using var box = new Sandbox();
        box.Write("two.yaml", Two);
        var finished = (await box.RunAsync("run", "two.yaml", "--json", "-p", "n=7")).Exits(0);
        finished.Error.ShouldBeEmpty();
        finished.Json.EnumerateObject().Select(p => p.Name).ShouldBe(["run_id", "workflow", "status", "duration_ms", "trace_id", "report_dir", "counts", "tasks"]);
        (await box.RunAsync("logs", finished.Json.GetProperty("run_id").GetString()!, "a")).Exits(0).Output.ShouldBe("n=7\n");
        File.Exists(Path.Combine(finished.Json.GetProperty("report_dir").GetString()!, "report.md")).ShouldBeTrue();
    }

    [Theory]
    [InlineData("false", 1, "failed")]
    [InlineData("true", 0, "completed")]
    public async Task The_exit_code_is_the_runs_state(string command, int code, string status)
    {
        using var box = new Sandbox();
        box.Write("x.yaml", $"name: x\ntasks: [{{id: a, run: '{command}'}}]\n");
        (await box.RunAsync("run", "x.yaml", "--json")).Exits(code).Json.GetProperty("status").GetString().ShouldBe(status);
    }

    [Fact]
    public async Task Wrong_parameters_are_all_named_and_nothing_runs()
    {
        using var box = new Sandbox();
        box.Write("two.yaml", Two);
        var finished = (await box.RunAsync("run", "two.yaml", "-p", "n=many", "-p", "m=1")).Exits(2);
        finished.Error.ShouldContain("'n'");
        finished.Error.ShouldContain("'m'");
        (await box.RunAsync("runs", "--json")).Exits(0).Output.ShouldBeEmpty();
    }

    [Fact]
    public async Task Runs_are_listed_newest_first_and_found_by_the_beginning_of_their_id()
    {
        using var box = new Sandbox();
        box.Write("two.yaml", Two);
        var one = (await box.RunAsync("run", "two.yaml", "--json")).Json.GetProperty("run_id").GetString()!;
        var two = (await box.RunAsync("run", "two.yaml", "--json")).Json.GetProperty("run_id").GetString()!;
        (await box.RunAsync("runs", "--json")).Lines.Select(l => l.GetProperty("run_id").GetString()).ShouldBe([two, one]);
        (await box.RunAsync("show", one[..23], "--json")).Exits(0).Json.GetProperty("run_id").GetString().ShouldBe(one);
        (await box.RunAsync("show", one[..4])).Exits(2).Error.ShouldContain(two);
        (await box.RunAsync("cancel", one)).Exits(1).Error.ShouldContain("completed");
        (await box.RunAsync("run", "--resume", one)).Exits(2).Error.ShouldContain("nothing to resume");
    }

    [Fact]
    public async Task Events_are_envelopes_from_the_first_to_the_terminal_one_and_carry_the_callers_trace()
    {
        using var box = new Sandbox();
        box.Environment["TRACEPARENT"] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        box.Write("two.yaml", Two);
        var run = (await box.RunAsync("run", "two.yaml", "--json")).Json;
        run.GetProperty("trace_id").GetString().ShouldBe("0af7651916cd43dd8448eb211c80319c");
        var events = (await box.RunAsync("events", run.GetProperty("run_id").GetString()!, "--follow")).Exits(0).Lines;
        events.Select(e => e.GetProperty("seq").GetInt64()).ShouldBe(Enumerable.Range(1, events.Length).Select(n => (long)n));
        events[0].GetProperty("type").GetString().ShouldBe("workflow.created");
        events[^1].GetProperty("type").GetString().ShouldBe("workflow.completed");
    }
}
