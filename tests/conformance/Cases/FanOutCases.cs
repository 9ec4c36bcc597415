using Orchestrator.Conformance.Harness;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>One task becomes many: where its items come from, how they end, what they hand on.</summary>
public sealed class FanOutCases
{
    [Fact(DisplayName = "L01 items are written down, computed from parameters, or another task's results; results keep their order")]
    public async Task Sources()
    {
        await using var box = new Sandbox();
        var flow = box.Workflow("""
            name: lists
            params: {cities: {type: list, default: [Turku, Oulu]}}
            tasks:
              - {id: written, foreach: [10, 20, 30], run: 'sleep 0.$((3 - ${{ item }} / 10)); echo "n=${{ item + 1 }}" >> "$ORCHESTRATOR_OUTPUT"'}
              - {id: given, foreach: {items: "${{ params.cities }}", as: city}, env: {CITY: "${{ city }}"}, run: 'echo "name=$CITY" >> "$ORCHESTRATOR_OUTPUT"'}
              - {id: find, run: 'echo "{\"parts\": [{\"file\": \"a b\"}, {\"file\": \"c\"}]}" >> "$ORCHESTRATOR_OUTPUT"'}
              - {id: found, depends_on: [find], foreach: "${{ tasks.find.outputs.parts }}", env: {FILE: "${{ item.file }}"}, run: 'echo "read=$FILE" >> "$ORCHESTRATOR_OUTPUT"'}
              - id: after
                depends_on: [written, given, found]
                env: {ALL: "${{ to_json(tasks.written.outputs.results) }} ${{ tasks.given.outputs.results[1].name }} ${{ tasks.found.outputs.results[0].read }} ${{ tasks.found.outputs.count }}"}
                run: 'echo "all=$ALL" >> "$ORCHESTRATOR_OUTPUT"'
            """);
        var (finished, json) = await box.RunJsonAsync(flow);
        finished.Exits(0);
        json.Output("after", "all").GetString().ShouldBe("""[{"n":"11"},{"n":"21"},{"n":"31"}] Oulu a b 2""");
        foreach (var id in (string[])["written[0]", "written[2]", "given[1]", "found[1]"]) json.Fate(id).ShouldBe("completed", id);
        json.Count("completed").ShouldBe(5 + 3 + 2 + 2);
        (await box.RunJsonAsync(flow, "--param", "cities=[\"x\"]")).Json.Count("total").ShouldBe(5 + 3 + 1 + 2);
    }

    [Fact(DisplayName = "L02 no items: the task completes at once with an empty list")]
    public async Task Empty()
    {
        await using var box = new Sandbox();
        var (finished, json) = await box.RunJsonAsync(box.Workflow("""
            name: none
            params: {items: {type: list, default: []}}
            tasks:
              - {id: each, foreach: "${{ params.items }}", run: "exit 1"}
              - {id: after, depends_on: [each], if: "${{ tasks.each.outputs.count == 0 && length(tasks.each.outputs.results) == 0 }}", noop: true}
            """));
        finished.Exits(0);
        (json.Fate("each"), json.Fate("after"), json.Count("total")).ShouldBe(("completed", "completed", 2));
    }

    [Theory(DisplayName = "L03 an item that fails: finish lets the others end, stop starts no more, ignore goes on")]
    [InlineData("finish", "failed exit_code", 1, 3, 0)]
    [InlineData("stop", "failed exit_code", 1, 1, 2)]
    [InlineData("ignore", "completed", 0, 3, 0)]
    public async Task OneFails(string rule, string fate, int code, int completed, int cancelled)
    {
        await using var box = new Sandbox();
        var (finished, json) = await box.RunJsonAsync(box.Workflow($$$"""
            name: one
            tasks:
              - {id: each, foreach: {items: [0, 1, 2, 3], max_parallel: 1, on_failure: {{{rule}}}}, run: 'test ${{ item }} != 1; echo "n=${{ item }}" >> "$ORCHESTRATOR_OUTPUT"'}
              - {id: after, depends_on: [each], env: {R: "${{ to_json(tasks.each.outputs.results) }}"}, run: 'echo "seen=$R" >> "$ORCHESTRATOR_OUTPUT"'}
            """));
        finished.Exits(code);
        json.Fate("each").ShouldBe(fate);
        var children = Enumerable.Range(0, 4).Select(n => json.Task($"each[{n}]").Status()).ToList();
        (children[1], children.Count(s => s == "completed"), children.Count(s => s == "cancelled")).ShouldBe(("failed", completed, cancelled));
        if (rule == "ignore")
        {
            json.Output("after", "seen").GetString().ShouldBe("""[{"n":"0"},null,{"n":"2"},{"n":"3"}]""");
            json.Count("failed_allowed").ShouldBe(1);
        }
        else
        {
            json.Fate("after").ShouldBe("skipped dependency_failed");
            json.Task("each").Text("error")!.ShouldContain("1 of 4 items failed");
            json.Task("each").Text("error")!.ShouldContain("each[1]");
        }
        json.Count("total").ShouldBe(6);
    }

    [Fact(DisplayName = "L04 max_parallel holds: so many items at once, and no more")]
    public async Task MaxParallel()
    {
        await using var box = new Sandbox();
        box.Environment["Orchestrator__Runner__Slots"] = "8";
        Directory.CreateDirectory(box.PathOf("in"));
        // Each child leaves a file while it works, and goes on once it has seen a second one; it notes how many there were.
        var (finished, json) = await box.RunJsonAsync(box.Workflow($$$"""
            name: wide
            tasks:
              - id: each
                foreach: {items: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], max_parallel: 2}
                run: |
                  touch {{{box.Root}}}/in/${{ item }}
                  for i in 1 2 3 4 5 6 7 8 9 10; do ls {{{box.Root}}}/in | wc -l >> {{{box.Root}}}/seen; sleep 0.02; done
                  rm {{{box.Root}}}/in/${{ item }}
            """));
        finished.Exits(0);
        json.Task("each").Status().ShouldBe("completed");
        var seen = File.ReadAllLines(box.PathOf("seen")).Select(int.Parse).ToList();
        seen.Max().ShouldBe(2, "two at once, never three");
    }

    [Fact(DisplayName = "L05 a matrix is every combination, less the excluded ones, the last axis fastest")]
    public async Task Matrix()
    {
        await using var box = new Sandbox();
        var (finished, json) = await box.RunJsonAsync(box.Workflow("""
            name: builds
            params: {versions: {type: list, default: [1, 2]}}
            tasks:
              - id: build
                matrix: {os: [linux, windows], version: "${{ params.versions }}", exclude: [{os: windows, version: 1}]}
                run: 'echo "made=${{ matrix.os }}-${{ matrix.version }}" >> "$ORCHESTRATOR_OUTPUT"'
              - {id: after, depends_on: [build], env: {R: "${{ to_json(tasks.build.outputs.results) }}"}, run: 'echo "seen=$R" >> "$ORCHESTRATOR_OUTPUT"'}
            """));
        finished.Exits(0);
        json.Output("after", "seen").GetString().ShouldBe("""[{"made":"linux-1"},{"made":"linux-2"},{"made":"windows-2"}]""");
    }

    [Theory(DisplayName = "L06 items that are no list, cannot be worked out or are too many fail the task with a sentence that says so")]
    [InlineData("${{ params.text }}", "list")]
    [InlineData("${{ tasks.first.outputs.nowhere }}", "nowhere")]
    [InlineData("${{ split(params.many, ',') }}", "10000")]
    public async Task WrongItems(string items, string words)
    {
        await using var box = new Sandbox();
        var (finished, json) = await box.RunJsonAsync(box.Workflow($$"""
            name: wrong
            params: {text: abc, many: ""}
            tasks:
              - {id: first, noop: true}
              - {id: each, depends_on: [first], foreach: "{{items}}", run: "touch {{box.Root}}/ran"}
              - {id: after, depends_on: [each], noop: true}
            """), "--param", $"many={string.Join(',', Enumerable.Range(0, 10_001))}");
        finished.Exits(1);
        json.Fate("each").ShouldBe("failed condition_error");
        json.Task("each").Text("error")!.Replace(",", "", StringComparison.Ordinal).ShouldContain(words);
        json.Fate("after").ShouldBe("skipped dependency_failed");
        File.Exists(box.PathOf("ran")).ShouldBeFalse();
        json.Count("total").ShouldBe(3);
    }

    [Fact(DisplayName = "L07 a condition about the item is asked for each, one about other things once")]
    public async Task Conditions()
    {
        await using var box = new Sandbox();
        var (finished, json) = await box.RunJsonAsync(box.Workflow("""
            name: some
            params: {on: false}
            tasks:
              - {id: odd, foreach: [1, 2, 3], if: "${{ item % 2 == 1 }}", run: 'echo "n=${{ item }}" >> "$ORCHESTRATOR_OUTPUT"'}
              - {id: none, foreach: [1, 2], if: "${{ params.on }}", noop: true}
              - {id: after, depends_on: [odd], env: {R: "${{ to_json(tasks.odd.outputs.results) }}"}, run: 'echo "seen=$R" >> "$ORCHESTRATOR_OUTPUT"'}
            """));
        finished.Exits(0);
        json.Fate("odd[1]").ShouldBe("skipped condition");
        json.Output("after", "seen").GetString().ShouldBe("""[{"n":"1"},null,{"n":"3"}]""");
        json.Fate("none").ShouldBe("skipped condition");
        json.GetProperty("tasks").EnumerateObject().Select(p => p.Name).ShouldNotContain("none[0]");
        (json.Count("total"), json.Count("skipped")).ShouldBe((6, 2));
    }

    [Fact(DisplayName = "L08 each item has its own retries")]
    public async Task Retries()
    {
        await using var box = new Sandbox();
        var (finished, json) = await box.RunJsonAsync(box.Workflow("""
            name: flaky
            tasks:
              - {id: each, foreach: [1, 2, 3], retry: {max_attempts: 3, initial_delay: 10ms}, run: 'test "$ORCHESTRATOR_ATTEMPT" = ${{ item }}'}
            """));
        finished.Exits(0);
        Enumerable.Range(0, 3).Select(n => json.Task($"each[{n}]").GetProperty("attempts").GetInt32()).ShouldBe([1, 2, 3]);
        var events = await box.EventsAsync(json.RunId());
        events.Of("task.retrying", "each[2]").Count().ShouldBe(2);
        events.Of("task.expanded", "each").ShouldHaveSingleItem().Data().GetProperty("items").ToString().ShouldBe("[1,2,3]");
        events.Of("task.completed").Last().Text("task").ShouldBe("each", "it ends with the last of them");
    }

    [Fact(DisplayName = "L09 a thousand items complete, are counted and reported")]
    public async Task Thousand()
    {
        await using var box = new Sandbox();
        var (finished, json) = await box.RunJsonAsync(box.Workflow($$$"""
            name: thousand
            tasks:
              - {id: each, foreach: [{{{string.Join(", ", Enumerable.Range(0, 1000))}}}], noop: true}
              - {id: after, depends_on: [each], if: "${{ tasks.each.outputs.completed == 1000 }}", noop: true}
            """));
        finished.Exits(0);
        json.Fate("after").ShouldBe("completed");
        (json.Count("total"), json.Count("completed")).ShouldBe((1002, 1002));
        var events = await box.EventsAsync(json.RunId());
        events.Select(e => e.GetProperty("seq").GetInt64()).ShouldBe(Enumerable.Range(1, events.Count).Select(n => (long)n));
        events.Of("task.completed").Select(e => e.Text("task")).ShouldBeUnique();
        events.Count(e => e.IsEnd()).ShouldBe(1);
    }

    [Fact(DisplayName = "L10 items that are runs of a workflow with a fan-out of its own hand their results up")]
    public async Task Nested()
    {
        await using var box = new Sandbox();
        box.Workflow("""
            name: inner
            params: {base: {type: integer, required: true}}
            tasks:
              - {id: each, foreach: [1, 2], run: 'echo "v=$((${{ params.base }} + ${{ item }}))" >> "$ORCHESTRATOR_OUTPUT"'}
            outputs: {sum: "${{ number(tasks.each.outputs.results[0].v) + number(tasks.each.outputs.results[1].v) }}"}
            """, "inner.yaml");
        var (finished, json) = await box.RunJsonAsync(box.Workflow("""
            name: outer
            tasks:
              - {id: call, foreach: [10, 20, 30], workflow: inner, params: {base: "${{ item }}"}}
              - {id: after, depends_on: [call], env: {R: "${{ tasks.call.outputs.results[0].sum }} ${{ tasks.call.outputs.results[1].sum }} ${{ tasks.call.outputs.results[2].sum }}"}, run: 'echo "sums=$R" >> "$ORCHESTRATOR_OUTPUT"'}
            """, "outer.yaml"));
        finished.Exits(0);
        json.Output("after", "sums").GetString().ShouldBe("23 43 63");
        Enumerable.Range(0, 3).Select(n => json.Output($"call[{n}]", "run_id").GetString()).ShouldBeUnique();
        (await box.RunAsync("runs", "--json")).JsonLines().Count.ShouldBe(4);
    }
}
