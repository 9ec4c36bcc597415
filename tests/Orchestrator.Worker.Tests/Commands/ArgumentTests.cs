namespace Orchestrator.Worker.Tests.Commands;

public sealed class ArgumentTests
{
    public static TheoryData<string> Verbs => ["serve", "run", "validate", "plan", "runs", "show", "events", "logs", "cancel", "schema", "version"];

    [Theory, MemberData(nameof(Verbs))]
    public async Task Every_verb_has_help_with_common_options_examples_and_exit_codes(string verb)
    {
        using var box = new Sandbox();
        var help = (await box.RunAsync(verb, "--help")).Exits(0).Output;
        foreach (var word in new[] { "--data", "--config", "--json", "Examples:", $"orchestrator {verb}", "Exit codes:" }) help.ShouldContain(word);
    }

    [Theory]
    [InlineData("rnu")]
    [InlineData("run --parm x=1")]
    [InlineData("run")]
    [InlineData("run x.yaml --resume 0190")]
    [InlineData("run x.yaml --param novalue")]
    [InlineData("run x.yaml --param a=1 --param a=2")]
    [InlineData("runs --status done")]
    [InlineData("runs --limit 0")]
    [InlineData("logs 0190 --attempt first")]
    public async Task Wrong_usage_is_exit_2_with_a_reason_and_no_stack(string line)
    {
        using var box = new Sandbox();
        var finished = (await box.RunAsync(line.Split(' '))).Exits(2);
        finished.Output.ShouldBeEmpty();
        finished.Error.ShouldStartWith("error: ");
        finished.Error.ShouldNotContain("   at ");
    }

    [Theory]
    [InlineData("run nope")]
    [InlineData("run nope.yaml")]
    [InlineData("plan nope")]
    [InlineData("validate nope.yaml")]
    [InlineData("show 01900000-0000-7000-8000-000000000000")]
    [InlineData("events 0190")]
    [InlineData("logs 0190")]
    [InlineData("cancel 0190")]
    public async Task What_is_not_there_is_exit_4(string line)
    {
        using var box = new Sandbox();
        (await box.RunAsync(line.Split(' '))).Exits(4).Error.ShouldStartWith("error: ");
    }

    [Fact]
    public async Task A_misspelt_workflow_is_guessed()
    {
        using var box = new Sandbox();
        box.Write("config/workflows/nightly.yaml", "name: nightly\ntasks: [{id: a, noop: true}]\n");
        (await box.RunAsync("plan", "nigtly")).Exits(4).Error.ShouldContain("nightly");
    }

    [Fact]
    public async Task Detach_without_a_serve_is_refused_before_anything_is_written()
    {
        using var box = new Sandbox();
        box.Write("a.yaml", "name: a\ntasks: [{id: a, noop: true}]\n");
        (await box.RunAsync("run", "a.yaml", "--detach")).Exits(5).Error.ShouldContain("serve");
        Directory.Exists(box.PathOf("data")).ShouldBeFalse();
    }
}
