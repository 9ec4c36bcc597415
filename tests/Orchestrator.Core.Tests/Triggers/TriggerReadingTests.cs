using System.Text;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Triggers;
using Orchestrator.Core.Triggers.Http;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Triggers;

public sealed class TriggerReadingTests
{
    private static readonly DateTimeOffset Now = TriggerBench.Start;

    [Fact]
    public void A_trigger_is_read_whole_and_survives_its_normal_form()
    {
        var workflow = Read("{id: pushed, enabled: false, delivery_id: '${{ trigger.body.id }}', http: {auth: github, secret: HOOK, header: X-Sig, max_body: 64KiB, rate: 2.5, burst: 5}, params: {day: '${{ trigger.body.day }}', list: ['a', '${{ trigger.kind }}']}}").Workflow!;
        var trigger = workflow.Triggers.ShouldHaveSingleItem();
        trigger.Id.ShouldBe("pushed");
        trigger.Enabled.ShouldBeFalse();
        trigger.Http.ShouldBe(new() { Auth = TriggerAuth.Github, Secret = "HOOK", Header = "X-Sig", MaxBody = 65_536, Rate = 2.5, Burst = 5 });
        var again = DefinitionJson.Read(DefinitionJson.Write(workflow)).Triggers.ShouldHaveSingleItem();
        again.Http.ShouldBe(trigger.Http);
        again.DeliveryId.ShouldBe(trigger.DeliveryId);
        again.Params["list"].GetRawText().ShouldBe(trigger.Params["list"].GetRawText());
    }

    [Theory]
    [InlineData("{id: a, http: {secret: NONE}}", "ORC202", "does not declare")]
    [InlineData("{id: a, http: {}}", "ORC112", "has no `secret`")]
    [InlineData("{id: a}", "ORC112", "does not say what starts a run")]
    [InlineData("{http: {secret: HOOK}}", "ORC112", "has no `id`")]
    [InlineData("{id: 'a b', http: {secret: HOOK}}", "ORC113", "is not a trigger id")]
    [InlineData("{id: a, http: {secret: HOOK, auth: gitlab}}", "ORC113", "auth")]
    [InlineData("{id: a, http: {secret: HOOK, header: 'X Y', auth: token}}", "ORC113", "cannot be a header")]
    [InlineData("{id: a, http: {secret: HOOK, header: X-Sig}}", "ORC115", "has no meaning for hmac")]
    [InlineData("{id: a, http: {secret: HOOK, auth: token, window: 1m}}", "ORC115", "no time is signed")]
    [InlineData("{id: a, http: {secret: HOOK, window: 2d}}", "ORC113", "window")]
    [InlineData("{id: a, http: {secret: HOOK, max_body: 1GiB}}", "ORC113", "max_body")]
    [InlineData("{id: a, http: {secret: HOOK, rate: 0}}", "ORC113", "rate")]
    [InlineData("{id: a, http: {secret: HOOK}, params: {nope: 1}}", "ORC126", "declares no parameter 'nope'")]
    [InlineData("{id: a, http: {secret: HOOK}, params: {day: [1]}}", "ORC113", "must be")]
    [InlineData("{id: a, http: {secret: HOOK}, params: {text: '${{ secrets.HOOK }}'}}", "ORC204", "before there is a run")]
    [InlineData("{id: a, http: {secret: HOOK}, params: {text: '${{ params.day }}'}}", "ORC204", "before there is a run")]
    [InlineData("{id: a, http: {secret: HOOK}, params: {text: '${{ trigger.body }'}}", "ORC201", "")]
    [InlineData("{id: a, http: {secret: HOOK}, unknown: 1}", "ORC110", "is not a key of a trigger")]
    [InlineData("{id: a, http: {secret: HOOK}, debounce: 5s, batch: {max: 2, within: 1s}}", "ORC115", "both `debounce` and `batch`")]
    [InlineData("{id: a, http: {secret: HOOK}, debounce: {longest: 1m}}", "ORC112", "quiet")]
    [InlineData("{id: a, http: {secret: HOOK}, debounce: {quiet: 1m, longest: 1s}}", "ORC115", "shorter than `quiet`")]
    [InlineData("{id: a, http: {secret: HOOK}, debounce: soon}", "ORC113", "not a duration")]
    [InlineData("{id: a, http: {secret: HOOK}, batch: {max: 1, within: 1s}}", "ORC113", "max")]
    [InlineData("{id: a, http: {secret: HOOK}, batch: 5}", "ORC111", "batch")]
    [InlineData("{id: a, http: {secret: HOOK}, workflow: load}", "ORC115", "both `http` and `workflow`")]
    [InlineData("{id: a, workflow: w}", "ORC115", "by its own end")]
    [InlineData("{id: a, workflow: 'a b'}", "ORC113", "is not a workflow name")]
    [InlineData("{id: a, workflow: {status: failed}}", "ORC112", "name")]
    [InlineData("{id: a, workflow: {name: load, status: running}}", "ORC113", "which is not an end status")]
    [InlineData("{id: a, workflow: {name: load, status: done}}", "ORC113", "status")]
    [InlineData("{id: a, workflow: [load]}", "ORC111", "workflow")]
    [InlineData("{id: a, event: ''}", "ORC113", "not a pattern")]
    [InlineData("{id: a, event: 'a b'}", "ORC113", "not a pattern")]
    [InlineData("{id: a, event: [x]}", "ORC111", "event")]
    [InlineData("{id: a, event: {source: x}}", "ORC112", "type")]
    [InlineData("{id: a, event: {type: x, source: 'a b'}}", "ORC113", "`source`")]
    [InlineData("{id: a, event: {type: x, subject: ''}}", "ORC113", "`subject`")]
    [InlineData("{id: a, event: {type: x, sorce: y}}", "ORC110", "sorce")]
    [InlineData("{id: a, event: trigger.fired}", "ORC115", "cannot start runs")]
    [InlineData("{id: a, event: x, http: {secret: HOOK}}", "ORC115", "both")]
    [InlineData("{id: a, files: ''}", "ORC113", "is blank")]
    [InlineData("{id: a, files: inbox/}", "ORC113", "names a folder")]
    [InlineData("{id: a, files: 'in*/../x'}", "ORC113", "cannot follow a wildcard")]
    [InlineData("{id: a, files: 'inbox/**'}", "ORC113", "any folders")]
    [InlineData("{id: a, files: '**/a/**/a/**/a/**/a/**/a'}", "ORC113", "more than 4 times")]
    [InlineData("{id: a, files: [x]}", "ORC111", "files")]
    [InlineData("{id: a, files: {stable: 1s}}", "ORC112", "path")]
    [InlineData("{id: a, files: {path: x, stable: 2d}}", "ORC113", "stable")]
    [InlineData("{id: a, files: {path: x, interval: 0s}}", "ORC113", "interval")]
    [InlineData("{id: a, files: {path: x, once_per: name}}", "ORC113", "once_per")]
    [InlineData("{id: a, files: {path: x, glob: y}}", "ORC110", "glob")]
    [InlineData("pushed", "ORC111", "must be a map")]
    public void What_cannot_be_meant_is_refused_where_it_stands(string trigger, string code, string words)
    {
        var problems = Read(trigger).Problems;
        problems.ShouldContain(p => p.Code == code && p.Message.Contains(words, StringComparison.Ordinal), string.Join('\n', problems.Select(p => p.ToString())));
        problems.ShouldAllBe(p => p.At.Line == 4);
    }

    [Fact]
    public void Waiting_is_read_as_a_duration_or_a_map()
    {
        Read("{id: a, http: {secret: HOOK}, debounce: 5s}").Workflow!.Triggers[0].Policy.ShouldBe(new TriggerPolicy.Debounce(TimeSpan.FromSeconds(5), null));
        Read("{id: a, http: {secret: HOOK}, debounce: {quiet: 5s, longest: 1m}}").Workflow!.Triggers[0].Policy.ShouldBe(new TriggerPolicy.Debounce(TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(1)));
        Read("{id: a, http: {secret: HOOK}, batch: {max: 10, within: 1m}}").Workflow!.Triggers[0].Policy.ShouldBe(new TriggerPolicy.Batch(10, TimeSpan.FromMinutes(1)));
        Read("{id: a, http: {secret: HOOK}}").Workflow!.Triggers[0].Policy.ShouldBe(TriggerPolicy.Each);
    }

    [Theory]
    [InlineData("event: com.acme.order.*", "com.acme.order.placed", "/shop", null, true)]
    [InlineData("event: com.acme.order.*", "com.acme.orders", "/shop", null, false)]
    [InlineData("event: {type: [task.failed, '*.overdue']}", "schedule.overdue", "scheduler.nightly", null, true)]
    [InlineData("event: {type: task.failed, source: orchestrator.load*}", "task.failed", "orchestrator.load-eu", "check", true)]
    [InlineData("event: {type: task.failed, source: orchestrator.load*}", "task.failed", "orchestrator.check", "load", false)]
    [InlineData("event: {type: task.failed, subject: 'load-?'}", "task.failed", "x", "load-1", true)]
    [InlineData("event: {type: task.failed, subject: 'load-?'}", "task.failed", "x", null, false)]
    public void An_event_fits_by_type_source_and_subject_also_behind_the_normal_form(string rule, string type, string source, string? subject, bool fits)
    {
        var workflow = Read($"{{id: a, {rule}}}").Workflow!;
        workflow.Triggers[0].Event!.Fits(type, source, subject).ShouldBe(fits);
        DefinitionJson.Read(DefinitionJson.Write(workflow)).Triggers[0].Event!.Fits(type, source, subject).ShouldBe(fits);
        workflow.Triggers[0].Source.ShouldBe(TriggerSource.Event);
    }

    [Fact]
    public void Two_triggers_of_one_id_are_refused() =>
        Read("{id: a, http: {secret: HOOK}}, {id: a, http: {secret: HOOK}}").Problems.ShouldHaveSingleItem().Code.ShouldBe(ProblemCodes.DuplicateName);

    [Fact]
    public void A_required_parameter_that_a_trigger_does_not_give_is_told_at_once() =>
        Yaml("name: w\nsecrets: {HOOK: {env: HOOK}}\nparams: {day: {type: date, required: true}}\ntriggers: [{id: a, http: {secret: HOOK}}]\ntasks: [{id: a, noop: true}]\n")
            .Problems.ShouldHaveSingleItem().Message.ShouldContain("gives no value for parameter 'day'");

    [Fact]
    public void A_delivery_is_not_seen_by_tasks() =>
        Yaml("name: w\ntasks: [{id: a, run: 'echo ${{ trigger.body }}'}]\n").Problems.ShouldHaveSingleItem().Message.ShouldContain("a value only in `triggers`");

    [Fact]
    public void Parameters_are_made_of_what_the_delivery_says()
    {
        var binding = Binding("{id: a, http: {secret: HOOK}, params: {day: '${{ trigger.body.day }}', text: 'by ${{ trigger.headers[\"x-event\"] }} of ${{ trigger.kind }}', list: '${{ trigger.body.files }}'}}", out var trigger);
        var request = new HttpRequestFacts(new Dictionary<string, string> { ["x-event"] = "push", ["authorization"] = "Bearer hunter2", ["x-hub-signature-256"] = "hunter2" },
            Encoding.UTF8.GetBytes("""{"day":"2026-01-31","files":["a","b"]}"""));
        var facts = TriggerDecisions.Facts([request.ToFacts(trigger, "d-1", Now, request.ReadBody()!.Value)]);
        facts.GetRawText().ShouldNotContain("hunter2");
        var bound = binding.Bind(facts, Now);
        bound.Error.ShouldBeNull();
        bound.Values["day"].GetString().ShouldBe("2026-01-31");
        bound.Values["text"].GetString().ShouldBe("by push of http");
        bound.Values["list"].GetRawText().ShouldBe("""["a","b"]""");
    }

    [Theory]
    [InlineData("""{"day":"tomorrow"}""", "takes a date")]
    [InlineData("""{"dya":"2026-01-31"}""", "day")]
    [InlineData("""[]""", "")]
    [InlineData("""null""", "")]
    public void A_delivery_that_gives_no_usable_parameters_says_why(string body, string words)
    {
        var binding = Binding("{id: a, http: {secret: HOOK}, params: {day: '${{ trigger.body.day }}'}}", out _);
        binding.Bind(JsonElement.Parse($"{{\"body\":{body}}}"), Now).Error.ShouldNotBeNull().ShouldContain(words);
    }

    [Fact]
    public void Bodies_are_JSON_or_text_and_nothing_else()
    {
        HttpRequestFacts Of(ReadOnlySpan<byte> body) => new(new Dictionary<string, string>(), body.ToArray());
        Of("{\"a\":1}"u8).ReadBody()!.Value.GetProperty("a").GetInt32().ShouldBe(1);
        Of("a=1&b=2"u8).ReadBody()!.Value.GetString().ShouldBe("a=1&b=2");
        Of(""u8).ReadBody()!.Value.ValueKind.ShouldBe(JsonValueKind.Null);
        Of([0xff, 0xfe, 0x00]).ReadBody().ShouldBeNull();
        Of(Encoding.UTF8.GetBytes(new string('[', 100) + new string(']', 100))).ReadBody().ShouldBeNull();
        Of("\"\\ud800\""u8).ReadBody().ShouldBeNull();
    }

    private static TriggerBinding Binding(string trigger, out TriggerDefinition definition)
    {
        var workflow = Read(trigger).Workflow!;
        return new(workflow, definition = workflow.Triggers[0]);
    }

    private static ReadResult Read(string triggers) => Yaml(
        $"name: w\nsecrets: {{HOOK: {{env: HOOK}}}}\nparams: {{day: {{type: date}}, text: {{type: string, default: ''}}, list: {{type: list, default: []}}}}\ntriggers: [{triggers}]\ntasks: [{{id: a, noop: true}}]\n");

    private static ReadResult Yaml(string text) => DefinitionReader.Read(text, "w.yaml");
}
