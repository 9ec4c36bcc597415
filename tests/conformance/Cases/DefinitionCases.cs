using Orchestrator.Conformance.Harness;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>Bad input: a clear message that names the place and the remedy, exit code 2, no stack trace.</summary>
public sealed class DefinitionCases
{
    [Fact(DisplayName = "D01 all problems of a file are reported at once with line and column")]
    public async Task AllAtOnce()
    {
        await using var box = new Sandbox();
        var flow = box.Workflow("""
            name: bad
            max_paralel: 4
            tasks:
              - {id: a, run: "true", depends_on: [nowhere]}
              - {id: a, run: "true"}
              - {id: b, run: "true", timeout: soon}
              - {id: c}
            """);
        var finished = (await box.RunAsync("validate", flow)).Refuses(2, "max_parallel", "nowhere", "flow.yaml:2:", "flow.yaml:4:", "flow.yaml:5:", "flow.yaml:6:", "flow.yaml:7:");
        finished.Output.Split("ORC").Length.ShouldBeGreaterThan(5);
    }

    [Fact(DisplayName = "D02 a cycle is reported with its path")]
    public async Task Cycle()
    {
        await using var box = new Sandbox();
        var flow = box.Workflow("""
            name: round
            tasks:
              - {id: a, noop: true, depends_on: [c]}
              - {id: b, noop: true, depends_on: [a]}
              - {id: c, noop: true, depends_on: [b]}
            """);
        (await box.RunAsync("validate", flow)).Refuses(2, "cycle", "->");
    }

    [Fact(DisplayName = "D03 a duplicate edge is not a cycle")]
    public async Task DuplicateEdge()
    {
        await using var box = new Sandbox();
        var flow = box.Workflow("""
            name: twice
            tasks:
              - {id: a, noop: true}
              - {id: b, noop: true, depends_on: [a, a]}
            """);
        (await box.RunAsync("validate", flow)).Exits(0);
    }

    public static TheoryData<string, string, string> Files => new()
    {
        { "D04 an empty file", "", "no workflow" },
        { "D05 a file that is only a comment", "# nothing\n", "no workflow" },
        { "D06 a duplicate key", "name: x\nname: y\ntasks: [{id: a, noop: true}]\n", "name" },
        { "D07 a wrong type", "name: x\ntasks: {a: 1}\n", "list" },
        { "D08 an alias bomb", "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\ng: &g [*f,*f,*f,*f,*f,*f,*f,*f,*f]\nh: &h [*g,*g,*g,*g,*g,*g,*g,*g,*g]\n", "alias" },
        { "D09 a bottomless nesting", "name: x\ntasks: " + new string('[', 5000), "deep" },
        { "D10 no tasks", "name: x\ntasks: []\n", "task" },
        { "D11 two kinds in one task", "name: x\ntasks: [{id: a, run: 'true', noop: true}]\n", "one" },
        { "D12 an unknown rule", "name: x\ntasks: [{id: a, noop: true, run_when: sometimes}]\n", "all_success" },
        { "D13 a broken expression", "name: x\ntasks: [{id: a, noop: true, if: '${{ 1 + }}'}]\n", "value was expected" },
        { "D14 an unknown task in an expression", "name: x\ntasks: [{id: a, noop: true}, {id: b, noop: true, depends_on: [a], if: '${{ tasks.aa.outputs.x }}'}]\n", "aa" },
        { "D15 a bad cron", "name: x\nschedules: [{id: s, cron: '61 * * * *'}]\ntasks: [{id: a, noop: true}]\n", "61" },
        { "D16 an unknown time zone", "name: x\nschedules: [{id: s, cron: '1 * * * *', timezone: Europe/Helsinky}]\ntasks: [{id: a, noop: true}]\n", "Helsink" },
        { "D17 a trigger of no kind", "name: x\ntriggers: [{id: t}]\ntasks: [{id: a, noop: true}]\n", "starts a run" },
        { "D18 both max_attempts and retries", "name: x\ntasks: [{id: a, noop: true, retry: {max_attempts: 2, retries: 1}}]\n", "retries" },
    };

    [Theory(DisplayName = "D04-D18 broken definitions are refused with their place"), MemberData(nameof(Files))]
    public async Task Broken(string what, string text, string word)
    {
        await using var box = new Sandbox();
        var flow = box.Workflow(text);
        (await box.RunAsync("validate", flow)).Refuses(2, "flow.yaml", word).Errors.ShouldNotContain("   at ", Case.Sensitive, what);
        (await box.RunAsync("run", flow)).Refuses(2, "flow.yaml", word);
        Directory.Exists(Path.Combine(box.Data, "runs")).ShouldBeFalse("nothing may have run");
    }

    [Fact(DisplayName = "D19 binary and non-UTF-8 files are named as such")]
    public async Task Binary()
    {
        await using var box = new Sandbox();
        File.WriteAllBytes(box.PathOf("bin.yaml"), [0x7f, (byte)'E', (byte)'L', (byte)'F', 0, 0, 1, 2]);
        (await box.RunAsync("validate", box.PathOf("bin.yaml"))).Refuses(2, "bin.yaml");
        File.WriteAllBytes(box.PathOf("latin.yaml"), [.. "name: caf"u8, 0xE9, (byte)'\n']);
        (await box.RunAsync("validate", box.PathOf("latin.yaml"))).Refuses(2, "latin.yaml", "UTF-8");
    }

    [Fact(DisplayName = "D20 a file too large is refused before it is read")]
    public async Task Huge()
    {
        await using var box = new Sandbox();
        using (var file = File.Create(box.PathOf("huge.yaml"))) file.SetLength(200_000_000);
        (await box.RunAsync("validate", box.PathOf("huge.yaml"))).Refuses(2, "huge.yaml");
    }

    [Fact(DisplayName = "D21 a missing file and an unknown workflow are told apart and suggested for")]
    public async Task Missing()
    {
        await using var box = new Sandbox();
        box.Write("workflows/nightly.yaml", "name: nightly\ntasks: [{id: a, noop: true}]\n");
        box.Environment["Orchestrator__Workflows__Path"] = box.PathOf("workflows");
        (await box.RunAsync("run", "nothere.yaml")).Refuses(4, "nothere.yaml");
        (await box.RunAsync("run", "nihgtly")).Refuses(4, "nihgtly", "nightly");
        (await box.RunAsync("run", "nightly")).Exits(0);
    }

    [Fact(DisplayName = "D22 one bad file hides no other")]
    public async Task OneBadFile()
    {
        await using var box = new Sandbox();
        box.Write("workflows/good.yaml", "name: good\ntasks: [{id: a, noop: true}]\n");
        box.Write("workflows/bad.yaml", "name: bad\ntasks: [{id: a}]\n");
        (await box.RunAsync("validate", box.PathOf("workflows"))).Refuses(2, "bad.yaml");
        box.Environment["Orchestrator__Workflows__Path"] = box.PathOf("workflows");
        (await box.RunAsync("run", "good")).Exits(0);
    }

    [Fact(DisplayName = "D23 a chain of 5,000 and a fan of 50,000 tasks are accepted")]
    public async Task Large()
    {
        await using var box = new Sandbox();
        var chain = box.Workflow("name: chain\ntasks:\n" + string.Concat(Enumerable.Range(0, 5000).Select(n => $"  - {{id: t{n}, noop: true{(n > 0 ? $", depends_on: [t{n - 1}]" : "")}}}\n")), "chain.yaml");
        var fan = box.Workflow("name: fan\ntasks:\n  - {id: root, noop: true}\n" + string.Concat(Enumerable.Range(0, 50_000).Select(n => $"  - {{id: t{n}, noop: true, depends_on: [root]}}\n")), "fan.yaml");
        (await box.RunAsync("validate", chain, fan)).Exits(0);
    }

    [Fact(DisplayName = "D24 validate and plan execute nothing")]
    public async Task NothingRuns()
    {
        await using var box = new Sandbox();
        var flow = box.Workflow($"name: x\ntasks: [{{id: a, run: 'touch {box.Root}/ran'}}, {{id: b, noop: true, depends_on: [a]}}]\n");
        (await box.RunAsync("validate", flow)).Exits(0);
        (await box.RunAsync("plan", flow)).Exits(0).Output.ShouldContain("b");
        File.Exists(box.PathOf("ran")).ShouldBeFalse();
    }

    [Fact(DisplayName = "D25 inline workflows of the settings file run, and problems name their configuration path")]
    public async Task Inline()
    {
        await using var box = new Sandbox();
        var settings = box.Write("appsettings.json", """
            {"Orchestrator": {"Workflows": {"Inline": {
              "hi": {"tasks": [{"id": "a", "run": "true", "timeout": "5s"}], "max_parallel": 2},
              "oops": {"tasks": [{"id": "a", "run": "true", "depends_on": ["zz"]}]}
            }}}}
            """);
        (await box.RunAsync("run", "hi", "--config", settings)).Exits(0);
        (await box.RunAsync("run", "oops", "--config", settings)).Refuses(2, "Orchestrator:Workflows:Inline:oops:tasks:0", "zz");
    }

    [Fact(DisplayName = "D26 a broken workflow asked for by its name or its file's tells its problems")]
    public async Task BrokenByName()
    {
        await using var box = new Sandbox();
        box.Write("workflows/stem.yaml", "name: given\ntasks: [{id: a}]\n");
        box.Environment["Orchestrator__Workflows__Path"] = box.PathOf("workflows");
        (await box.RunAsync("run", "stem")).Refuses(2, "stem.yaml:2");
        (await box.RunAsync("run", "given")).Refuses(2, "stem.yaml:2");
        box.Write("workflows/other.yaml", "name: stem\ntasks: [{id: a, noop: true}]\n");
        (await box.RunAsync("run", "stem")).Exits(0);
    }
}
