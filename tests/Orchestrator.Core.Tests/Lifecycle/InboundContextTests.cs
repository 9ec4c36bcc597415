using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Runs;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Lifecycle;

/// <summary>What W3C Trace Context makes of a caller's traceparent and tracestate.</summary>
public sealed class InboundContextTests
{
    private const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736", Span = "00f067aa0ba902b7", Ids = Trace + "-" + Span;

    [Theory]
    [InlineData("00-" + Ids + "-01", "01")]
    [InlineData("00-" + Ids + "-00", "00")]
    [InlineData("00-" + Ids + "-03", "01")]
    [InlineData("00-" + Ids + "-fe", "00")]
    [InlineData(" 00-" + Ids + "-01\t", "01")]
    [InlineData("01-" + Ids + "-01", "01")]
    [InlineData("01-" + Ids + "-01-", "01")]
    [InlineData("01-" + Ids + "-01-what-ever comes", "01")]
    [InlineData("cc-" + Ids + "-02-0af7651916cd43dd", "00")]
    [InlineData("fe-" + Ids + "-09-x", "01")]
    public void A_context_of_this_or_a_later_version_is_kept_as_version_00_with_the_flag_that_is_known(string given, string flags) =>
        TraceContexts.Inbound(given)!.TraceParent.ShouldBe($"00-{Ids}-{flags}");

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("garbage")]
    [InlineData("ff-" + Ids + "-01")]
    [InlineData("ff-" + Ids + "-01-more")]
    [InlineData("00-" + Ids + "-01-more")]
    [InlineData("00-" + Ids + "-01-")]
    [InlineData("01-" + Ids + "-01x")]
    [InlineData("01-" + Ids + "-01.more")]
    [InlineData("00-" + Ids + "-01,00-" + Ids + "-01")]
    [InlineData("01-" + Ids + "-01,01-" + Ids + "-01")]
    [InlineData("00-" + Ids + "-1")]
    [InlineData("00-" + Ids)]
    [InlineData("0-" + Ids + "-01")]
    [InlineData("0x-" + Ids + "-01")]
    [InlineData("0A-" + Ids + "-01")]
    [InlineData("00-" + Ids + "-0X")]
    [InlineData("00-" + Ids + "-0F")]
    [InlineData("00-4BF92F3577B34DA6A3CE929D0E0E4736-" + Span + "-01")]
    [InlineData("00-" + Trace + "-00F067AA0BA902B7-01")]
    [InlineData("00-00000000000000000000000000000000-" + Span + "-01")]
    [InlineData("00-" + Trace + "-0000000000000000-01")]
    [InlineData("00_" + Ids + "-01")]
    [InlineData("00-" + Trace + "_" + Span + "-01")]
    public void Anything_else_is_no_context(string? given)
    {
        TraceContexts.Inbound(given, "a=1").ShouldBeNull();
        TraceContexts.TryRead(given is null ? null : new TraceStamp(given), out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("", null)]
    [InlineData(" , ,", null)]
    [InlineData("a=1", "a=1")]
    [InlineData("a=1,b=2", "a=1,b=2")]
    [InlineData(" a=1 ,\tb=2,,", "a=1,b=2")]
    [InlineData("a= 1 2", "a= 1 2")]
    [InlineData("1a=x", "1a=x")]
    [InlineData("tenant@system=x", "tenant@system=x")]
    [InlineData("a_-*/0=!~+-.;:", "a_-*/0=!~+-.;:")]
    [InlineData("a", null)]
    [InlineData("=1", null)]
    [InlineData("a=", null)]
    [InlineData("A=1", null)]
    [InlineData("a b=1", null)]
    [InlineData("a=1=2", null)]
    [InlineData("a=\u00e9", null)]
    [InlineData("_a=1", null)]
    [InlineData("a@b@c=1", null)]
    [InlineData("a@=1", null)]
    [InlineData("a=1,a=2", null)]
    [InlineData("a=1,nonsense", null)]
    public void A_tracestate_that_breaks_a_rule_is_discarded_and_its_traceparent_is_not(string? given, string? kept)
    {
        var stamp = TraceContexts.Inbound($"00-{Ids}-01", given)!;
        stamp.TraceParent.ShouldBe($"00-{Ids}-01");
        stamp.TraceState.ShouldBe(kept);
    }

    [Fact]
    public void A_tracestate_has_at_most_32_members_of_bounded_length()
    {
        string? Kept(IEnumerable<string> members) => TraceContexts.Inbound($"00-{Ids}-01", string.Join(',', members))!.TraceState;
        Kept(Enumerable.Range(0, 32).Select(i => $"k{i}=v"))!.Split(',').Length.ShouldBe(32);
        Kept(Enumerable.Range(0, 33).Select(i => $"k{i}=v")).ShouldBeNull();
        Kept(["a=" + new string('v', 256)]).ShouldNotBeNull();
        Kept(["a=" + new string('v', 257)]).ShouldBeNull();
        Kept([new string('k', 256) + "=v"]).ShouldNotBeNull();
        Kept([new string('k', 257) + "=v"]).ShouldBeNull();
    }

    [Fact]
    public void A_long_tracestate_loses_whole_members_the_long_ones_first_and_then_the_last()
    {
        string Member(char key, int length) => $"{key}={new string('v', length - 2)}";
        string? Kept(params string[] members) => TraceContexts.Inbound($"00-{Ids}-01", string.Join(',', members))!.TraceState;
        Kept(Member('a', 100), Member('b', 200), Member('c', 100), Member('d', 120)).ShouldBe(string.Join(',', Member('a', 100), Member('c', 100), Member('d', 120)));
        Kept([.. "abcdef".Select(k => Member(k, 100))]).ShouldBe(string.Join(',', "abcde".Select(k => Member(k, 100))));
        Kept(Member('a', 200), Member('b', 200)).ShouldBe(string.Join(',', Member('a', 200), Member('b', 200)), "it is not too long");
    }

    [Fact]
    public void Baggage_that_is_too_long_is_not_kept()
    {
        TraceContexts.Inbound($"00-{Ids}-01", null, "a=1")!.Baggage.ShouldBe("a=1");
        TraceContexts.Inbound($"00-{Ids}-01", null, new string('b', 8193))!.Baggage.ShouldBeNull();
        TraceContexts.Inbound($"00-{Ids}-01", "", "")!.ShouldBe(new TraceStamp($"00-{Ids}-01"));
    }
}
