using Orchestrator.Engine.Scheduling;
using Shouldly;
using Xunit;
using static Orchestrator.Engine.Tests.Scheduling.SchedulingBench;

namespace Orchestrator.Engine.Tests.Scheduling;

public sealed class AlarmBookTests
{
    private readonly AlarmBook _book = new();

    [Fact]
    public void Alarms_are_taken_in_the_order_of_their_instants_and_those_of_one_instant_as_they_were_set()
    {
        Set("late", "02:00");
        Set("b", "01:00");
        Set("a", "01:00");
        Set("early", "00:30");
        _book.Next.ShouldBe(At("2026-01-01T00:30:00Z"));
        Taken("01:00").ShouldBe(["early", "b", "a"]);
        _book.Next.ShouldBe(At("2026-01-01T02:00:00Z"));
    }

    [Fact]
    public void What_is_due_a_moment_later_is_left_and_what_was_taken_is_gone()
    {
        _book.Set(new("a", default), At("2026-01-01T01:00:00.0000001Z"));
        Taken("01:00").ShouldBeEmpty();
        Taken("01:01").ShouldBe(["a"]);
        Taken("01:01").ShouldBeEmpty();
        _book.Next.ShouldBeNull();
    }

    [Fact]
    public void An_alarm_takes_the_place_of_the_earlier_one_of_its_schedule_and_kind()
    {
        Set("a", "01:00");
        Set("a", "03:00");
        _book.Set(new("a", default, IsRetry: true), At("2026-01-01T02:00:00Z"));
        Taken("02:30").ShouldBe(["a again"]);
        Taken("03:00").ShouldBe(["a"]);
    }

    [Fact]
    public void A_void_alarm_does_not_ring_and_those_of_others_stay()
    {
        Set("a", "01:00");
        Set("b", "01:00");
        _book.Remove(new("a", default, IsRetry: true));
        _book.Remove(new("b", default));
        Taken("01:00").ShouldBe(["a"]);
    }

    private void Set(string key, string time) => _book.Set(new(key, default), At($"2026-01-01T{time}:00Z"));

    private IEnumerable<string> Taken(string time) => _book.TakeDue(At($"2026-01-01T{time}:00Z")).Select(a => a.IsRetry ? $"{a.Key} again" : a.Key);
}
