using System.Text.Json;
using Orchestrator.Conformance.Harness;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>Words that people bring from other systems: they work, or the error says what to write here.</summary>
public sealed class WordCases
{
    private static string Log(JsonElement json, string task) => File.ReadAllText(Path.Combine(json.GetProperty("report_dir").GetString()!, $"logs/{task}.1.log")).TrimEnd('\n');

    [Fact(DisplayName = "LW01 matrix takes include and exclude")]
    public async Task Matrix()
    {
        await using var box = new Sandbox();
        var (finished, json) = await box.RunJsonAsync(box.Workflow("""
            name: grid
            tasks:
              - id: t
                matrix:
                  os: [linux, mac]
                  py: [3.9, 3.10]
                  exclude: [{os: mac, py: 3.9}]
                  include: [{os: linux, image: debian}, {os: bsd, py: 3.11}]
                exec: [echo, "${{ matrix.os }} ${{ matrix.py }} ${{ default(matrix.image, '-') }}"]
            """));
        finished.Exits(0);
        Enumerable.Range(0, 4).Select(n => Log(json, $"t[{n}]")).ShouldBe(["linux 3.9 debian", "linux 3.10 debian", "mac 3.10 -", "bsd 3.11 -"]);
    }

    [Fact(DisplayName = "LW02 merge keys and x- holders work")]
    public async Task Merge()
    {
        await using var box = new Sandbox();
        var (finished, json) = await box.RunJsonAsync(box.Workflow("""
            name: merged
            x-env: &env {A: one, B: two}
            x-task: &task
              run: echo "$A $B $C"
              env: {<<: *env, B: own, C: three}
            tasks:
              - {id: a, <<: *task}
              - {id: b, <<: *task, run: 'echo "$C"'}
            """));
        finished.Exits(0);
        (Log(json, "a"), Log(json, "b")).ShouldBe(("one own three", "three"));
    }

    [Fact(DisplayName = "LW03 a file may hold a workflow and those its tasks call; each document is judged by itself")]
    public async Task Documents()
    {
        await using var box = new Sandbox();
        const string text = """
            name: parent
            tasks: [{id: a, workflow: {name: child, params: {v: x}}}]
            ---
            name: child
            params: {v: {required: true}}
            outputs: {v: "${{ params.v }}!"}
            tasks: [{id: a, noop: true}]
            """;
        var flow = box.Workflow(text);
        (await box.RunAsync("validate", flow)).Exits(0).Output.ShouldContain("child");
        var (finished, json) = await box.RunJsonAsync(flow);
        finished.Exits(0);
        json.GetProperty("tasks").GetProperty("a").GetProperty("outputs").GetRawText().ShouldContain("x!");

        var broken = box.Workflow(text + "\n---\nname: third\ntasks: [{id: a}]\n", "broken.yaml");
        (await box.RunAsync("validate", broken)).Refuses(2, "broken.yaml:10:", "1 of 3 invalid");
        (await box.RunAsync("run", broken)).Refuses(2, "broken.yaml:10:");

        File.Delete(broken);
        File.Delete(flow);
        box.Write("workflows/all.yaml", text);
        box.Environment["Orchestrator__Workflows__Path"] = box.PathOf("workflows");
        await using var server = await Server.StartAsync(box);
        var run = await server.SubmitAsync("parent");
        (await server.EndOfAsync(run)).ShouldBe("completed");
    }

    [Fact(DisplayName = "LW04 keys of other systems are errors that say what to write here, without a list of all keys")]
    public async Task Foreign()
    {
        await using var box = new Sandbox();
        var flow = box.Workflow("""
            name: foreign
            steps: []
            env: {PATH: "/opt/bin:${PATH}"}
            tasks:
              - {id: a, run: "true", needs: [b], continue-on-error: true, retries: 2}
              - {id: b, command: make, when: always(), retryPolicy: {limit: 3}, depends: a}
            """);
        var said = (await box.RunAsync("validate", flow)).Refuses(2, "`tasks:`", "depends_on: [b]", "allow_failure: true", "retry: {retries: 2}", "run: make", "if: always()", "max_attempts: 3", "depends_on: [a]", "${PATH}").Output;
        said.ShouldNotContain("Known keys");
        (await box.RunAsync("validate", box.Workflow("name: x\ntasks:\n  build: {run: make}\n"))).Refuses(2, "- id: build");
    }

    [Theory(DisplayName = "LW05 what is not YAML is named at its line and column, in plain words")]
    [InlineData("name: x\ntasks:\n\t- id: a\n", "flow.yaml:3:1:", "tab")]
    [InlineData("name: x\ntasks:\n  - id: a\n    run: @a\n", "flow.yaml:4:10:", "quotes")]
    [InlineData("name: x\ndescription: a: b\n", "flow.yaml:2:", "quotes")]
    [InlineData("name: x\ntasks:\n  - {id: a, run: b\n", "flow.yaml:", "'}'")]
    public async Task Scanner(string text, string place, string word)
    {
        await using var box = new Sandbox();
        var said = (await box.RunAsync("validate", box.Workflow(text))).Refuses(2, place, word).Output;
        said.ShouldNotContain("While");
        said.ShouldNotContain("…");
    }

    [Fact(DisplayName = "LW06 expression errors show their expression and a remedy")]
    public async Task Expressions()
    {
        await using var box = new Sandbox();
        var flow = box.Workflow("""
            name: x
            params: {day: 1}
            tasks:
              - {id: a, noop: true, if: "${{ params.dya == 1 }}"}
              - {id: b, exec: [echo, "${{ 1 + }}"]}
              - {id: c, noop: true, if: "${{ steps.a.ok }}"}
            """);
        (await box.RunAsync("validate", flow)).Refuses(2, "${{ params.dya == 1 }}: There is no parameter", "Did you mean 'day'?", "${{ 1 + }}: A value was expected", "tasks.ID.outputs.KEY");
    }

    [Fact(DisplayName = "LW07 a script with Windows line ends is named as such")]
    public async Task CarriageReturns()
    {
        await using var box = new Sandbox();
        File.WriteAllText(box.PathOf("sh.sh"), "#!/bin/sh\r\necho hi\r\n");
        File.WriteAllText(box.PathOf("env.sh"), "#!/usr/bin/env sh\r\necho hi\r\n");
        foreach (var file in (string[])["sh.sh", "env.sh"]) File.SetUnixFileMode(box.PathOf(file), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var (finished, json) = await box.RunJsonAsync(box.Workflow("""
            name: ends
            fail_fast: false
            tasks:
              - {id: a, exec: [./sh.sh]}
              - {id: b, exec: [./env.sh]}
              - {id: c, run: ./sh.sh}
            """));
        finished.Exits(1);
        foreach (var task in (string[])["a", "b", "c"]) json.GetProperty("tasks").GetProperty(task).GetProperty("error").GetString().ShouldNotBeNull().ShouldContain("carriage return (CRLF)", Case.Sensitive, task);
    }
}
