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
}
