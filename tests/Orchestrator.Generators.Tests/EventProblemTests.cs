using Shouldly;
using Xunit;

namespace Orchestrator.Generators.Tests;

public sealed class EventProblemTests
{
    private const string Good = "[EventType(\"good.one\", 4050, EventSeverity.Info)] public sealed partial record GoodOne(string Reason) : RunEvent;";

    [Fact]
    public void A_good_event_is_not_reported() => Source.Problems(Good).ShouldBeEmpty();

    [Fact]
    public void An_event_without_the_attribute_is_reported_and_an_abstract_one_or_another_record_is_not() =>
        Source.Problems("public sealed partial record Bare(string Reason) : RunEvent;\npublic abstract record Group : RunEvent;\npublic sealed record Other(int N) : IComparable { public int CompareTo(object? o) => 0; }")
            .ShouldBe(["EVT001 2: Event 'Bare' has no [EventType]: add its name, its number and its severity"]);

    [Theory]
    [InlineData(0)]
    [InlineData(-4050)]
    [InlineData(4000)]
    [InlineData(4200)]
    public void A_number_out_of_range_is_reported(int number) =>
        Source.Problems(Good.Replace("4050", number.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal))
            .ShouldBe([$"EVT002 2: The number {number} of event 'GoodOne' is out of range (4001-4199)"]);

    [Theory]
    [InlineData(4001)]
    [InlineData(4199)]
    public void The_first_and_the_last_number_are_taken(int number) =>
        Source.Problems(Good.Replace("4050", number.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal)).ShouldBeEmpty();

    [Fact]
    public void A_number_that_two_events_have_is_reported_with_both() =>
        Source.Problems(Good, "\n[EventType(\"good.two\", 4050, EventSeverity.Warn)] public sealed partial record GoodTwo : RunEvent;")
            .ShouldBe(["EVT003 3: Event 'GoodTwo' has number 4050 of 'GoodOne': give it the next free number"]);

    [Fact]
    public void A_name_that_two_events_have_is_reported_with_both() =>
        Source.Problems(Good, "[EventType(\"good.one\", 4051, EventSeverity.Warn)] public sealed partial record GoodTwo : RunEvent;")
            .ShouldBe(["EVT004 2: Event 'GoodTwo' has the name 'good.one' of 'GoodOne': choose another name"]);

    [Theory]
    [InlineData("good")]
    [InlineData("")]
    [InlineData("Good.one")]
    [InlineData("good.one.more")]
    [InlineData("good.")]
    [InlineData("good.one_")]
    [InlineData("good one.two")]
    public void A_malformed_name_is_reported(string name) =>
        Source.Problems(Good.Replace("good.one", name, StringComparison.Ordinal)).ShouldBe([$"EVT005 2: The name '{name}' of event 'GoodOne' is malformed: write lower-case words as in 'task.cancel_requested'"]);

    [Theory]
    [InlineData("public sealed record GoodOne : RunEvent;", "must be a sealed partial record of its own, neither nested nor generic")]
    [InlineData("public partial record GoodOne : RunEvent;", "must be a sealed partial record of its own, neither nested nor generic")]
    [InlineData("public sealed partial record GoodOne<T> : RunEvent;", "must be a sealed partial record of its own, neither nested nor generic")]
    [InlineData("public sealed partial record GoodOne;", "is not a JournalEvent: derive it from JournalEvent, RunEvent or TaskEvent")]
    public void A_record_of_another_form_is_reported(string record, string problem) =>
        Source.Problems("[EventType(\"good.one\", 4050, EventSeverity.Info)] " + record).ShouldBe([$"EVT006 2: Event 'GoodOne' {problem}"]);

    [Fact]
    public void A_nested_record_is_reported() =>
        Source.Problems("public static partial class Outer { " + Good + " }").ShouldBe(["EVT006 2: Event 'GoodOne' must be a sealed partial record of its own, neither nested nor generic"]);

    [Fact]
    public void A_member_that_the_journal_cannot_write_is_reported_unless_it_is_ignored()
    {
        const string Event = "[EventType(\"good.one\", 4050, EventSeverity.Info)] public sealed partial record GoodOne : RunEvent { HERE public decimal Price { get; init; } }";
        Source.Problems(Event.Replace("HERE", "", StringComparison.Ordinal)).ShouldBe(
            ["EVT007 2: Member 'GoodOne.Price' has the type decimal, which the journal cannot write: ignore the member with [JsonIgnore], or add the type to FieldKind"]);
        Source.Problems(Event.Replace("HERE", "[JsonIgnore]", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Fact]
    public void All_problems_are_reported_at_once() =>
        Source.Problems("[EventType(\"x\", 1, EventSeverity.Info)] public sealed record A : RunEvent;", "public sealed record B : RunEvent;").Select(p => p[..6]).ShouldBe(["EVT001", "EVT002", "EVT005", "EVT006"]);
}
