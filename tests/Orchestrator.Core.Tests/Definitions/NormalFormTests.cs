using System.Text;
using Orchestrator.Core.Definitions;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Definitions;

public sealed class NormalFormTests
{
    [Fact]
    public void A_minimal_workflow_is_written_without_a_single_default()
    {
        var workflow = Yaml.Valid("name: a\ntasks: [{id: x, run: echo}]");
        Encoding.UTF8.GetString(DefinitionJson.Write(workflow)).ShouldBe("""{"name":"a","tasks":[{"id":"x","action":{"kind":"run","command":"echo"}}]}""");
    }

    [Fact]
    public void What_is_left_out_reads_back_as_its_default()
    {
        var read = DefinitionJson.Read(DefinitionJson.Write(Yaml.Valid("name: a\ntasks: [{id: x, noop: true, retry: {}}]\nparams: {p: }\nschedules: [{id: s, cron: '@daily'}]\ndefaults: {timeout: 5m}")));
        read.Tenant.ShouldBe("default");
        read.FailFast.ShouldBeTrue();
        read.MaxWorkerLosses.ShouldBe(3);
        read.Stages.IsDefault.ShouldBeFalse();
        read.Env.ShouldBeEmpty();
        var task = read.Tasks.ShouldHaveSingleItem();
        task.Idempotent.ShouldBeTrue();
        task.DependsOn.IsDefault.ShouldBeFalse();
        task.Timeout.ShouldBe(TimeSpan.FromMinutes(5));
        task.Retry.ShouldNotBeNull().MaxAttempts.ShouldBe(3);
        task.Retry!.OnKinds.ShouldBeEmpty();
        read.Schedules[0].Timezone.ShouldBe("UTC");
        read.Schedules[0].Enabled.ShouldBeTrue();
        read.Params[0].Values.ShouldBeEmpty();
        read.Defaults!.Env.ShouldBeEmpty();
    }

    [Fact]
    public void Values_that_differ_from_a_true_default_are_kept()
    {
        var read = DefinitionJson.Read(DefinitionJson.Write(Yaml.Valid("name: a\nfail_fast: false\nmax_worker_losses: 0\ntasks: [{id: x, noop: true, idempotent: false}]")));
        read.FailFast.ShouldBeFalse();
        read.MaxWorkerLosses.ShouldBe(0);
        read.Tasks[0].Idempotent.ShouldBeFalse();
    }

    [Fact]
    public void Order_of_keys_quotes_comments_and_places_do_not_change_the_version()
    {
        var one = Yaml.Valid("name: a\nenv: {B: 2, A: 1}\ntasks:\n  - {id: x, run: echo, timeout: 90s}\n");
        var other = Yaml.Valid("# remark\n\ntasks:\n  - run: \"echo\"\n    timeout: 1m30s\n    id: 'x'\nenv:\n  A: \"1\"\n  B: \"2\"\nname: a\n");
        DefinitionJson.Version(other).ShouldBe(DefinitionJson.Version(one));
        DefinitionJson.Version(one).Length.ShouldBe(64);
        DefinitionJson.Version(one with { Description = "b" }).ShouldNotBe(DefinitionJson.Version(one));
    }

    [Theory]
    [InlineData("", "", null)]
    [InlineData("", "propagate: context+baggage", TracePropagation.ContextPlusBaggage)]
    [InlineData("propagate: none", "", TracePropagation.None)]
    [InlineData("propagate: none", "propagate: context+baggage", TracePropagation.ContextPlusBaggage)]
    [InlineData("", "propagate: context", TracePropagation.Context)]
    public void What_of_the_trace_is_passed_on_is_the_tasks_word_then_the_defaults_and_what_was_always_done_changes_no_version(string defaults, string task, TracePropagation? expected)
    {
        var text = $"name: a\n{(defaults.Length > 0 ? $"defaults: {{{defaults}}}\n" : "")}tasks: [{{id: x, noop: true{(task.Length > 0 ? ", " : "")}{task}}}]";
        var definition = Yaml.Valid(text);
        definition.Tasks[0].Propagate.ShouldBe(expected);
        DefinitionJson.Read(DefinitionJson.Write(definition)).Tasks[0].Propagate.ShouldBe(expected);
        if (expected is null) DefinitionJson.Write(definition).ShouldBe(DefinitionJson.Write(Yaml.Valid("name: a\ntasks: [{id: x, noop: true}]")));
    }

    [Fact]
    public void A_word_for_propagation_that_is_none_is_a_problem_with_a_suggestion()
    {
        var problem = Yaml.Problems("name: a\ntasks: [{id: x, noop: true, propagate: context-baggage}]").ShouldHaveSingleItem();
        problem.ShouldContain("context+baggage");
    }
}
