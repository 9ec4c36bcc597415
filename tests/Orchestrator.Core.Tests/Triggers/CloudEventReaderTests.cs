using System.Text;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Triggers.Events;
using Orchestrator.Core.Triggers.Http;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Triggers;

public sealed class CloudEventReaderTests
{
    private const string Structured = "application/cloudevents+json; charset=utf-8";
    private const string Order = """{"specversion":"1.0","id":"A-7","source":"/shop","type":"com.acme.order.placed","subject":"7","time":"2026-01-31T08:30:00.5+02:00","datacontenttype":"application/json","data":{"x":[1]},"region":"eu","weight":3}""";

    [Fact]
    public void A_structured_event_says_everything_itself()
    {
        var read = One(Structured, Order);
        (read.Id, read.Source, read.Type, read.Subject, read.Time).ShouldBe(("A-7", "/shop", "com.acme.order.placed", "7", "2026-01-31T08:30:00.5+02:00"));
        read.DeliveryId.ShouldBe("/shop A-7");
        var facts = read.ToFacts("placed", read.DeliveryId, TriggerBench.Start).GetProperty("event");
        facts.GetProperty("data").GetProperty("x")[0].GetInt32().ShouldBe(1);
        facts.GetProperty("region").GetString().ShouldBe("eu");
        facts.GetProperty("weight").GetInt32().ShouldBe(3);
    }

    [Fact]
    public void A_binary_event_has_its_attributes_in_headers_and_its_data_as_body()
    {
        (string, string)[] headers = [("ce-specversion", "1.0"), ("ce-id", "A-7"), ("ce-source", "/shop"), ("ce-type", "placed"), ("ce-subject", "K%C3%A4se"), ("ce-traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")];
        var json = One("application/json", """{"x":1}""", headers);
        json.Data!.Value.GetProperty("x").GetInt32().ShouldBe(1);
        (json.Subject, json.DataContentType, json.Trace!.TraceParent).ShouldBe(("Käse", "application/json", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
        One("text/plain", "hello", headers).Data!.Value.GetString().ShouldBe("hello");
        var bytes = One("image/png", "\u0001", headers);
        (bytes.Data, bytes.DataBase64).ShouldBe((null, "AQ=="));
        One(null, "", headers).Data.ShouldBeNull();
    }

    [Fact]
    public void A_batch_is_a_list_of_events()
    {
        var read = Read("application/cloudevents-batch+json", $"[{Order},{Order.Replace("A-7", "A-8", StringComparison.Ordinal)}]");
        read.Events.Select(e => e.Id).ShouldBe(["A-7", "A-8"]);
        Read("application/cloudevents-batch+json", "[]").ShouldSatisfyAllConditions(r => r.Events.ShouldBeEmpty(), r => r.Problems.ShouldBeEmpty());
    }

    [Fact]
    public void Plain_JSON_needs_only_a_type()
    {
        var read = One("application/json", """{"type":"ping"}""");
        (read.Id, read.Source).ShouldBe(("made", "api"));
        One("application/json", """{"type":"ping"}""", ("idempotency-key", "k-1")).Id.ShouldBe("k-1");
        One("application/json", """{"type":"ping","id":"a","source":"b","data":null}""").Data!.Value.ValueKind.ShouldBe(JsonValueKind.Null);
        One("application/json", Order).Id.ShouldBe("A-7");
    }

    [Theory]
    [InlineData(Structured, """{"id":"a","source":"b","type":"c"}""", "'specversion' is missing")]
    [InlineData(Structured, """{"specversion":"0.3","id":"a","source":"b","type":"c"}""", "only 1.0 is supported")]
    [InlineData(Structured, """{"specversion":"1.0","source":"b","type":"c"}""", "'id' is missing")]
    [InlineData(Structured, """{"specversion":"1.0","id":"","source":"b","type":"c"}""", "'id' has 1 to 1000 characters")]
    [InlineData(Structured, """{"specversion":"1.0","id":7,"source":"b","type":"c"}""", "'id' must be a text")]
    [InlineData(Structured, """{"specversion":"1.0","id":"a","source":"b c","type":"c"}""", "'source' is 'b c': it cannot have spaces")]
    [InlineData(Structured, """{"specversion":"1.0","id":"a","source":"orchestrator.load","type":"task.failed"}""", "kept for events of this program")]
    [InlineData(Structured, """{"specversion":"1.0","id":"a","source":"b","type":"c","time":"today"}""", "'time' is 'today'")]
    [InlineData(Structured, """{"specversion":"1.0","id":"a","source":"b","type":"c","time":"2026-01-31 08:30"}""", "'time'")]
    [InlineData(Structured, """{"specversion":"1.0","id":"a","source":"b","type":"c","data":1,"data_base64":"AQ=="}""", "not both")]
    [InlineData(Structured, """{"specversion":"1.0","id":"a","source":"b","type":"c","data_base64":"?"}""", "not base64")]
    [InlineData(Structured, """{"specversion":"1.0","id":"a","source":"b","type":"c","Data":1}""", "Did you mean 'data'?")]
    [InlineData(Structured, """{"specversion":"1.0","id":"a","source":"b","type":"c","payload":{}}""", "belongs in 'data'")]
    [InlineData(Structured, "[]", "cloudevents-batch")]
    [InlineData(Structured, "7", "An event is an object")]
    [InlineData(Structured, "", "The body is empty")]
    [InlineData(Structured, "{", "not valid JSON at line 1")]
    [InlineData("application/cloudevents-batch+json", """[{"specversion":"1.0","id":"a","source":"b","type":"c"},{}]""", "Event 1: 'id' is missing")]
    [InlineData("application/cloudevents-batch+json", "{}", "A batch is a list")]
    [InlineData("application/json", "{}", "'type' is missing")]
    [InlineData("application/json", """{"type":"a\u0000b"}""", "no control characters")]
    [InlineData("application/cloudevents+avro", "x", "is not supported")]
    [InlineData("text/plain", "x", "Send application/cloudevents+json")]
    [InlineData(null, "x", "Send application/cloudevents+json")]
    public void What_is_no_event_is_told(string? type, string body, string words)
    {
        var read = Read(type, body);
        read.Events.ShouldBeEmpty();
        read.Problems.ShouldContain(p => p.Contains(words, StringComparison.Ordinal), string.Join('\n', read.Problems));
    }

    [Fact]
    public void Binary_events_are_checked_as_others_are()
    {
        Read("application/json", "{", ("ce-specversion", "1.0"), ("ce-id", "a"), ("ce-source", "b"), ("ce-type", "c")).Problems.ShouldHaveSingleItem().ShouldContain("not valid JSON");
        Read("application/json", "{}", ("ce-specversion", "1.0"), ("ce-id", "a"), ("ce-source", "b")).Problems.ShouldHaveSingleItem().ShouldBe("'type' is missing.");
        Read("application/json", "{}", ("ce-specversion", "1.0"), ("ce-id", "a"), ("ce-source", "b"), ("ce-type", "c"), ("ce-my-thing", "d")).Problems.ShouldHaveSingleItem().ShouldContain("'ce-my-thing'");
    }

    [Fact]
    public void Bounds_hold()
    {
        var deep = new string('[', 65) + new string(']', 65);
        Read("application/json", $$"""{"type":"a","data":{{deep}}}""").Problems.ShouldHaveSingleItem().ShouldContain("64 levels");
        Read("application/json", $$"""{"type":"a","data":{{deep[1..^1]}}}""").Problems.ShouldBeEmpty();
        Read("application/cloudevents-batch+json", $"[{string.Join(',', Enumerable.Repeat(Order, 101))}]").Problems.ShouldHaveSingleItem().ShouldContain("100 are allowed");
        Read("application/json", $$"""{"type":"{{new string('x', 201)}}"}""").Problems.ShouldHaveSingleItem().ShouldContain("'type' has 1 to 200");
    }

    [Fact]
    public void No_two_events_share_a_delivery()
    {
        new CloudEvent("b c", "a", "t").DeliveryId.ShouldBe("a b c");   // a source has no space
        var longer = new CloudEvent(new string('x', 300), "a", "t").DeliveryId;
        longer.ShouldStartWith("sha256:");
        new CloudEvent(new string('x', 301), "a", "t").DeliveryId.ShouldNotBe(longer);
    }

    [Theory]
    [InlineData("", "", true)]
    [InlineData("*", "", true)]
    [InlineData("a*c*e", "abcde", true)]
    [InlineData("a*c*e", "abcd", false)]
    [InlineData("?", "", false)]
    [InlineData("a.b", "axb", false)]
    [InlineData("*.failed", "task.failed", true)]
    [InlineData("**a", "bca", true)]
    [InlineData(@"a\*", @"a\b", true)]
    public void Wildcards(string pattern, string text, bool fits) => Wildcard.Fits(pattern, text).ShouldBe(fits);

    [Fact]
    public void A_hostile_pattern_is_answered_at_once() =>
        Wildcard.Fits(string.Concat(Enumerable.Repeat("*a", 100)), new string('a', 1000) + "b").ShouldBeFalse();

    private static CloudEvent One(string? type, string body, params (string, string)[] headers)
    {
        var read = Read(type, body, headers);
        read.Problems.ShouldBeEmpty();
        return read.Events.ShouldHaveSingleItem();
    }

    private static CloudEventsRead Read(string? type, string body, params (string Name, string Value)[] headers)
    {
        var all = headers.ToDictionary(h => h.Name, h => h.Value);
        if (type is not null) all["content-type"] = type;
        return CloudEventReader.Read(new HttpRequestFacts(all, Encoding.UTF8.GetBytes(body)), () => "made");
    }
}
