using Orchestrator.Core.Admission;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Admission;

public sealed class TurnBudgetTests
{
    private static readonly Dictionary<string, int> None = [];

    [Theory]
    [InlineData(0, 3, null, 3)]
    [InlineData(2, 3, null, 5)]
    [InlineData(2, 3, 4, 4)]      // its own max_parallel
    [InlineData(2, 0, null, 2)]   // in the place of one that ends
    [InlineData(2, -1, null, 1)]
    [InlineData(2, int.MinValue, null, 0)]
    [InlineData(int.MaxValue, int.MaxValue, null, int.MaxValue)]
    public void A_turn_starts_attempts_up_to_what_was_free_at_its_beginning(int running, int free, int? maxParallel, int most)
    {
        var budget = new TurnBudget(running, free, maxParallel, isDraining: false, None, freeInPool: null);
        if (most > 0) budget.HasSlot(most - 1).ShouldBeTrue();
        budget.HasSlot(most).ShouldBeFalse();
    }

    [Fact]
    public void A_worker_that_is_stopping_starts_nothing_however_much_is_free() => new TurnBudget(5, 100, null, isDraining: true, None, _ => 100).HasSlot(0).ShouldBeFalse();

    [Fact]
    public void A_slot_of_a_pool_is_given_out_once_although_the_count_of_free_ones_has_not_moved()
    {
        var budget = new TurnBudget(0, 10, null, isDraining: false, None, _ => 1);
        budget.HasRoom("db", 0).ShouldBeTrue();
        budget.HasRoom("db", 1).ShouldBeFalse();
        budget.HasRoom("db", 0).ShouldBeTrue("one that it held has ended");
        budget.HasRoom("other", 0).ShouldBeTrue();
    }

    [Fact]
    public void Slots_of_a_pool_that_others_give_back_in_the_meantime_are_for_the_next_turn()
    {
        var free = 0;
        var budget = new TurnBudget(2, 10, null, isDraining: false, new Dictionary<string, int> { ["db"] = 2 }, _ => free);
        budget.HasRoom("db", 2).ShouldBeFalse();
        free = 5;
        budget.HasRoom("db", 2).ShouldBeFalse();
        budget.HasRoom("db", 1).ShouldBeTrue();
    }

    [Fact]
    public void A_pool_that_is_used_beyond_its_size_has_room_only_after_enough_have_ended()
    {
        var budget = new TurnBudget(3, 10, null, isDraining: false, new Dictionary<string, int> { ["db"] = 3 }, _ => -1);
        budget.HasRoom("db", 3).ShouldBeFalse();
        budget.HasRoom("db", 2).ShouldBeFalse();
        budget.HasRoom("db", 1).ShouldBeTrue();
    }

    [Fact]
    public void Without_pools_there_is_always_room() => new TurnBudget(0, 0, null, isDraining: false, None, null).HasRoom("db", 1_000_000).ShouldBeTrue();
}
