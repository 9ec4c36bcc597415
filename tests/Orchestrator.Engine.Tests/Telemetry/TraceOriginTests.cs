using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Telemetry.Tracing;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Telemetry;

public sealed class TraceOriginTests
{
    private static readonly TraceStamp Caller = new("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "vendor=1");
    private static readonly TraceStamp Request = new("00-4bf92f3577b34da6a3ce929d0e0e4736-1111111111111111-01");
    private static readonly TraceStamp Silent = new("00-4bf92f3577b34da6a3ce929d0e0e4736-1111111111111111-00");
    private static readonly TraceStamp Alone = new("00-0af7651916cd43dd8448eb211c80319c-2222222222222222-01");

    public static TheoryData<string, TraceStamp?, TraceStamp?, TraceStamp?, string?> Table => new()
    {
        { "nobody asked by a request", null, null, null, null },
        { "a request without a context: the run is a root, linked to it", null, Alone, null, Alone.TraceParent },
        { "such a request that is not exported", null, Silent, null, null },
        { "a context and no request: environment of `run`", Caller, null, Caller, null },
        { "a context and the request's span in its trace", Caller, Request, Request, null },
        { "a context and a request that is not exported", Caller, Silent, Caller, null },
        { "a context that the web server did not understand", Caller, Alone, Caller, Alone.TraceParent },
        { "nonsense instead of a context", new("00-no"), Alone, null, Alone.TraceParent },
    };

    [Theory, MemberData(nameof(Table))]
    public void A_run_is_below_a_given_context_and_otherwise_linked_to_its_request(string why, TraceStamp? caller, TraceStamp? via, TraceStamp? parent, string? link)
    {
        TraceOrigin.ParentOf(caller, via).ShouldBe(parent, why);
        var links = TraceOrigin.Links([new("backfill", Caller.TraceParent)], caller, via);
        links[0].Type.ShouldBe("backfill");
        links.Skip(1).ShouldBe(link is null ? [] : [new TraceLink("trigger", link)], why);
    }

    [Fact]
    public void Without_links_there_is_no_list() => TraceOrigin.Links(default, Caller, Request).IsDefault.ShouldBeTrue();

    [Fact]
    public void A_repetition_is_linked_to_the_run_it_repeats_and_to_no_older_one()
    {
        var run = RunId.New(RunScript.Start, new byte[10]);
        var created = new WorkflowCreated { Workflow = "w", DefinitionVersion = "", Trace = Caller, Links = [new("retry_of", Alone.TraceParent), new("trigger", Request.TraceParent)] };
        TraceOrigin.Repeats(run, created).ShouldBe([
            new("retry_of", $"00-4bf92f3577b34da6a3ce929d0e0e4736-{TraceIds.SpanId(run, TraceIds.Run)}-01"), new("trigger", Request.TraceParent)]);
    }
}
