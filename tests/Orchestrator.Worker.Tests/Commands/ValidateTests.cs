namespace Orchestrator.Worker.Tests.Commands;

public sealed class ValidateTests
{
    [Fact]
    public async Task Problems_of_all_files_are_reported_with_their_places_and_one_bad_file_hides_nothing()
    {
        using var box = new Sandbox();
        box.Write("w/bad.yaml", "name: bad\ntasks: [{id: a}]\n");
        box.Write("w/good.yaml", "name: good\ntasks: [{id: a, noop: true}]\n");
        var finished = (await box.RunAsync("validate", "w")).Exits(2);
        finished.Output.ShouldContain("w/bad.yaml:2:");
        finished.Output.ShouldContain("w/good.yaml: ok");
    }

    [Fact]
    public async Task Json_is_one_line_for_each_file()
    {
        using var box = new Sandbox();
        box.Write("w/bad.yaml", "name: bad\ntasks: [{id: a}]\n");
        box.Write("w/good.yaml", "name: good\ntasks: [{id: a, noop: true}]\n");
        var lines = (await box.RunAsync("validate", "w", "--json")).Exits(2).Lines;
        lines.Select(l => l.GetProperty("valid").GetBoolean()).ShouldBe([false, true]);
        lines[0].GetProperty("problems")[0].GetProperty("line").GetInt32().ShouldBe(2);
    }

    [Fact]
    public async Task Two_files_of_one_name_are_a_problem_of_the_second()
    {
        using var box = new Sandbox();
        box.Write("w/a.yaml", "name: same\ntasks: [{id: a, noop: true}]\n");
        box.Write("w/b.yaml", "name: same\ntasks: [{id: a, noop: true}]\n");
        (await box.RunAsync("validate", "w")).Exits(2).Output.ShouldContain("also defined in w/a.yaml");
    }

    [Fact]
    public async Task Inline_definitions_are_checked_with_the_folder()
    {
        using var box = new Sandbox();
        box.Write("config/appsettings.json", """{"Orchestrator":{"Workflows":{"Inline":{"tiny":{"tasks":[{"id":"a","noop":true}]}}}}}""");
        (await box.RunAsync("validate")).Exits(0).Output.ShouldContain("tiny");
        (await box.RunAsync("run", "tiny", "--json")).Exits(0).Json.GetProperty("workflow").GetString().ShouldBe("tiny");
    }
}
