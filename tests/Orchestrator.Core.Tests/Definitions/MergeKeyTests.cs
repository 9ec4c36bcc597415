using Orchestrator.Core.Definitions;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Definitions;

/// <summary>Merge keys, holders and several documents.</summary>
public sealed class MergeKeyTests
{
    [Theory]
    [InlineData("{<<: *common, timeout: 5s}")]
    [InlineData("{timeout: 5s, <<: *common}")]
    [InlineData("{<<: [*common, *other], timeout: 5s}")]
    [InlineData("{<<: [*other2, *common], timeout: 5s}")]
    public void A_merge_key_takes_over_what_the_map_does_not_say_itself(string task)
    {
        var workflow = Yaml.Valid($$"""
            name: a
            x-common: &common {timeout: 1h, retry: {max_attempts: 4}, env: {A: "1"} }
            x-other: &other {grace: 9s, env: {A: "2"} }
            x-other2: &other2 {grace: 9s}
            tasks:
              - {id: x, noop: true, <<: {{task}} }
            """);
        (workflow.Tasks[0].Timeout, workflow.Tasks[0].Retry!.MaxAttempts, workflow.Tasks[0].Env["A"]).ShouldBe((TimeSpan.FromSeconds(5), 4, "1"));
        workflow.Tasks[0].Grace.ShouldBe(task.Contains("other", StringComparison.Ordinal) ? TimeSpan.FromSeconds(9) : null);
    }

    [Fact]
    public void Holders_stand_in_any_map_of_keys_and_mean_nothing()
    {
        var plain = Yaml.Valid("name: a\ntasks: [{id: x, run: echo, retry: {max_attempts: 2}}]");
        var held = Yaml.Valid("name: a\nx-note: {any: [thing]}\ntasks: [{id: x, x-why: because, run: echo, retry: {x-y: 1, max_attempts: 2}}]");
        DefinitionJson.Version(held).ShouldBe(DefinitionJson.Version(plain));
    }

    [Theory]
    [InlineData("<<: 5", "merges maps")]
    [InlineData("<<: [5]", "merges maps")]
    [InlineData("\"<<\": {timeout: 5s}", "not a key")]
    public void What_is_no_map_cannot_be_merged(string entry, string words) => Yaml.Problems($"name: a\ntasks:\n  - id: x\n    noop: true\n    {entry}\n").ShouldHaveSingle(words);

    [Fact]
    public void A_file_may_hold_several_workflows_and_a_broken_one_spoils_no_other()
    {
        var all = DefinitionReader.ReadAll("# head\n---\nname: a\ntasks: [{id: x, workflow: b}]\n---\nname: b\ntasks: [{id: x}]\n---\nname: c\ntasks: [{id: x, noop: true}]\n---\n# nothing\n"u8, "w.yaml");
        all.Select(r => r.Workflow?.Name).ShouldBe(["a", null, "c"]);
        all[1].Problems.ShouldHaveSingleItem().At.Line.ShouldBe(7);
    }

    [Fact]
    public void Anchors_belong_to_their_document_and_two_workflows_need_two_names()
    {
        var all = DefinitionReader.ReadAll("name: a\nx-e: &e {A: b}\ntasks: [{id: x, noop: true}]\n---\nname: b\nenv: *e\ntasks: [{id: x, noop: true}]\n---\nname: a\ntasks: [{id: x, noop: true}]\n"u8, "w.yaml");
        all.Select(r => r.Workflow?.Name).ShouldBe(["a", null, null]);
        all[1].Problems.ShouldHaveSingleItem().Message.ShouldContain("&e");
        all[2].Problems.ShouldHaveSingleItem().Message.ShouldContain("twice");
    }

    [Fact]
    public void After_text_that_is_not_yaml_nothing_is_known()
    {
        var all = DefinitionReader.ReadAll("name: a\ntasks: [{id: x, noop: true}]\n---\nname: b\n\ttasks: []\n---\nname: c\ntasks: [{id: x, noop: true}]\n"u8, "w.yaml");
        all.Select(r => r.Workflow?.Name).ShouldBe(["a", null]);
        all[1].Problems.ShouldHaveSingleItem().ToString().ShouldStartWith("w.yaml:5:1: ORC101 This line is indented with a tab");
    }
}
