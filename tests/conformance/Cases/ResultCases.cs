using Orchestrator.Conformance.Harness;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>What becomes of results and files after a task has made them.</summary>
public sealed class ResultCases
{
    [Fact(DisplayName = "U01 results of all tasks before one are variables of its process")]
    public async Task Variables()
    {
        await using var box = new Sandbox();
        var (finished, json) = await box.RunJsonAsync(box.Workflow("""
            name: flat
            tasks:
              - {id: get-rows, run: 'echo "{\"rows\": 42, \"list\": [1, 2], \"text\": \"a b\"}" > "$ORCHESTRATOR_OUTPUT"'}
              - {id: between, depends_on: [get-rows], noop: true}
              - {id: aside, run: 'echo no=1 > "$ORCHESTRATOR_OUTPUT"'}
              - {id: use, depends_on: [between], run: 'echo "$get_rows__rows|$get_rows__list|$get_rows__text|${aside__no-none}"'}
            """));
        finished.Exits(0);
        File.ReadAllText(Path.Combine(json.GetProperty("report_dir").GetString()!, "logs/use.1.log")).ShouldBe("42|[1, 2]|a b|none\n");
    }

    [Fact(DisplayName = "U02 two results that would be one variable are refused by name")]
    public async Task Collision()
    {
        await using var box = new Sandbox();
        var (finished, json) = await box.RunJsonAsync(box.Workflow("""
            name: clash
            tasks:
              - {id: a-b, run: 'echo x=1 > "$ORCHESTRATOR_OUTPUT"'}
              - {id: a_b, run: 'echo x=2 > "$ORCHESTRATOR_OUTPUT"'}
              - {id: use, depends_on: [a-b, a_b], run: 'true'}
            """));
        finished.Exits(1);
        var error = json.GetProperty("tasks").GetProperty("use").GetProperty("error").GetString()!;
        error.ShouldContain("a-b.x");
        error.ShouldContain("a_b.x");
    }

    [Fact(DisplayName = "U03 transform makes results anew; one that fails is a condition_error")]
    public async Task Transform()
    {
        await using var box = new Sandbox();
        var (finished, json) = await box.RunJsonAsync(box.Workflow("""
            name: anew
            fail_fast: false
            tasks:
              - id: a
                run: 'echo "{\"rows\": [3, 4], \"noise\": 1}" > "$ORCHESTRATOR_OUTPUT"'
                transform: {first: "${{ outputs.rows[0] }}", many: "${{ length(outputs.rows) }}", text: "n=${{ outputs.noise }}"}
              - {id: use, depends_on: [a], exec: [echo, "${{ tasks.a.outputs.first + tasks.a.outputs.many }} ${{ tasks.a.outputs.text }} ${{ default(tasks.a.outputs.noise, 'gone') }}"]}
              - {id: wrong, run: 'true', transform: {x: "${{ outputs.missing.deep }}"}}
            """));
        finished.Exits(1);
        File.ReadAllText(Path.Combine(json.GetProperty("report_dir").GetString()!, "logs/use.1.log")).ShouldBe("5 n=1 gone\n");
        json.GetProperty("tasks").GetProperty("wrong").GetProperty("reason").GetString().ShouldBe("condition_error");
    }

    [Fact(DisplayName = "U04 a task's own limit of results holds, smaller or larger than the worker's")]
    public async Task Limits()
    {
        await using var box = new Sandbox();
        const string big = "printf \"v=\" >> \"$ORCHESTRATOR_OUTPUT\"; head -c 8000 /dev/zero | tr \"\\0\" x >> \"$ORCHESTRATOR_OUTPUT\"";
        box.Environment["Orchestrator__Processes__OutputLimit"] = "4KiB";
        var (finished, json) = await box.RunJsonAsync(box.Workflow($$"""
            name: limits
            fail_fast: false
            tasks:
              - {id: fits, output_limit: 10KiB, run: '{{big}}'}
              - {id: over, run: '{{big}}'}
            """));
        finished.Exits(1);
        json.GetProperty("tasks").GetProperty("fits").GetProperty("status").GetString().ShouldBe("completed");
        json.GetProperty("tasks").GetProperty("over").GetProperty("reason").GetString().ShouldBe("output_limit");
    }

    [Fact(DisplayName = "U05 declared files are kept with the run after a success, a failure and a timeout, as they were then")]
    public async Task Artifacts()
    {
        await using var box = new Sandbox();
        Directory.CreateDirectory(box.PathOf("work"));
        var (finished, json) = await box.RunJsonAsync(box.Workflow($$"""
            name: keep
            fail_fast: false
            working_dir: {{box.Root}}/work
            tasks:
              - {id: good, run: 'mkdir -p out/deep; echo one > out/a.csv; echo two > out/deep/b.csv; echo no > out/c.txt; mkfifo out/pipe.csv', artifacts: ["out/**/*.csv"]}
              - {id: bad, depends_on: [good], run: 'echo why > dump; exit 1', artifacts: [dump, none]}
              - {id: slow, timeout: 500ms, run: 'echo so far > progress; sleep 300', artifacts: progress}
              - {id: later, depends_on: [good], run: 'echo changed > out/a.csv'}
            """));
        finished.Exits(1);
        var kept = Path.Combine(json.GetProperty("report_dir").GetString()!, "artifacts");
        Directory.GetFiles(kept, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(kept, f)).Order(StringComparer.Ordinal)
            .ShouldBe(["bad/dump", "good/out/a.csv", "good/out/deep/b.csv", "slow/progress"]);
        File.ReadAllText(Path.Combine(kept, "good/out/a.csv")).ShouldBe("one\n");
    }

    [Fact(DisplayName = "U06 files beyond the run's limit fail the task that made them")]
    public async Task ArtifactLimit()
    {
        await using var box = new Sandbox();
        box.Environment["Orchestrator__Artifacts__Limit"] = "10KiB";
        var (finished, json) = await box.RunJsonAsync(box.Workflow($$"""
            name: keep
            working_dir: {{box.Root}}
            tasks: [{id: a, run: 'head -c 8000 /dev/zero > one; head -c 8000 /dev/zero > two', artifacts: [one, two]}]
            """));
        finished.Exits(1);
        json.GetProperty("tasks").GetProperty("a").GetProperty("reason").GetString().ShouldBe("output_limit");
        json.GetProperty("tasks").GetProperty("a").GetProperty("error").GetString()!.ShouldContain("Orchestrator:Artifacts:Limit");
    }

    [Fact(DisplayName = "U07 artifacts are listed by the verb, the report, show and the API, which never leaves their folder")]
    public async Task Listing()
    {
        await using var box = new Sandbox();
        box.Write("workflows/x.yaml", "name: x\ntasks: [{id: a, run: 'mkdir -p \"$ORCHESTRATOR_ARTIFACTS/d\"; printf hello > \"$ORCHESTRATOR_ARTIFACTS/d/<b>.html\"; ln -s /etc/passwd \"$ORCHESTRATOR_ARTIFACTS/link\"'}]\n");
        await using var server = await Server.StartAsync(box);
        var run = await server.SubmitAsync("x");
        (await server.EndOfAsync(run)).ShouldBe("completed");
        var listed = (await server.GetAsync($"/api/v1/runs/{run}/artifacts")).GetProperty("artifacts").EnumerateArray().Single();
        (listed.GetProperty("path").GetString(), listed.GetProperty("bytes").GetInt64()).ShouldBe(("d/<b>.html", 5));
        using var answer = await server.Http.GetAsync($"/api/v1/runs/{run}/artifacts/d/%3Cb%3E.html");
        (await answer.Content.ReadAsStringAsync()).ShouldBe("hello");
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/octet-stream");
        answer.Content.Headers.ContentDisposition!.DispositionType.ShouldBe("attachment");
        answer.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"]);
        foreach (var outside in (string[])["link", "..%2Fevents.jsonl", "d/..%2F..%2Fevents.jsonl", "%2Fetc%2Fpasswd", "d", "none"])
            ((int)(await server.Http.GetAsync($"/api/v1/runs/{run}/artifacts/{outside}")).StatusCode).ShouldBe(404, outside);

        var line = (await box.RunAsync("artifacts", run, "--sha256", "--json")).Exits(0).JsonLines().Single();
        line.GetProperty("sha256").GetString().ShouldBe("2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
        (await box.RunAsync("artifacts", run)).Exits(0).Output.ShouldContain("d/<b>.html");
        (await box.RunAsync("show", run)).Exits(0).Output.ShouldContain("Artifacts: 1 file;");
    }

    [Fact(DisplayName = "U08 finished runs past their retention are removed: by hand, and by serve; what is open is not")]
    public async Task Retention()
    {
        await using var box = new Sandbox();
        var flow = box.Workflow("name: short\nretention: {count: 2}\ntasks: [{id: a, run: 'true'}]\n");
        var other = box.Workflow("name: other\ntasks: [{id: a, run: 'true'}]\n", "other.yaml");
        var runs = new List<string>();
        for (var i = 0; i < 4; i++) runs.Add((await box.RunJsonAsync(flow)).Json.GetProperty("run_id").GetString()!);
        for (var i = 0; i < 3; i++) await box.RunJsonAsync(other);

        (await box.RunAsync("journal", "gc", "--dry-run")).Exits(0).Output.ShouldContain("2 runs would be removed");
        (await box.RunAsync("runs", "--json")).JsonLines().Count.ShouldBe(7);
        (await box.RunAsync("journal", "gc", "--json")).JsonLines().Select(l => l.GetProperty("run_id").GetString()).ShouldBe([runs[1], runs[0]]);
        (await box.RunAsync("runs", "--json")).JsonLines().Count.ShouldBe(5);
        (await box.RunAsync("show", runs[0])).ExitCode.ShouldBe(4);
        (await box.RunAsync("journal", "gc")).Exits(0).Output.ShouldContain("0 runs removed");

        // A crash between the two steps of a removal: the rest goes with the next look.
        Directory.CreateDirectory(Path.Combine(box.Data, "trash", runs[0], "logs"));
        box.Environment["Orchestrator__Retention__Count"] = "1";
        await using var server = await Server.StartAsync(box);
        await Poll.UntilAsync(async () => (await box.RunAsync("runs", "--json")).JsonLines().Count == 3);   // the workflow's own rule stands above the worker's
        await Poll.UntilAsync(() => !Directory.EnumerateFileSystemEntries(Path.Combine(box.Data, "trash")).Any());
    }
}
