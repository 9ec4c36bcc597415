using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Runs;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Lifecycle;

/// <summary>Ids of events: the same at any time, another for any other place.</summary>
public sealed class EventIdsTests
{
    [Fact]
    public void Events_of_streams_that_every_installation_has_bear_ids_of_their_installation()
    {
        StreamId[] streams = [StreamId.Schedule("nightly", "two"), StreamId.Schedule("nightly", new string('x', 300)), StreamId.Node("host-1")];
        string?[] installations = [null, "0b5f7f5e-7d55-4d1c-9a25-0d0a8f4f9a11", "d3b07384-d9a0-4c9b-8f5e-1f0b7c1c2a33"];
        var ids = streams.SelectMany(s => installations.SelectMany(i => Enumerable.Range(1, 3).Select(seq => EventIds.OfSystem(s, seq, i)))).ToList();
        ids.ShouldBeUnique();
        ids.ShouldAllBe(id => id.Version == 8);
        EventIds.OfSystem(streams[0], 1, installations[1]).ShouldBe(EventIds.OfSystem(StreamId.Schedule("nightly", "two"), 1, installations[1]));
        EventIds.OfSystem(streams[0], 1, null).ShouldBe(EventIds.Of(streams[0], 1), "where there is no installation's id, ids are what they were");
    }
}
